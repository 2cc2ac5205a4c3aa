"""Rows to learn from, and how far predictions of them are from what happened."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from chronicle.train.folds import Floats, Rows


@dataclass(frozen=True)
class Data:
    """Rows to learn from: n index times.

    Args:
        features: Shape (n, k), NaN where unknown.
        outcome: 0 or 1, shape (n,).
        weight: Inverse probability of being uncensored, shape (n,).
        subjects: Patient of each row, shape (n,).
    """

    features: pd.DataFrame
    outcome: Floats
    weight: Floats
    subjects: npt.NDArray[np.int64]

    @property
    def outcomes(self) -> int:
        """Return how many patients have an outcome."""
        return len(np.unique(self.subjects[self.outcome > 0]))

    def only(self, rows: Rows) -> "Data":
        """Return some of the rows."""
        return Data(
            self.features[rows],
            self.outcome[rows],
            self.weight[rows],
            self.subjects[rows],
        )


def losses(scores: Floats, outcome: Floats) -> Floats:
    """Return the log-loss of each score in log-odds, shape (n, k)."""
    return np.asarray(np.logaddexp(0, scores) - outcome[:, None] * scores)


def log_loss(scores: Floats, outcome: Floats, weight: Floats) -> Floats:
    """Return the mean log-loss of scores in log-odds; shape (n, k) to (k,)."""
    return np.asarray(np.average(losses(scores, outcome), axis=0, weights=weight))


class Gain(NamedTuple):
    """By how much the mean log-loss falls, and the standard error of that."""

    gain: float
    error: float

    def surely(self, standard_errors: float) -> bool:
        """Say whether it is more than so many standard errors."""
        return self.gain > standard_errors * self.error

    @property
    def share(self) -> float:
        """Return how much of the change to make: 0 for none, 1 for all.

        Source: James W, Stein C. Estimation with quadratic loss. Proc Fourth Berkeley
        Symp 1961;1:361-379: the positive part.
        """
        return 1 - (self.error / self.gain) ** 2 if self.surely(1) else 0.0


def gain(data: Data, before: Floats, after: Floats) -> Gain:
    """Compare two scores of the same rows.

    Args:
        data: What happened; patients, not rows, are drawn independently.
        before: Scores in log-odds, shape (n,).
        after: Others, shape (n,).
    """
    both = losses(np.column_stack([before, after]), data.outcome)
    fell = (both[:, 0] - both[:, 1]) * data.weight
    _, place = np.unique(data.subjects, return_inverse=True)
    total = data.weight.sum()
    mean = fell.sum() / total
    apart = np.bincount(place, fell - mean * data.weight)
    return Gain(float(mean), float(np.sqrt((apart**2).sum()) / total))
