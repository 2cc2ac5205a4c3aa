"""What a number would be, had it been typed rightly: asked of a person's own level.

As in `within.py`: all rows of a patient are among those that are asked. A number far
from all others of its person may be an illness. If what a slip of the point, two digits
exchanged or another unit would have made of it is just what the person has, and the
number itself is not, it is far more likely a slip. How likely is in `level.py`.
"""

from collections import Counter
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import Field, model_validator

from chronicle.check import implied, level
from chronicle.core.params import Params

ADULT = 18  # years; children change by growing, and so may who has no birth date
PLACES = 2  # pairs of digits; those behind change too little to be seen
Share = Annotated[float, Field(ge=0, le=0.1)]


class Measure(Params):
    """What people have of a measure, in the unit of our tables.

    Args:
        codes: All that say the same thing.
        common: What one in forty has less than, the middle, one in forty more than.
        within: Standard deviation of a person's logarithms over a year or two.
        leaps: Share of right numbers that are far from what the person had.
        ill: From where to where illness brings them.
        factor: How many times larger the number is in the other unit.
    """

    codes: tuple[str, ...] = Field(min_length=1)
    common: tuple[float, float, float]
    within: float = Field(gt=0)
    leaps: float = Field(gt=0, lt=1)
    ill: tuple[float, float]
    factor: float | None = Field(None, gt=0)

    @model_validator(mode="after")
    def _ascends(self) -> Self:
        for name, each in (("common", self.common), ("ill", self.ill)):
            if each[0] <= 0 or sorted({*each}) != list(each):
                raise ValueError(f"{name} is above 0, and each number above the last")
        return self


class Typed(Params):
    """The number is not most likely a right one that was typed wrongly.

    Args:
        measures: Name -> what people have. Names that `implied.py` knows are compared
            with what other measures of the same day say.
        sure: How likely it must be to be wrong.
        unit: Share of numbers in the other unit.
        point: Share with the point a place to the left, and as many to the right.
        digits: Share in which two digits that stand side by side are exchanged.
    """

    numbers: ClassVar[bool] = True
    kind: Literal["typed"]
    measures: dict[str, Measure]
    sure: float = Field(gt=0.5, lt=1)
    unit: Share
    point: Share
    digits: Share

    @model_validator(mode="after")
    def _once(self) -> Self:
        named = Counter(code for one in self.measures.values() for code in one.codes)
        if twice := sorted(code for code, often in named.items() if often > 1):
            raise ValueError(f"in two measures, or twice: {', '.join(twice)}")
        return self

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Flag what is most likely a slip; null for children, or of unknown age."""
        asked = self._asked(rows)
        told = [self._told(asked, name) for name in sorted(self.measures)]
        wrong = pl.concat(
            [pl.DataFrame(schema={"at": pl.UInt32, "p": pl.Float64}), *told]
        )
        every = rows.select(at=pl.int_range(pl.len(), dtype=pl.UInt32))
        found = every.join(wrong, on="at", how="left", maintain_order="left")
        return pl.lit(found["p"] >= self.sure)

    def _asked(self, rows: pl.DataFrame) -> pl.DataFrame:
        names = {
            code: name for name, one in self.measures.items() for code in one.codes
        }
        value = pl.col("numeric_value").cast(pl.Float64)
        return (
            rows.with_columns(
                at=pl.int_range(pl.len(), dtype=pl.UInt32),
                measure=pl.col("code").replace_strict(names, default=None),
                day=pl.col("time").dt.date(),
                log=pl.when((value > 0) & value.is_finite()).then(value).log(),
            )
            .filter(pl.col("age") >= ADULT)
            .drop_nulls(["measure", "log"])
        )

    def _told(self, asked: pl.DataFrame, name: str) -> pl.DataFrame:
        one = self.measures[name]
        mine = asked.filter(measure=name)
        beside = implied.beside(name, mine, asked).sort(
            "subject_id", "time", "code", "provenance", "at"
        )
        shifts, shares = self._slips(beside, one)
        low, middle, high = np.log(one.common)
        people = level.People(
            middle,
            (middle - low) / 2,
            (high - middle) / 2,
            one.within,
            one.leaps,
            *np.log(one.ill),
        )
        series = level.Series(
            beside["subject_id"].to_numpy(),
            beside["log"].to_numpy(),
            beside["implied"].to_numpy(),
            beside["at_most"].to_numpy(),
        )
        p = level.wrong(series, shifts, shares, people)
        return beside.select("at", p=pl.Series(p, dtype=pl.Float64))

    def _slips(
        self, rows: pl.DataFrame, one: Measure
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return what each slip, undone, adds to the logarithm, and its share; (n, s).

        The first is none at all.
        """
        unit = np.log(one.factor) if one.factor else 0.0
        ten = np.log(10)
        fixed = np.array([0.0, unit, -unit, ten, -ten])
        other = self.unit / 2 if one.factor else 0.0
        share = np.array([0.0, other, other, self.point, self.point])
        typed = pl.coalesce("source_value", "numeric_value").cast(pl.Float64)
        digits = _exchanged(rows.select(typed).to_series())
        shifts = np.hstack([np.tile(fixed, (len(rows), 1)), digits])
        shares = np.hstack(
            [np.tile(share, (len(rows), 1)), np.where(digits, self.digits, 0)]
        )
        shares[:, 0] = 1 - shares.sum(1)
        return shifts, shares


def _exchanged(source: pl.Series) -> npt.NDArray[np.float64]:
    """Return the logarithm of the ratio, for `PLACES` pairs; 0 where there is none."""
    values, which = np.unique(source.to_numpy(), return_inverse=True)
    return np.array([_pairs(each) for each in values]).reshape(-1, PLACES)[which]


def _pairs(value: float) -> list[float]:
    """Exchange digits of a number.

    >>> [round(38 * 2.718281828**each) for each in _pairs(38.0)]
    [83, 38]
    """
    text, found = f"{value:.6g}", [0.0]
    for place in range(len(text) - 1 if value > 0 else 0):
        pair = text[place : place + 2]
        if pair.isdecimal() and pair[0] != pair[1]:
            other = float(text[:place] + pair[::-1] + text[place + 2 :])
            found.append(float(np.log(other / value)))
    return (found[1:] + [0.0] * PLACES)[:PLACES]
