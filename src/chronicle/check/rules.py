"""What a row of a table is asked, by itself: each rule is a parameter set and a flag.

A rule's `failed` gives an expression over the rows that are asked: true where the row
fails, null where there is nothing to ask. `meta.rule` in a suite holds its parameters.
Rules that look at a patient's other rows are in `within.py`.
"""

from datetime import datetime
from typing import Literal

import polars as pl

from chronicle.check.digits import holds
from chronicle.core.params import Params

DAY_US = 86_400_000_000


class Range(Params):
    """The column lies between two bounds, both allowed; a time is given as a date."""

    kind: Literal["range"]
    column: str
    low: float | datetime | None = None
    high: float | datetime | None = None

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag what lies beyond a bound."""
        column = pl.col(self.column)
        low, high = (
            None if each is None else pl.lit(each) for each in (self.low, self.high)
        )
        beyond = column != column
        beyond = beyond if low is None else beyond | (column < low)
        return beyond if high is None else beyond | (column > high)


class Limits(Params):
    """The number lies between the two bounds of its code.

    Not asked of who is known to be younger than `least_age`, in years.
    """

    kind: Literal["limits"]
    of: dict[str, tuple[float, float]]
    least_age: float = 0

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag what lies beyond its code's bounds."""
        value = pl.col("numeric_value")
        low, high = (
            pl.col("code").replace_strict(
                {code: pair[at] for code, pair in self.of.items()},
                default=None,
                return_dtype=pl.Float64,
            )
            for at in (0, 1)
        )
        beyond = (value < low) | (value > high)
        if not self.least_age:
            return beyond
        return pl.when((pl.col("age") >= self.least_age).fill_null(True)).then(beyond)


class Regex(Params):
    """The text matches a pattern; with `never`, it does not."""

    kind: Literal["regex"]
    column: str
    pattern: str
    never: bool = False

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag what does not match, or what does."""
        return pl.col(self.column).str.contains(self.pattern) == self.never


class Set(Params):
    """The column is one of these values; with `never`, none of them."""

    kind: Literal["set"]
    column: str
    values: tuple[str, ...]
    never: bool = False

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag what is not among them, or what is."""
        return pl.col(self.column).is_in(self.values) == self.never


class Null(Params):
    """The column is there, or is there wherever the column `beside` is.

    Args:
        column: Which.
        beside: See above.
        unless: Words of value_fate: such rows are not asked.
    """

    kind: Literal["null"]
    column: str
    beside: str | None = None
    unless: tuple[str, ...] = ()

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag what is absent."""
        asked = pl.lit(True)
        if self.beside:
            asked &= pl.col(self.beside).is_not_null()
        if self.unless:
            asked &= pl.col("value_fate").is_in(self.unless).fill_null(False).not_()
        return pl.when(asked).then(pl.col(self.column).is_null())


class Fate(Params):
    """Nothing of this kind had to be done to the value when it was read."""

    kind: Literal["fate"]
    words: tuple[str, ...]

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag values with such a word in value_fate."""
        return pl.col("value_fate").is_in(self.words).fill_null(False)


class Order(Params):
    """`first` comes before `then`, or at most `slack_days` after it."""

    kind: Literal["order"]
    first: str
    then: str
    slack_days: float = 0

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag what comes too late; null where one of the two is unknown."""
        late = pl.col(self.first) - pl.col(self.then)
        return late > pl.duration(microseconds=int(self.slack_days * DAY_US))


class CheckDigit(Params):
    """The last digit of a SNOMED or LOINC code fits the others."""

    kind: Literal["check_digit"]

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag codes whose digit does not; other systems have none."""
        known = {code: holds(code) for code in rows["code"].unique().to_list()}
        wrong = [code for code, right in known.items() if right is False]
        asked = [code for code, right in known.items() if right is not None]
        code = pl.col("code")
        return pl.when(code.is_in(asked)).then(code.is_in(wrong))


class Heaping(Params):
    """The number is no multiple of `of`; by chance, one in `of` is."""

    kind: Literal["heaping"]
    of: int

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag multiples."""
        return pl.col("numeric_value") % self.of == 0


class Midnight(Params):
    """The time is not exactly midnight, which stands for a day without a time."""

    kind: Literal["midnight"]

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag midnights."""
        time = pl.col("time")
        return time == time.dt.truncate("1d")
