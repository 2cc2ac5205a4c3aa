"""What a number is asked beside those before and after it, of the same person and code.

As in `within.py`: all rows of a patient are among those that are asked.
"""

from functools import reduce
from operator import add
from typing import ClassVar, Literal

import polars as pl

from chronicle.check.within import VALUE, beside, off
from chronicle.core.params import Params

NEIGHBOURS = (-2, -1, 1, 2)
ADULT = 18  # years
ALIKE = 1.5  # times what values differ among themselves: farther off is another thing


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
