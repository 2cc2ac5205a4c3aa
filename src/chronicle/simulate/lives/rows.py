"""Named rows of one array: a property a row, a virtual person a column."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]
NEVER = np.inf  # as a time in years: it has not happened


@dataclass(frozen=True)
class Rows:
    """Values of shape (k, n) whose rows have names.

    Everything that is done to them is done element by element, so that a person comes
    out the same whoever stands in the columns beside.
    """

    names: tuple[str, ...]
    values: Floats

    def __getitem__(self, name: str) -> Floats:
        """Return a row, as a view."""
        found: Floats = self.values[self.names.index(name)]
        return found

    def __setitem__(self, name: str, value: Any) -> None:
        """Replace what a row holds."""
        self.values[self.names.index(name)] = value

    def __len__(self) -> int:
        """Return how many people there are."""
        return int(self.values.shape[1])

    def take(self, columns: Whole) -> "Rows":
        """Return a copy that holds these people, in this order, as often as asked."""
        return Rows(self.names, self.values[:, columns])

    def copy(self) -> "Rows":
        """Return a copy."""
        return Rows(self.names, self.values.copy())


def filled(names: Sequence[str], people: int, value: float = 0.0) -> Rows:
    """Return rows that all hold `value`."""
    return Rows(tuple(names), np.full((len(names), people), value))


def beside(parts: Sequence[Rows]) -> Rows:
    """Return the people of all parts, one part after the other."""
    return Rows(parts[0].names, np.concatenate([each.values for each in parts], axis=1))


def normal_below(z: Floats) -> Floats:
    """Return the standard normal distribution function.

    Source: Abramowitz M, Stegun IA. Handbook of Mathematical Functions, 7.1.26; the
    error is below 1.5e-7, where a test's noise is the thing that is uncertain.
    """
    x = np.abs(z) / math.sqrt(2)
    t = 1 / (1 + 0.3275911 * x)
    series = np.full_like(t, 1.061405429)
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = series * t + factor
    tail = series * t * np.exp(-x * x) / 2
    return np.where(z >= 0, 1 - tail, tail)
