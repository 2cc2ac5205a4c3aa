"""What every model is held against: logistic regressions on the same rows.

They are kept as numbers in JSON. Each term of a sum in log-odds is
`coefficient * (value - mean) / scale`, and `missing` where there is no value.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegression

from chronicle.train.folds import Floats

# A column missing more seldom, or known more seldom, has no flag of its own.
RARE = 0.01


def fit(
    name: str,
    features: pd.DataFrame,
    outcome: Floats,
    weight: Floats,
    *,
    columns: Sequence[str],
    inverse_penalty: float,
) -> dict[str, Any]:
    """Fit an L2-penalised logistic regression.

    Args:
        name: What the report calls it.
        features: One row an index time, NaN where unknown.
        outcome: 0 or 1, shape (n,).
        weight: Inverse probability of being uncensored, shape (n,).
        columns: Those of `features` to be used; others are left out. A value that is
            missing is taken as the mean, and that it is missing is a column too.
        inverse_penalty: scikit-learn's `C`, for columns of unit variance.

    Returns:
        `name`, `intercept` and `terms`, one a column that varies.
    """
    names = [each for each in columns if each in features]
    values = features[names].to_numpy(float)
    known = np.isfinite(values)
    mean = _mean(values, known)
    scale = np.where(known, values, mean).std(axis=0)
    varies = np.flatnonzero(scale > 0)
    share = known.mean(axis=0)[varies]
    flagged = _once_each(known, varies[(share > RARE) & (share < 1 - RARE)])
    if not varies.size:
        level = np.average(outcome, weights=weight)
        return {"name": name, "intercept": _logit(level), "terms": []}
    filled = np.where(known, (values - mean) / np.where(scale > 0, scale, 1), 0.0)
    given = np.hstack([filled[:, varies], ~known[:, flagged]])
    fitted = LogisticRegression(C=inverse_penalty, solver="newton-cholesky", tol=1e-6)
    fitted.fit(given, outcome, sample_weight=weight)
    found = fitted.coef_[0]
    missing = dict(zip(flagged, found[len(varies) :], strict=True))
    terms = [
        {
            "feature": names[at],
            "coefficient": float(each),
            "mean": float(mean[at]),
            "scale": float(scale[at]),
            "missing": float(missing.get(at, 0)),
        }
        for at, each in zip(varies, found[: len(varies)], strict=True)
    ]
    return {"name": name, "intercept": float(fitted.intercept_[0]), "terms": terms}


def _once_each(
    known: np.ndarray[Any, np.dtype[np.bool_]], columns: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the first of the columns that are missing together: one flag will do."""
    _, first = np.unique(known[:, columns], axis=1, return_index=True)
    return columns[np.sort(first)]


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))


def _mean(values: Floats, known: np.ndarray[Any, np.dtype[np.bool_]]) -> Floats:
    number = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    nothing = np.zeros(len(number))
    return np.asarray(np.divide(total, number, out=nothing, where=number > 0))
