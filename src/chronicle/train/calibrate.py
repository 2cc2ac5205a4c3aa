"""Scores into risks that are as high as they say.

Source: Platt J. Probabilistic outputs for support vector machines. Advances in Large
Margin Classifiers 1999:61-74. On the logit it keeps TreeSHAP additive: each part of a
score is multiplied by the slope.
"""

from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from chronicle.train.folds import Floats

# With fewer, two numbers fitted to them are noise; the score stays as it is.
LEAST_OUTCOMES = 30
AS_IT_IS = {"intercept": 0.0, "slope": 1.0}


def platt(logit: Floats, outcome: Floats, weight: Floats) -> dict[str, Any]:
    """Fit the logistic recalibration of scores.

    Args:
        logit: Scores in log-odds of people whom the model had not seen, shape (n,).
        outcome: 0 or 1, shape (n,).
        weight: Inverse probability of being uncensored, shape (n,).

    Returns:
        `intercept` and `slope`: the risk is expit(intercept + slope * score). The
        slope is never negative: what ranks people backwards is not turned around, but
        everybody then gets nearly the average risk.
    """
    if outcome.sum() < LEAST_OUTCOMES:
        return dict(AS_IT_IS)
    fitted = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(
        logit[:, None], outcome, sample_weight=weight
    )
    slope = float(fitted.coef_[0, 0])
    if slope > 0:
        return {"intercept": float(fitted.intercept_[0]), "slope": slope}
    share = np.average(outcome, weights=weight)
    return {"intercept": float(np.log(share / (1 - share))), "slope": 0.0}


def calibrated(logit: Floats, outcome: Floats, weight: Floats) -> Floats:
    """Return scores as Platt's calibration on themselves makes them, in log-odds."""
    found = platt(logit, outcome, weight)
    return np.asarray(found["intercept"] + found["slope"] * logit)
