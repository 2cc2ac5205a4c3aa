"""Stage `report`: ledger, verdicts, cohorts, evaluations -> the page, in reports/."""

from pathlib import Path

from pydantic import ConfigDict

from chronicle.core import params, store
from chronicle.core.disease import Disease
from chronicle.core.params import Params
from chronicle.report import page, summary
from chronicle.report.figures import figures
from chronicle.report.findings import Findings, Outcome


class ReportParams(Params):
    """The one key of `params.yaml` that is no stage's own: which diseases run."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    diseases: tuple[str, ...]


def run(
    ledger: Path,
    checks: Path,
    cohorts: Path,
    evaluations: Path,
    diseases: Path,
    reports: Path,
) -> None:
    """Write the page, its figures as files, and the run in a few lines."""
    slugs = params.load(params.FILE, ReportParams).diseases
    found = Findings(
        ledger=store.read_json(ledger),
        verdicts=[store.read_json(path) for path in sorted(checks.glob("*.json"))],
        outcomes=[
            Outcome(
                slug=slug,
                disease=params.load(diseases / f"{slug}.yaml", Disease),
                flow=store.read_json(cohorts / slug / "flow.json"),
                evaluation=store.read_json(evaluations / f"{slug}.json"),
            )
            for slug in slugs
        ],
    )
    with store.folder(reports / "figures") as folder:
        for name, svg in figures(found).items():
            store.write_text(svg, folder / f"{name}.svg")
    store.write_text(page.render(found), reports / "report.html")
    told = summary.render(found, page=reports / "report.html")
    store.write_text(told, reports / "summary.txt")
