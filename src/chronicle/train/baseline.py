"""What every model is held against: logistic regressions on the same rows.

They are kept as numbers in JSON. Each term of a sum in log-odds is
`coefficient * (value - mean) / scale`, and `missing` where there is no value; values
further than `limit` scales from the mean count as so far.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from chronicle.core.store import METRIC_DIGITS
from chronicle.train.folds import Floats

Bools = npt.NDArray[np.bool_]
# A column missing more seldom, or known more seldom, has no flag of its own.
RARE = 0.01
# Values further from the mean count as so far: one typing error is not to rule.
LIMIT = 5.0
# A column so much larger needs a coefficient so much smaller: the penalty is 1 / 100.
FREE = 10.0
ADDED = ("coefficient", "missing")  # of a term: in log-odds


@dataclass(frozen=True)
class Way:
    """How to fit a baseline.

    Args:
        name: What the report calls it.
        columns: Features that it reads. A value that is missing is taken as the mean,
            and that it is missing is a column too.
        free: Those of them that are hardly penalised.
        inverse_penalties: scikit-learn's `C`, for columns of unit variance: one, or
            several to choose from.
    """

    name: str
    columns: tuple[str, ...]
    free: tuple[str, ...]
    inverse_penalties: tuple[float, ...]


@dataclass(frozen=True)
class _Table:
    names: list[str]
    mean: Floats
    scale: Floats
    lifted: Floats
    flagged: npt.NDArray[np.int64]
    given: Floats


def fit(
    way: Way, features: pd.DataFrame, outcome: Floats, weight: Floats
) -> list[dict[str, Any]]:
    """Fit L2-penalised logistic regressions, one for each inverse penalty.

    Args:
        way: How.
        features: One row an index time, NaN where unknown.
        outcome: 0 or 1, shape (n,).
        weight: Inverse probability of being uncensored, shape (n,).

    Returns:
        `name`, `inverse_penalty`, `limit`, `intercept` and `terms`, one a column that
        varies.
    """
    names = [each for each in way.columns if each in features]
    table = _table(features[names], way.free)
    found: list[dict[str, Any]] = [
        {"name": way.name, "inverse_penalty": each, "limit": LIMIT}
        for each in way.inverse_penalties
    ]
    if not table.names:
        level = np.average(outcome, weights=weight)
        known = {"intercept": float(np.log(level / (1 - level))), "terms": []}
        return [each | known for each in found]
    # More threads would add in another order.
    with threadpool_limits(1):
        return [
            each | _fitted(table, outcome, weight, each["inverse_penalty"])
            for each in found
        ]


def together(baselines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the mean of baselines of the same rows, in log-odds: one regression again.

    Args:
        baselines: From `fit`: a feature has the same mean and scale in each.
    """
    terms: dict[str, dict[str, Any]] = {}
    for term in (term for each in baselines for term in each["terms"]):
        mean = terms.setdefault(term["feature"], term | dict.fromkeys(ADDED, 0.0))
        mean |= {each: mean[each] + term[each] / len(baselines) for each in ADDED}
    level = sum(each["intercept"] for each in baselines) / len(baselines)
    return {
        "name": ", ".join(each["name"] for each in baselines),
        "limit": LIMIT,
        "intercept": _short(level),
        "terms": [
            term | {each: _short(term[each]) for each in ADDED}
            for term in terms.values()
        ],
    }


def start(
    ways: Sequence[Way], features: pd.DataFrame, outcome: Floats, weight: Floats
) -> dict[str, Any]:
    """Fit baselines of one penalty each; return what trees start from."""
    return together([fit(way, features, outcome, weight)[0] for way in ways])


def _fitted(
    table: _Table, outcome: Floats, weight: Floats, inverse_penalty: float
) -> dict[str, Any]:
    fitted = LogisticRegression(C=inverse_penalty, solver="newton-cholesky", tol=1e-6)
    fitted.fit(table.given, outcome, sample_weight=weight)
    number = len(table.names)
    lone = dict(zip(table.flagged, fitted.coef_[0, number:], strict=True))
    return {
        "intercept": _short(fitted.intercept_[0]),
        "terms": [
            {
                "feature": name,
                "coefficient": _short(coefficient * table.lifted[at]),
                "mean": _short(table.mean[at]),
                "scale": _short(table.scale[at]),
                "missing": _short(lone.get(at, 0.0)),
            }
            for at, (name, coefficient) in enumerate(
                zip(table.names, fitted.coef_[0, :number], strict=True)
            )
        ],
    }


def _table(features: pd.DataFrame, free: Sequence[str]) -> _Table:
    """Return the columns that vary, of unit variance, and flags of what is missing."""
    values = features.to_numpy(float)
    known = np.isfinite(values)
    mean = _mean(values, known)
    scale = np.where(known, values, mean).std(axis=0)
    varies = np.flatnonzero(scale > 10.0**-METRIC_DIGITS)
    names = list(features.columns[varies])
    values, known = values[:, varies], known[:, varies]
    share = known.mean(axis=0)
    flagged = _once_each(known, np.flatnonzero((share > RARE) & (share < 1 - RARE)))
    lifted = np.where(np.isin(names, list(free)), FREE, 1.0)
    mean, scale = mean[varies], scale[varies]
    filled = np.where(known, np.clip((values - mean) / scale, -LIMIT, LIMIT), 0.0)
    given = np.hstack([filled * lifted, ~known[:, flagged]])
    return _Table(names, mean, scale, lifted, flagged, given)


def _once_each(known: Bools, columns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the first of the columns that are missing together: one flag will do."""
    _, first = np.unique(known[:, columns], axis=1, return_index=True)
    return columns[np.sort(first)]


def _short(value: float) -> float:
    return round(float(value), METRIC_DIGITS)  # as it is written


def _mean(values: Floats, known: Bools) -> Floats:
    number = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    nothing = np.zeros(len(number))
    return np.asarray(np.divide(total, number, out=nothing, where=number > 0))
