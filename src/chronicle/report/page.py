"""The one page that a clinician reads: no request leaves it."""

from typing import Any

from markupsafe import Markup

from chronicle.report import figures
from chronicle.report.findings import Findings, Outcome

METRICS = (
    (
        "auroc",
        "AUROC",
        "Of one person who gets the disease and one who does not, how often the first "
        "has the higher risk. 0.5 is a coin, 1 is always.",
    ),
    (
        "auprc",
        "AUPRC",
        "Mean share of true alarms over all alarm thresholds. A coin reaches the share "
        "of people who get the disease.",
    ),
    ("brier", "Brier score", "Mean squared error of the risks. 0 is perfect."),
    (
        "observed_expected",
        "Observed / expected",
        "Above 1, more people got the disease than the risks said.",
    ),
    (
        "calibration_intercept",
        "Calibration intercept",
        "Above 0, risks are too low on the whole. 0 is ideal.",
    ),
    (
        "calibration_slope",
        "Calibration slope",
        "Below 1, high risks are too high and low ones too low. 1 is ideal.",
    ),
)
FATES = ("accepted", "refused", "duplicate", "not_used")
STATUS = {
    "onset": "got the disease within the horizon",
    "death": "died first",
    "horizon": "reached the horizon without it",
    "censored": "were lost before it was known",
}


def render(found: Findings) -> str:
    """Return the page."""
    return (
        figures.templates()
        .get_template("page.html")
        .render(
            total=found.ledger["total"],
            ledger=found.ledger,
            fates=FATES,
            types=_by_size(found.ledger["by_type"]),
            verdicts=found.verdicts,
            diseases=[_shown(each) for each in found.outcomes],
            metrics=METRICS,
            status=STATUS,
        )
    )


def _by_size(by_type: dict[str, Any]) -> list[tuple[str, dict[str, int]]]:
    return sorted(by_type.items(), key=lambda each: (-each[1]["read"], each[0]))


def _shown(outcome: Outcome) -> dict[str, Any]:
    drawn = figures.of(outcome) if outcome.trained else {}
    return {
        "found": outcome,
        "disease": outcome.disease,
        # Drawn by our own templates, which escape what they are given.
        "figures": {kind: Markup(svg) for kind, svg in drawn.items()},  # noqa: S704
    }
