"""Verdicts and counts into one static page that opens offline and quotes no value."""

from typing import Any

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined

ORDER = {"critical": 0, "warning": 1, "info": 2}
ACTIONS = {
    "refuse": ("refused", "the whole resource is left out"),
    "null": ("nulled", "the value is left out, the row stays"),
    "flag": ("flagged", "kept as it is, and listed"),
}
FEW = 0.002  # of a check's rows: a year with fewer is not drawn


def render(
    verdicts: list[dict[str, Any]],
    balance: dict[str, Any],
    counts: dict[str, pl.DataFrame],
    read: dict[str, Any],
) -> str:
    """Return the page; what failed comes first.

    Args:
        verdicts: As `suite.judge` returns them.
        balance: Of each table, as `act.ledger` returns it.
        counts: Of each table, as `flag.COUNTS`.
        read: The ledger of ingest.
    """
    pages = Environment(
        loader=PackageLoader("chronicle.check", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {"thousands": "{:,}".format, "percent": _percent}
    shown = [
        verdict
        | {"asked": sorted(verdict["expectations"].items(), key=_urgency)}
        | _seen(counts[verdict["table"]], verdict["expectations"])
        | {"balance": balance[verdict["table"]]}
        for verdict in verdicts
    ]
    stopping = [
        (verdict["table"], name, each)
        for verdict in shown
        for name, each in verdict["asked"]
        if not each["passed"] and (each["severity"] == "critical" or each["errored"])
    ]
    return pages.get_template("page.html").render(
        verdicts=shown, actions=ACTIONS, read=read, stopping=stopping
    )


def _urgency(asked: tuple[str, dict[str, Any]]) -> tuple[bool, int, str]:
    name, answer = asked
    urgency = 0 if answer["errored"] else ORDER[answer["severity"]]
    return answer["passed"], urgency, name


def _seen(counts: pl.DataFrame, answers: dict[str, Any]) -> dict[str, Any]:
    """Return where rows failed: their share by site, by type or code, and by year.

    First those of which more failed than may.
    """
    failed = counts.group_by("id").agg(pl.col("n", "failed").sum())
    passed = pl.col("id").is_in([each for each in answers if answers[each]["passed"]])
    some = failed.filter(pl.col("failed") > 0)
    some = some.sort(passed, pl.col("failed").neg(), "id")
    sites = sorted(counts["site"].unique().to_list())
    return {
        "failing": some["id"].to_list(),
        "sites": sites,
        "by_site": _shares(counts, "site"),
        "by_part": _shares(counts, "part"),
        "by_year": {
            name: _line(counts.filter(pl.col("id") == name)) for name in some["id"]
        },
    }


def _shares(counts: pl.DataFrame, by: str) -> dict[str, dict[str, tuple[int, int]]]:
    told = counts.group_by("id", by).agg(pl.col("n", "failed").sum())
    found: dict[str, dict[str, tuple[int, int]]] = {}
    # Of as many, the first by name: groups come in any order.
    told = told.sort("id", pl.col("failed").neg(), by)
    for name, at, n, failed in told.iter_rows():
        found.setdefault(name, {})[at] = (failed, n)
    return found


def _line(counts: pl.DataFrame) -> list[tuple[int, float]]:
    years = counts.group_by("year").agg(pl.col("n", "failed").sum()).drop_nulls("year")
    enough = years.filter(pl.col("n") >= FEW * pl.col("n").sum()).sort("year")
    return [(year, failed / n) for year, n, failed in enough.iter_rows()]


def _percent(failed: int, of: int) -> str:
    """Return a share in percent, such that what is not nought does not look like it."""
    share = 100 * failed / of if of else 0
    if share == 0 or share >= 10:
        return f"{share:.0f} %"
    return "< 0.01 %" if share < 0.01 else f"{share:.2g} %"
