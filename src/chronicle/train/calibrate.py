"""Scores into risks that are as high as they say.

Source: Platt J. Probabilistic outputs for support vector machines. Advances in Large
Margin Classifiers 1999:61-74. On the logit it keeps TreeSHAP additive: each part of a
score is multiplied by the slope.
"""

from typing import Any

import numpy as np
from scipy.optimize import minimize

from chronicle.train.folds import Floats

# Scores are log-odds already, so the slope is near 1 before anything is known of it: it
# stays there where outcomes are few, and is what they say where they are many. They say
# less than their number: rows of one patient are alike, and models of the folds are not
# the model.
SPREAD = 0.1  # standard deviation


def platt(logit: Floats, outcome: Floats, weight: Floats) -> dict[str, Any]:
    """Fit the logistic recalibration of scores, the slope pulled to 1.

    Args:
        logit: Scores in log-odds of people whom the model had not seen, shape (n,).
        outcome: 0 or 1, shape (n,).
        weight: Inverse probability of being uncensored, shape (n,).

    Returns:
        `intercept` and `slope`: the risk is expit(intercept + slope * score). The
        slope is never negative: what ranks people backwards is not turned around, but
        everybody then gets the average risk.
    """

    def loss(found: Floats) -> tuple[float, Floats]:
        score = found[0] + found[1] * logit
        lost = np.logaddexp(0, score) - outcome * score
        over = weight * (1 / (1 + np.exp(-score)) - outcome)
        pull = (found[1] - 1) / SPREAD**2
        total = (weight * lost).sum() + pull * (found[1] - 1) / 2
        slopes = np.array([over.sum(), (over * logit).sum() + pull])
        return float(total / weight.sum()), slopes / weight.sum()

    found = minimize(
        loss,
        np.array([0.0, 1.0]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(None, None), (0, None)],
        options={"ftol": 1e-15, "gtol": 1e-9},
    ).x
    return {"intercept": float(found[0]), "slope": float(found[1])}


def calibrated(logit: Floats, outcome: Floats, weight: Floats) -> Floats:
    """Return scores as Platt's calibration on themselves makes them, in log-odds."""
    found = platt(logit, outcome, weight)
    return np.asarray(found["intercept"] + found["slope"] * logit)
