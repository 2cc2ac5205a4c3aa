"""A model as it is used: a simple one, the trees that add to it, and a calibration.

Where outcomes are few, age and sex in a logistic regression know more than trees can
learn. So trees start from it, and the folds tell how many of them to keep: hardly any
where they find nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from chronicle.core.model import score_of_baseline
from chronicle.train import baseline, boost, calibrate
from chronicle.train.folds import Floats, Rows, out_of_fold

STEP = 10  # rounds between two candidates


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

    def only(self, rows: Rows) -> "Data":
        """Return some of the rows."""
        return Data(
            self.features[rows],
            self.outcome[rows],
            self.weight[rows],
            self.subjects[rows],
        )


@dataclass(frozen=True)
class Fitted:
    """What is kept of a model.

    Args:
        text: LightGBM's text form of the trees.
        start: The baseline that they add to.
        rounds: How many of them the folds asked for.
        calibration: What makes a risk of the sum.
    """

    text: str
    start: dict[str, Any]
    rounds: int
    calibration: dict[str, Any]


def fit(
    data: Data,
    left_out: list[Rows],
    start: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> Fitted:
    """Fit a model; its size and its calibration come from people left out.

    Args:
        data: Rows of all training patients.
        left_out: Folds.
        start: How to fit the baseline: arguments of `baseline.fit`.
        settings: LightGBM's, with `rounds`: the most trees there may be.
    """
    sizes = candidates(int(settings["rounds"]))

    def fit_and_apply(seen: Rows, unseen: Rows) -> Floats:
        learnt, judged = data.only(seen), data.only(unseen)
        base, text = _once(learnt, start, settings)
        ahead = score_of_baseline(base, judged.features)
        return ahead[:, None] + boost.added(text, judged.features, sizes)

    scores = out_of_fold(fit_and_apply, left_out)
    best = int(np.argmin(log_loss(scores, data.outcome, data.weight)))
    base, text = _once(data, start, {**settings, "rounds": sizes[best]})
    return Fitted(
        text,
        base,
        sizes[best],
        calibrate.platt(scores[:, best], data.outcome, data.weight),
    )


def candidates(rounds: int) -> list[int]:
    """Return the numbers of trees to choose from.

    >>> candidates(25)
    [1, 10, 20, 25]
    """
    return sorted({1, *range(STEP, rounds, STEP), rounds})


def log_loss(scores: Floats, outcome: Floats, weight: Floats) -> Floats:
    """Return the mean log-loss of scores in log-odds; shape (n, k) to (k,)."""
    lost = np.logaddexp(0, scores) - outcome[:, None] * scores
    return np.asarray(np.average(lost, axis=0, weights=weight))


def _once(
    data: Data, start: Mapping[str, Any], settings: Mapping[str, Any]
) -> tuple[dict[str, Any], str]:
    base = baseline.fit(
        features=data.features, outcome=data.outcome, weight=data.weight, **start
    )
    ahead = score_of_baseline(base, data.features)
    return base, boost.fit(
        data.features, data.outcome, data.weight, ahead, dict(settings)
    )
