"""Published equations as they would be used here: recalibrated to these patients.

An equation of another place and time is mostly wrong about how common a disease is. So
its level and its slope are fitted to training patients, and nothing else of it.

Source: Janssen KJ et al. Updating methods improved the performance of a clinical
prediction model in new patients. J Clin Epidemiol 2008;61:76-86.
"""

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression

from chronicle.evaluate.table import Floats

PREFIX = "score_"
# With fewer, two numbers fitted to them are noise: the risk stays as it is published.
LEAST_OUTCOMES = 30
EDGE = 1e-6


def name(column: str) -> str:
    """Return the name of the equation whose risks a column holds.

    >>> name("score_pce")
    'pce'
    """
    return column.removeprefix(PREFIX)


def recalibrated(train: pl.DataFrame, column: str, given: pl.Series) -> Floats:
    """Return risks for `given` ones, NaN where there is none.

    Args:
        train: Rows of training patients: `boolean_value`, `weight` and `column`.
        column: Risks of the equation, 0 to 1; null where an input of it is not known.
        given: The same of those who are judged, shape (n,).
    """
    seen = train.filter(pl.col(column).is_finite(), pl.col("weight") > 0)
    outcome = seen["boolean_value"].cast(pl.Float64).to_numpy()
    risk = given.cast(pl.Float64).fill_null(np.nan).to_numpy()
    if outcome.sum() < LEAST_OUTCOMES or outcome.all():
        return np.array(risk)
    logit = _logit(seen[column].cast(pl.Float64).to_numpy())
    fitted = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(
        logit[:, None], outcome, sample_weight=seen["weight"].to_numpy()
    )
    level, slope = float(fitted.intercept_[0]), float(fitted.coef_[0, 0])
    return np.asarray(1 / (1 + np.exp(-(level + slope * _logit(risk)))))


def _logit(risk: Floats) -> Floats:
    clipped = np.clip(risk, EDGE, 1 - EDGE)
    return np.asarray(np.log(clipped / (1 - clipped)))
