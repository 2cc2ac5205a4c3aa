"""Chapters, ledger and verdicts into one page and its figures: templates beside us."""

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from chronicle.report import words
from chronicle.report.beside import shown
from chronicle.report.chapter import Chapter
from chronicle.report.figure import Figure
from chronicle.report.figures import figures
from chronicle.report.metrics import (
    METRICS,
    found_and_flagged,
    highest_group,
    without_a_model,
    worth_it,
)
from chronicle.report.names import group_name
from chronicle.report.verdict import Verdicts

# Fate of a resource -> its name and what it means.
FATES = {
    "accepted": ("accepted", "it is in the tables"),
    "not_used": ("not used", "valid, and of a kind that no table here holds"),
    "duplicate": ("duplicate", "the same resource again, with the same content"),
    "superseded": ("superseded", "an older version of a resource that came as well"),
    "deleted": ("deleted", "the source says that it is gone, or is what says so"),
    "refused": ("refused", "it may not enter; kept apart, with the reason"),
}


def page(ledger: dict[str, Any], verdicts: Verdicts, chapters: list[Chapter]) -> str:
    """Return the page.

    Args:
        ledger: What came in and what became of it.
        verdicts: What the checks said.
        chapters: The diseases, in the order of `params.yaml`.
    """
    # Only this script may run: its hash stands in the policy of the page.
    script = files("chronicle.report").joinpath("line.js").read_text(encoding="utf-8")
    return (
        _templates()
        .get_template("page.html")
        .render(
            ledger=ledger,
            fates=FATES,
            shares=[(fate, ledger["total"][fate]) for fate in FATES],
            verdicts=verdicts,
            chapters=[(each, figures(each)) for each in chapters],
            metrics=METRICS,
            beside=shown(),
            alone=False,
            script=script,
            script_hash=f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}",
        )
    )


def card(chapter: Chapter) -> str:
    """Return the model card of a disease, with its TRIPOD+AI checklist."""
    made = _templates().get_template("card.html")
    return made.render(chapter=chapter, metrics=METRICS)


def drawing(figure: Figure) -> str:
    """Return a figure as an SVG file of its own."""
    return (
        _templates()
        .get_template(f"{figure.name}.svg.html")
        .render(figure=figure, alone=True)
    )


def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("chronicle.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "thousands": words.thousands,
        "counted": words.counted,
        "percent": words.percent,
        "span": words.span,
        "interval": words.interval,
        "share_interval": words.share_interval,
        "meaning": words.meaning,
        "group_name": group_name,
        "capitalized": words.capitalized,
    }
    made.globals |= {
        "found_and_flagged": found_and_flagged,
        "worth_it": worth_it,
        "highest_group": highest_group,
        "without_a_model": without_a_model,
    }
    return made
