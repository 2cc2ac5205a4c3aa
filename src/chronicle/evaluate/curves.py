"""What the report draws: ROC and PR, risk against outcome, and what counted most."""

from typing import Any

import numpy as np
import polars as pl

from chronicle.evaluate.bootstrap import summary
from chronicle.evaluate.sample import Judged, Sample
from chronicle.evaluate.table import Floats, Table, ratio

MOST_POINTS = 200
MOST_FEATURES = 20
BAND = 40  # steps of the axis at which a curve has an interval
BARS = 20  # of the histogram of risks


def roc(table: Table) -> list[list[float]]:
    """Return points (false positive rate, true positive rate), at most 200."""
    false, true = (each[0] for each in _rates(table))
    return _thinned(false, true)


def precision_recall(table: Table) -> list[list[float]]:
    """Return points (recall, precision), at most 200."""
    found, needless = (each[0, :-1][::-1] for each in table.flagged)
    return _thinned(ratio(found, found[-1:]), ratio(found, found + needless))


def roc_band(judged: Judged, *, percent: float) -> list[dict[str, Any]]:
    """Return the interval of the true positive rate at each false positive rate."""
    grid = np.linspace(0, 1, BAND + 1)
    false, true = _rates(judged.resamples)
    # A resample of cases or of controls alone has no curve.
    whole = np.isfinite(false).all(axis=1) & np.isfinite(true).all(axis=1)
    drawn = [
        np.interp(grid, x, y) for x, y in zip(false[whole], true[whole], strict=True)
    ]
    return _band(grid, drawn, len(false), percent)


def precision_recall_band(judged: Judged, *, percent: float) -> list[dict[str, Any]]:
    """Return the interval of the precision at each recall."""
    grid = np.linspace(0, 1, BAND + 1)[1:]
    found, needless = (each[:, -2::-1] for each in judged.resamples.flagged)
    precision = ratio(found, found + needless)
    drawn = [
        y[np.searchsorted(x, np.minimum(grid * x[-1], x[-1])).clip(max=len(x) - 1)]
        for x, y in zip(found, precision, strict=True)
        if x[-1] > 0
    ]
    return _band(grid, drawn, len(found), percent)


def calibration(
    sample: Sample, risk: Floats, *, groups: int, percent: float
) -> list[dict[str, Any]]:
    """Return mean risk and share of outcomes in groups of about equal size."""
    order = np.argsort(risk, kind="stable")
    sizes = [len(each) for each in np.array_split(order, groups)]
    group = np.empty(len(risk), int)
    group[order] = np.repeat(np.arange(groups), sizes)
    cases = sample.sums(group, groups, sample.outcome)
    seen = ratio(cases, sample.sums(group, groups, np.ones(len(risk))))
    made = []
    for at in range(groups):
        rows = group == at
        if not rows.any():
            continue
        weight = sample.weight[rows]
        value = np.average(sample.outcome[rows], weights=weight)
        told = summary(np.append(value, seen[:, at]), percent=percent)
        made.append(
            {
                "predicted": float(np.average(risk[rows], weights=weight)),
                "observed": told["value"],
                "low": told["low"],
                "high": told["high"],
                "index_times": int(rows.sum()),
            }
        )
    return made


def histogram(risk: Floats, outcome: Floats, *, top: float) -> list[dict[str, Any]]:
    """Count index times by risk, from 0 to `top`; higher ones stand in the last bar."""
    edges = np.linspace(0, top, BARS + 1)
    with_it, without = (
        np.histogram(risk[outcome == each].clip(max=top), edges)[0] for each in (1, 0)
    )
    return [
        {"from": float(low), "to": float(high), "onset": int(sick), "none": int(well)}
        for low, high, sick, well in zip(
            edges[:-1], edges[1:], with_it, without, strict=True
        )
    ]


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


def _rates(table: Table) -> tuple[Floats, Floats]:
    """Return false and true positive rates, from nobody flagged to all: (r, g + 1)."""
    true, false = (
        ratio(each[:, ::-1], each[:, :1])
        for each in (table.flagged[0], table.flagged[1])
    )
    return false, true


def _thinned(x: Floats, y: Floats) -> list[list[float]]:
    chosen = np.unique(np.linspace(0, len(x) - 1, MOST_POINTS).round().astype(int))
    whole = [i for i in chosen if np.isfinite(x[i]) and np.isfinite(y[i])]
    return [[float(x[i]), float(y[i])] for i in whole]


def _band(
    grid: Floats, drawn: list[Floats], number: int, percent: float
) -> list[dict[str, Any]]:
    if len(drawn) < number / 2:
        return []
    tail = (100 - percent) / 2
    low, high = np.nanpercentile(drawn, [tail, 100 - tail], axis=0)
    return [
        {"at": float(x), "low": float(a), "high": float(b)}
        for x, a, b in zip(grid, low, high, strict=True)
    ]


def _direction(values: pl.Series, contribution: Floats) -> int:
    known = values.is_not_null().to_numpy()
    ranks = values.filter(values.is_not_null()).rank().to_numpy()
    if len(ranks) < 3 or np.ptp(ranks) == 0 or np.ptp(contribution[known]) == 0:
        return 0
    together = float(np.corrcoef(ranks, contribution[known])[0, 1])
    return int(np.sign(together)) if abs(together) > 0.2 else 0
