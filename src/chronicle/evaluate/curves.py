"""What the report draws: the ROC curve, risk against outcome, and what counted most."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from sklearn.metrics import roc_curve

from chronicle.evaluate.bootstrap import interval
from chronicle.evaluate.score import Floats

MOST_POINTS = 200
MOST_FEATURES = 20


def roc(outcome: Floats, risk: Floats, weight: Floats) -> list[list[float]]:
    """Return points (false positive rate, true positive rate), at most 200."""
    false, true, _ = roc_curve(outcome, risk, sample_weight=weight)
    chosen = np.unique(np.linspace(0, len(false) - 1, MOST_POINTS).round().astype(int))
    return [[float(false[i]), float(true[i])] for i in chosen]


def calibration(
    outcome: Floats, risk: Floats, blocks: list[Floats], *, groups: int, percent: float
) -> list[dict[str, Any]]:
    """Return mean risk and share of outcomes in groups of about equal size."""
    order = np.argsort(risk, kind="stable")
    made = []
    for rows in np.array_split(order, groups):
        if not rows.size:
            continue
        weights = [block[:, rows] for block in blocks]
        seen = interval(_mean_of(outcome[rows]), weights, percent=percent)
        expected = _mean_of(risk[rows])(weights[0])[0]
        made.append(
            {
                "predicted": float(expected),
                "observed": seen["value"],
                "low": seen["low"],
                "high": seen["high"],
                "index_times": int(rows.size),
            }
        )
    return made


def features(
    matrix: pl.DataFrame, contributions: Floats, weight: Floats
) -> list[dict[str, Any]]:
    """Return the features that moved predictions most.

    Args:
        matrix: Features, shape (n, k).
        contributions: TreeSHAP values in log-odds, shape (n, k).
        weight: Weight of each row, shape (n,).

    Returns:
        Up to 20 with the mean absolute contribution and its direction: 1 where higher
        values raise the risk, -1 where they lower it, 0 where neither can be said.
    """
    size = np.average(np.abs(contributions), axis=0, weights=weight)
    # By name where equal: the order must not be the machine's.
    order = sorted(range(len(size)), key=lambda i: (-size[i], matrix.columns[i]))
    return [
        {
            "name": matrix.columns[i],
            "mean_abs_contribution": float(size[i]),
            "direction": _direction(matrix.to_series(i), contributions[:, i]),
        }
        for i in order[:MOST_FEATURES]
        if size[i] > 0
    ]


def _mean_of(values: Floats) -> Callable[[Floats], Floats]:
    def mean(weights: Floats) -> Floats:
        total = weights.sum(axis=1)
        nothing = np.full(len(weights), np.nan)
        weighed = (weights * values).sum(axis=1)
        return np.asarray(np.divide(weighed, total, out=nothing, where=total > 0))

    return mean


def _direction(values: pl.Series, contribution: Floats) -> int:
    known = values.is_not_null().to_numpy()
    ranks = values.filter(values.is_not_null()).rank().to_numpy()
    if len(ranks) < 3 or np.ptp(ranks) == 0 or np.ptp(contribution[known]) == 0:
        return 0
    together = float(np.corrcoef(ranks, contribution[known])[0, 1])
    return int(np.sign(together)) if abs(together) > 0.2 else 0
