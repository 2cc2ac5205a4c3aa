"""What a number is asked beside those before and after it, of the same person and code.

As in `within.py`: all rows of a patient are among those that are asked.
"""

from functools import reduce
from operator import add
from typing import ClassVar, Literal

import polars as pl

from chronicle.check.within import SERIES, VALUE, beside, off
from chronicle.core.params import Params

NEIGHBOURS = (-2, -1, 1, 2)
ADULT = 18  # years
ALIKE = 1.5  # times what values differ among themselves: farther off is another thing
FAR = 0.75  # of the logarithm of a factor: nearer to it than to nothing


class Jump(Params):
    """The value is not `ratio` times its neighbours in time, or a `ratio`th of them.

    Asked of adults, where two of the four nearest values of the same code are there
    (with `usual`, one). One of the farther ones may be odd itself; all others must
    agree that this one is.

    Args:
        ratio: Code -> how far.
        back: Where values before and after are alike, what lies between went there and
            came back: this share of the ratio's logarithm is enough. Illness does so,
            too: nothing to take a value away for.
        usual: Code -> what most people have. Where only one other value is there, the
            odd one of the two is the one that lies outside.
    """

    numbers: ClassVar[bool] = True
    kind: Literal["jump"]
    ratio: dict[str, float]
    back: float | None = None
    usual: dict[str, tuple[float, float]] = {}  # noqa: RUF012, pydantic copies it

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag values far from their neighbours."""
        limit = _by_code(self.ratio)
        votes = [off(step) > limit - 1 for step in NEIGHBOURS]
        odd = _outvoted(votes)
        if self.back is not None:
            odd |= self._came_back(limit.log() * self.back).fill_null(False)
        if self.usual:
            odd |= self._alone(votes)
        asked = VALUE.is_not_null() & (_known(votes) >= (1 if self.usual else 2))
        return pl.when(asked & _grown()).then(odd)

    def _came_back(self, far: pl.Expr) -> pl.Expr:
        logs = [_log(beside("numeric_value", step)) for step in NEIGHBOURS]
        low, high = pl.min_horizontal(logs), pl.max_horizontal(logs)
        off = (_log(VALUE) - pl.mean_horizontal(logs)).abs()
        beyond = ~_log(VALUE).is_between(low, high)
        asked = (_known(logs) >= 3) & logs[1].is_not_null() & logs[2].is_not_null()
        return asked & beyond & (off > far) & (off > ALIKE * (high - low))

    def _alone(self, votes: list[pl.Expr]) -> pl.Expr:
        low, high = _bounds(self.usual)
        others = [beside("numeric_value", step) for step in NEIGHBOURS]
        right = pl.any_horizontal(each.is_between(low, high) for each in others)
        odd = pl.any_horizontal(votes) & ~VALUE.is_between(low, high) & right
        return (_known(votes) == 1) & odd.fill_null(False)


class Factor(Params):
    """The value is not that of its neighbours, or of its person, in another unit.

    Args:
        factors: Code -> how many times larger the number is in the other unit.
        tolerance: By which share the ratio to a neighbour may differ from that factor.
        usual: Code -> what most people have. Where there are fewer than two other
            values: it lies outside, and in the other unit it would lie inside.
    """

    numbers: ClassVar[bool] = True
    kind: Literal["factor"]
    factors: dict[str, float]
    tolerance: float
    usual: dict[str, tuple[float, float]] = {}  # noqa: RUF012, pydantic copies it

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag values whose ratio to those is the factor, or its inverse."""
        factor = _by_code(self.factors)
        jumps = [
            ((off(step) + 1) / factor - 1).abs() <= self.tolerance
            for step in NEIGHBOURS
        ]
        # In a month in which a site writes another unit, neighbours have it too.
        adult = pl.when(_grown()).then(VALUE)
        far = (VALUE / adult.median().over(SERIES)).log().abs() / factor.log()
        several = adult.count().over(SERIES) >= 3
        swapped = far.is_between(FAR, 2 - FAR) & several & _grown()
        alone = ~several & self._fits_otherwise(factor)
        told = _outvoted(jumps)
        return pl.when(VALUE.is_not_null() & _grown()).then(
            told | swapped.fill_null(False) | alone.fill_null(False)
        )

    def _fits_otherwise(self, factor: pl.Expr) -> pl.Expr:
        low, high = _bounds(self.usual)
        more, less = VALUE * factor, VALUE / factor
        below = (low > VALUE) & more.is_between(low, high)
        return below | ((high < VALUE) & less.is_between(low, high))


def _outvoted(votes: list[pl.Expr]) -> pl.Expr:
    known = _known(votes)
    against = reduce(add, (each.fill_null(False).cast(pl.Int8) for each in votes))
    # A value that has one like it beside it may be the first of a true change.
    alone = pl.all_horizontal(each.fill_null(True) for each in votes[1:3])
    return (known >= 2) & (against >= 2) & (against >= known - 1) & alone


def _known(some: list[pl.Expr]) -> pl.Expr:
    return reduce(add, (each.is_not_null().cast(pl.Int8) for each in some))


def _log(value: pl.Expr) -> pl.Expr:
    return pl.when(value > 0).then(value.cast(pl.Float64)).log()


def _grown() -> pl.Expr:
    return pl.col("age").fill_null(ADULT) >= ADULT  # children change so by growing


def _by_code(numbers: dict[str, float]) -> pl.Expr:
    return pl.col("code").replace_strict(numbers, default=None, return_dtype=pl.Float64)


def _bounds(usual: dict[str, tuple[float, float]]) -> tuple[pl.Expr, pl.Expr]:
    low, high = (
        _by_code({code: pair[at] for code, pair in usual.items()}) for at in (0, 1)
    )
    return low, high
