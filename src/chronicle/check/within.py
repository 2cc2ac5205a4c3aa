"""What a row is asked beside the other rows of its patient.

As in `rules.py`, `failed` gives an expression over the rows that are asked, which are
sorted by patient, code and time; all rows of a patient are among them. With `numbers`,
rows without a number are not: else a missing value would part neighbours. What a
number is asked beside those before and after it is in `neighbours.py`.
"""

from typing import Literal

import polars as pl

from chronicle.core.params import Params

SERIES = ["subject_id", "code"]
VALUE = pl.col("numeric_value")


def beside(column: str, step: int) -> pl.Expr:
    """Return the column of the row `step` before, of the same patient and code."""
    same = pl.all_horizontal(
        pl.col(each) == pl.col(each).shift(step) for each in SERIES
    )
    return pl.when(same).then(pl.col(column).shift(step))


def _near(step: int, minutes: float) -> pl.Expr:
    apart = (pl.col("time") - beside("time", step)).abs()
    other = pl.col("provenance") != beside("provenance", step)
    # On two visits a day somebody is measured twice, and may well have the same values.
    visit = (pl.col("encounter_id") == beside("encounter_id", step)).fill_null(True)
    one = visit | ((apart == pl.duration()) & _timed())
    return ((apart <= pl.duration(minutes=minutes)) & other & one).fill_null(False)


def _timed() -> pl.Expr:
    return pl.col("time") != pl.col("time").dt.truncate("1d")


def off(step: int) -> pl.Expr:
    """Return by which share of the smaller the value differs from a neighbour's."""
    other = beside("numeric_value", step)
    low = pl.min_horizontal(VALUE.abs(), other.abs())
    return (VALUE - other).abs() / low


class Duplicate(Params):
    """No earlier row of another resource says the same within some minutes.

    The same: code, answer and value, save for `share` of it, and what is in the columns
    `alike`. Of a day without a time of day, two values in the same unit are the same
    only if they are equal: people are weighed twice a day. Of two encounters, only what
    was said at the same instant, with a time of day, is the same. The first one passes.
    """

    kind: Literal["duplicate"]
    minutes: float
    share: float
    alike: tuple[str, ...] = ()

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag all but the first."""
        same = pl.any_horizontal(self._same(step) for step in (1, 2))
        return pl.when(pl.col("code").str.starts_with("UNCODED//").not_()).then(same)

    def _same(self, step: int) -> pl.Expr:
        answer = pl.all_horizontal(
            pl.col(each).eq_missing(beside(each, step))
            for each in ("text_value", *self.alike)
        )
        nothing = VALUE.is_null() & beside("numeric_value", step).is_null()
        other = pl.col("source_unit").ne_missing(beside("source_unit", step))
        equal = (off(step) <= self.share).fill_null(False) & (
            _timed() | other
        ) | nothing
        same = beside("numeric_value", step) == VALUE
        return _near(step, self.minutes) & answer & (equal | same.fill_null(False))


class Echo(Params):
    """A local code does not repeat a LOINC one: its number and unit, minutes later.

    Of another resource: in its own, several codes say what one number is.
    """

    kind: Literal["echo"]
    minutes: float

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag rows of other codes than LOINC's that come just after their double."""
        same = ["subject_id", "source_value", "source_unit"]
        standard = pl.col("code").str.starts_with("LOINC//")
        last = pl.when(standard).then("time").forward_fill()
        age = pl.col("time") - last.over(same, order_by=["time", ~standard])
        soon = (age <= pl.duration(minutes=self.minutes)).fill_null(False)
        alone = ~standard.any().over("provenance", *same)
        return pl.when(~standard & pl.col("source_value").is_not_null()).then(
            soon & alone
        )


class Conflict(Params):
    """No other resource gives another value of this code within some minutes.

    Of two encounters, at the same instant, with a time of day.
    """

    kind: Literal["conflict"]
    minutes: float
    share: float

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag every side of a conflict: none is known to be right."""
        sides = (_near(each, self.minutes) & self._differs(each) for each in (-1, 1))
        named = pl.col("code").str.starts_with("UNCODED//").not_()
        return pl.when(VALUE.is_not_null() & named).then(pl.any_horizontal(sides))

    def _differs(self, step: int) -> pl.Expr:
        return (off(step) > self.share).fill_null(False)


class Above(Params):
    """One of two values of the same patient and time is the larger."""

    kind: Literal["above"]
    more: str
    less: str

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag both where they are not; null where only one is there."""
        at, code = ["subject_id", "time"], pl.col("code")
        more = pl.when(code == self.more).then(VALUE).min().over(at)
        less = pl.when(code == self.less).then(VALUE).max().over(at)
        return more <= less


class BodyMass(Params):
    """A body mass index is what weight and height of the same time make."""

    kind: Literal["body_mass"]
    index: str
    weight: str
    height: str
    off: float

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag indexes; null where weight or height are not known."""
        at, code = ["subject_id", "time"], pl.col("code")
        weight = pl.when(code == self.weight).then(VALUE).min().over(at)
        height = pl.when(code == self.height).then(VALUE).min().over(at)
        made = weight / (height / 100) ** 2
        return pl.when(code == self.index).then((VALUE - made).abs() > self.off)
