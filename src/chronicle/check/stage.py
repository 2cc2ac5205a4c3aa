"""Stage `check`: data/tables + expectations -> reports/checks."""

from pathlib import Path

from chronicle.check import entry, page, suite
from chronicle.core import store
from chronicle.core.tables import EVENTS, PATIENTS

JUDGED = (PATIENTS, EVENTS)


def run(tables: Path, expectations: Path, checks: Path) -> None:
    """Judge each table by its suite; ends well even where a verdict is bad.

    The gate is another stage, so that a bad verdict and its page are kept by DVC.
    """
    paths = {table.name: expectations / f"{table.name}.json" for table in JUDGED}
    asked = [(table, entry.read(paths[table.name], table)) for table in JUDGED]
    verdicts = {
        table.name: suite.judge(
            store.read(table, tables / table.name),
            questions,
            where=str(paths[table.name]),
        )
        for table, questions in asked
    }
    for name, verdict in verdicts.items():
        store.write_json(verdict, checks / f"{name}.json")
    store.write_text(page.render(list(verdicts.values())), checks / "index.html")
