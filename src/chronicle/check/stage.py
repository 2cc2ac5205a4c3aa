"""Stage `check`: data/tables + expectations -> reports/checks."""

from pathlib import Path

from chronicle.check import entry, page, suite
from chronicle.core import store
from chronicle.core.tables import EVENTS, PATIENTS

JUDGED = {table.name: table for table in (PATIENTS, EVENTS)}


def run(tables: Path, expectations: Path, checks: Path) -> None:
    """Judge each table by its suite; ends well even where a verdict is bad.

    The gate is another stage, so that a bad verdict and its page are kept by DVC.
    """
    suites = entry.read_all(expectations, JUDGED)
    for name, asked in suites.items():
        suite.understood(asked, where=str(expectations / f"{name}.json"))
    verdicts = [
        suite.judge(store.read(JUDGED[name], tables / name), asked)
        for name, asked in suites.items()
    ]
    for verdict in verdicts:
        store.write_json(verdict, checks / f"{verdict['table']}.json")
    store.write_text(page.render(verdicts), checks / "index.html")
