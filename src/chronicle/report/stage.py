"""Stage `report`: ledger, verdicts, cohorts, evaluations -> the page and figures."""

from pathlib import Path

from pydantic import ConfigDict, Field

from chronicle.core import params, store
from chronicle.core.disease import Disease
from chronicle.core.params import Params
from chronicle.report.chapter import Chapter
from chronicle.report.figures import figures
from chronicle.report.page import card, drawing, page
from chronicle.report.summary import summary
from chronicle.report.verdict import Verdicts

TABLES = ("patients", "events")


class ReportParams(Params):
    """`diseases`: which are told of, in this order. Other keys are other stages'."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    diseases: tuple[str, ...] = Field(min_length=1)


def run(
    ledger: Path,
    checks: Path,
    cohorts: Path,
    evaluations: Path,
    promotions: Path,
    explained: Path,
    drifts: Path,
    diseases: Path,
    reports: Path,
) -> None:
    """Write the page, the summary, the model cards and the figures."""
    chapters = [
        Chapter(
            slug,
            params.load(diseases / f"{slug}.yaml", Disease),
            store.read_json(cohorts / slug / "flow.json"),
            store.read_json(evaluations / f"{slug}.json"),
            store.read_json(promotions / f"{slug}.json"),
            store.read_json(explained / f"{slug}.json"),
            store.read_json(drifts / f"{slug}.json"),
        )
        for slug in params.load(params.FILE, ReportParams).diseases
    ]
    came_in = store.read_json(ledger)
    verdicts = Verdicts([store.read_json(checks / f"{name}.json") for name in TABLES])
    file = reports / "report.html"
    store.write_text(page(came_in, verdicts, chapters), file)
    store.write_text(
        summary(file, came_in, verdicts, chapters), reports / "summary.txt"
    )
    with store.folder(reports / "cards") as folder:
        for one in chapters:
            store.write_text(card(one), folder / f"{one.slug}.html")
    with store.folder(reports / "figures") as folder:
        for figure in (each for one in chapters for each in figures(one).values()):
            store.write_text(drawing(figure), folder / f"{figure.key}.svg")
