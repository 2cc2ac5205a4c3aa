"""What a row is asked beside the course of its patient's disease or habit.

As in `within.py`: all rows of a patient are among those that are asked.
"""

from typing import Literal

import polars as pl

from chronicle.core.codes import has_code
from chronicle.core.params import Params

SERIES = ["subject_id", "code"]


class Reversal(Params):
    """The answer does not unsay an earlier one: never, after having done so."""

    kind: Literal["reversal"]
    after: tuple[str, ...]
    never: tuple[str, ...]

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag answers that deny an earlier one."""
        did = pl.col("text_value").is_in(self.after).fill_null(False)
        before = did.cum_sum().over(SERIES) > 0
        return pl.col("text_value").is_in(self.never) & before


class Repeat(Params):
    """The code was not recorded for this patient at an earlier time."""

    kind: Literal["repeat"]

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag all but the first."""
        return pl.col("time") > pl.col("time").min().over(SERIES)


class Precedes(Params):
    """The first treatment comes no more than some days before its indication."""

    kind: Literal["precedes"]
    treatment: tuple[str, ...]
    indication: tuple[str, ...]
    days: int

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag first treatments; null where there is no indication at all."""
        given, due = has_code(self.treatment), has_code(self.indication)
        time, of = pl.col("time"), "subject_id"
        first = pl.when(given).then(time).min().over(of)
        reason = pl.when(due).then(time).min().over(of)
        late = reason - time > pl.duration(days=self.days)
        return pl.when(given & (time == first)).then(late)


class Once(Params):
    """A chronic diagnosis is recorded again where its patient is seen for years."""

    kind: Literal["once"]
    years: float

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag single records; null where nobody could have repeated them."""
        seen = pl.col("last_time") - pl.col("time")
        long = seen > pl.duration(days=int(365.25 * self.years))
        return pl.when(long).then(pl.len().over(SERIES) == 1)
