"""The run in a few lines, for the terminal."""

from pathlib import Path

from chronicle.report.findings import Findings, Outcome
from chronicle.report.words import count, interval

FATES = ("read", "accepted", "refused", "duplicate", "not_used")


def render(found: Findings, *, page: Path) -> str:
    """Return where the report is, what came in, and a line a disease."""
    total = found.ledger["total"]
    lines = [
        f"report     {page}",
        "resources  "
        + ", ".join(f"{count(total[fate])} {fate.replace('_', ' ')}" for fate in FATES),
        *_refusals(found),
        "checks     " + "; ".join(_verdict(each) for each in found.verdicts),
        *(_line(each) for each in found.outcomes),
    ]
    return "\n".join(lines) + "\n"


def _refusals(found: Findings) -> list[str]:
    reasons = found.ledger["by_reason"].items()
    told = ", ".join(f"{reason} {count(n)}" for reason, n in reasons)
    return [f"refused    {told}"] if told else []


def _verdict(verdict: dict[str, object]) -> str:
    passed = "passed" if verdict["passed"] else "REJECTED"
    return f"{verdict['table']} {passed}, {verdict['warnings']} warnings"


def _line(each: Outcome) -> str:
    start = (
        f"{each.slug:<15}{count(each.at_risk['patients'])} patients, "
        f"{count(each.outcomes)} with an onset"
    )
    if not each.trained:
        reason = str(each.evaluation["reason"]).removeprefix("too few outcomes: ")
        return f"{start}: too few outcomes: not trained ({reason})"
    few = " (few outcomes: read with care)" if each.few else ""
    return f"{start}: AUROC {interval(each.metric('auroc'))}{few}"
