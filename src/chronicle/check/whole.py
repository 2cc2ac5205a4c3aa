"""What is asked of a table as a whole, from counts that add up over its files."""

from dataclasses import dataclass
from functools import reduce
from typing import Any, ClassVar, Literal

import polars as pl

from chronicle.core.expect.entry import NARROW
from chronicle.core.params import Params


@dataclass(frozen=True)
class Whole:
    """What is known of all files.

    Args:
        ledger: That of ingest.
        profile: As `reference.PROFILE`.
        before: That of the accepted run; empty where none was accepted.
    """

    ledger: dict[str, Any]
    profile: pl.DataFrame
    before: pl.DataFrame


class Ledger(Params):
    """Of the resources that ingest read, few had these fates or reasons.

    Args:
        count: Paths into reports/ledger.json, as `by_reason.orphan`; what is not there
            is nought.
        of: The path of their total.
    """

    shares: ClassVar[bool] = True
    kind: Literal["ledger"]
    count: tuple[str, ...]
    of: str

    def narrow(self, whole: Whole) -> pl.DataFrame:
        """Return the one row that is judged."""
        n = _number(whole.ledger, self.of)
        failed = sum(_number(whole.ledger, each) for each in self.count)
        row = ("all", "all", n, failed, failed / n if n else None)
        return pl.DataFrame([row], NARROW, orient="row")


class Volume(Params):
    """In no full year of a site does a type all but stop, or flood; or a lab.

    Dates are shifted by up to a year for each patient, so a shorter gap is blurred.

    Args:
        of: `rows`: by type; `labs`: numbers by code.
        low: Times the median year of that site and part, below which it stopped.
        high: The same, above which it floods.
        least: Median below which nothing is asked.
    """

    shares: ClassVar[bool] = True
    kind: Literal["volume"]
    of: Literal["rows", "labs"] = "rows"
    low: float
    high: float
    least: int

    def narrow(self, whole: Whole) -> pl.DataFrame:
        """Return a row for each site and type; `n` are its years."""
        rows = whole.profile.filter(pl.col("of") == self.of)
        every = whole.profile.filter(pl.col("of") == "rows")
        years = _full_years(every).join(rows.select("site", "part").unique(), on="site")
        counted = years.join(
            rows.select("site", "part", "year", "n"),
            on=["site", "part", "year"],
            how="left",
        ).with_columns(pl.col("n").fill_null(0))
        usual = pl.col("n").median().over("site", "part")
        odd = (pl.col("n") < self.low * usual) | (pl.col("n") > self.high * usual)
        return (
            counted.with_columns(odd=odd, usual=usual)
            .filter(pl.col("usual") >= self.least)
            .group_by("site", "part")
            .agg(n=pl.len().cast(pl.Int64), failed=pl.col("odd").sum().cast(pl.Int64))
            .with_columns(share=pl.col("failed") / pl.col("n"))
            .select(*NARROW)
            .sort("site", "part")
        )


def _full_years(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the years of each site, save the two at each end.

    Between them lie 99 of 100 rows: a birth recorded from memory begins no archive.
    """
    by_year = rows.group_by("site", "year").agg(pl.col("n").sum()).sort("site", "year")
    upto = pl.col("n").cum_sum().over("site") / pl.col("n").sum().over("site")
    inside = by_year.filter(upto.is_between(0.005, 0.995))
    ends = inside.group_by("site").agg(
        low=pl.col("year").min() + 2, high=pl.col("year").max() - 1
    )
    spans = ends.filter(pl.col("low") < pl.col("high")).with_columns(
        year=pl.int_ranges("low", "high", dtype=pl.Int32)
    )
    return spans.select("site", "year").explode("year")


def _number(found: Any, path: str) -> int:
    def step(at: Any, name: str) -> Any:
        return at.get(name, {}) if isinstance(at, dict) else {}

    number = reduce(step, path.split("."), found)
    return number if isinstance(number, int) else 0
