"""Today's tables beside those of the run that was accepted: counts, mixes, values.

A profile is counts that add up over files. `make accept` sets it aside as the one that
later runs are compared with. It names no patient, and cells of few rows are left out.
"""

from collections.abc import Sequence
from math import log
from pathlib import Path
from typing import Literal

import polars as pl

from chronicle.check.whole import Whole
from chronicle.core import store
from chronicle.core.expect.entry import NARROW
from chronicle.core.params import Params

PROFILE = {
    "of": pl.String(),
    "site": pl.String(),
    "part": pl.String(),
    "year": pl.Int32(),
    "bin": pl.String(),
    "n": pl.Int64(),
}
CELL = ["of", "site", "part", "year", "bin"]
FEWEST = 10  # rows in a cell that may be written
BINS = 6 / log(2)  # of a value: six to a doubling
FLOOR = 1e-4  # share that an absent bin is given, so that its logarithm exists


def profile(events: pl.DataFrame) -> pl.DataFrame:
    """Count a slice of events; see `PROFILE`.

    `rows` by type and year; `labs` (numbers) by code and year; `nulls` by column (bin:
    null or known); `systems` by type (bin: code system); `units` by code (bin: unit as
    written); `values` by code (bin: logarithm of the value, or below).
    """
    site, kind, code = pl.col("site"), pl.col("resource_type"), pl.col("code")
    value, nowhere = pl.col("numeric_value"), pl.lit("-")
    system = code.str.split("//").list.first()
    bins = (value.log() * BINS).floor().cast(pl.Int32, strict=False).cast(pl.String)
    numbers = events.filter(value.is_not_null())
    read = events.filter(pl.col("source_value").is_not_null())
    year = pl.col("time").dt.year()
    some = [
        _counted("rows", events, site, kind, nowhere, year),
        _counted("labs", numbers, site, code, nowhere, year),
        _counted("systems", events, site, kind, system),
        _counted("units", read, site, code, pl.col("source_unit").fill_null("-")),
        _counted("values", numbers, site, code, bins.fill_null("below")),
    ]
    for name in ("numeric_value", "encounter_id", "end_time", "text_value"):
        null = pl.when(pl.col(name).is_null()).then(pl.lit("null"))
        known = null.otherwise(pl.lit("known"))
        some.append(_counted("nulls", events, site, kind + f".{name}", known))
    return total(some)


def total(profiles: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Add up the profiles of several slices."""
    return (
        pl.concat([pl.DataFrame(schema=PROFILE), *profiles])
        .group_by(CELL)
        .agg(pl.col("n").sum())
        .sort(CELL)
    )


def enough(found: pl.DataFrame) -> pl.DataFrame:
    """Leave out cells of so few rows that they may tell of one person."""
    return found.filter(pl.col("n") >= FEWEST)


def write(found: pl.DataFrame, path: Path) -> None:
    """Write a profile as text, so that a person can read what was accepted."""
    store.write_text(found.write_csv(), path)


def read(path: Path) -> pl.DataFrame:
    """Read a profile; empty where none was accepted yet."""
    if not path.exists():
        return pl.DataFrame(schema=PROFILE)
    return pl.read_csv(path, schema=PROFILE)


def _counted(
    of: str,
    frame: pl.DataFrame,
    site: pl.Expr,
    part: pl.Expr,
    kind: pl.Expr,
    year: pl.Expr | None = None,
) -> pl.DataFrame:
    at = pl.lit(0) if year is None else year
    told = frame.select(
        of=pl.lit(of), site=site, part=part, year=at.cast(pl.Int32), bin=kind
    )
    told = told.group_by(CELL).agg(n=pl.len().cast(pl.Int64))
    return told.select(*PROFILE).sort(CELL)


class Drift(Params):
    """A site sends what it sent in the run that was accepted.

    Args:
        of: `rows`, `labs`: what is judged is the share of rows of a type, or of numbers
            of a code, that is missing; the others: the population stability index of
            the mix or distribution (sum of (p - q) ln(p / q) over its bins), where 0.2
            is a shift.
        least: Rows of a part then, below which it is not asked.

    Where nothing was accepted yet, nothing is asked.
    """

    kind: Literal["drift"]
    of: Literal["rows", "labs", "nulls", "systems", "units", "values"]
    least: int

    def narrow(self, whole: Whole) -> pl.DataFrame:
        """Return a row for each site and part of the reference.

        Of a change of systems, the part says which one lost most, and which gained.
        """
        of = ["site", "part"]
        both = self._both(whole)
        p, q = (
            (pl.col(name) / pl.col(name).sum().over(of)).clip(FLOOR)
            for name in ("n_now", "n")
        )
        index = ((p - q) * (p / q).log()).fill_nan(0)
        moved = pl.col("bin").sort_by("moved", "bin")
        missing = 1 - pl.col("n_now").sum() / pl.col("n").sum()
        return (
            both.with_columns(index=index, moved=p - q)
            .group_by(of)
            .agg(
                lost=moved.first(),
                gained=moved.last(),
                n=pl.col("n").sum(),
                failed=(pl.col("n") - pl.col("n_now")).sum().clip(0),
                share=missing if self.of in ("rows", "labs") else pl.col("index").sum(),
            )
            .filter(pl.col("n") >= self.least)
            .with_columns(part=self._part())
            .select(pl.col(name).cast(kind) for name, kind in NARROW.items())
            .sort(of)
        )

    def _both(self, whole: Whole) -> pl.DataFrame:
        """Return the cells of then and now, `n` and `n_now`."""
        cell = ["site", "part", "bin"]
        now, then = (
            each.filter(pl.col("of") == self.of).group_by(cell).agg(pl.col("n").sum())
            for each in (whole.profile, whole.before)
        )
        both = then.join(now, on=cell, how="full", coalesce=True, suffix="_now")
        return both.with_columns(pl.col("n", "n_now").fill_null(0))

    def _part(self) -> pl.Expr:
        if self.of != "systems":
            return pl.col("part")
        told = pl.format("{}, from {} to {}", "part", "lost", "gained")
        return pl.when(pl.col("lost") != pl.col("gained")).then(told).otherwise("part")
