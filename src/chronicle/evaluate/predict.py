"""A saved model and a feature matrix into risks and reasons."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

from chronicle.evaluate.score import Floats


def predict(
    model: Path, features: pd.DataFrame, calibration: Mapping[str, float]
) -> tuple[Floats, Floats]:
    """Return risks, shape (n,), and TreeSHAP values in log-odds, shape (n, k).

    Args:
        model: LightGBM's text form.
        features: Shape (n, k), the columns in any order.
        calibration: `intercept` and `slope` that make a risk of a score.
    """
    booster = lgb.Booster(model_file=model)
    # With fewer rows for each, threads wait for each other longer than they work.
    threads: Any = {
        "num_threads": min(os.cpu_count() or 1, 1 + len(features) // 20_000)
    }
    # Without the check, columns in another order give wrong numbers silently.
    parts = np.asarray(
        booster.predict(features, validate_features=True, pred_contrib=True, **threads)
    )
    score = np.asarray(
        booster.predict(features, validate_features=True, raw_score=True, **threads)
    )
    slope = calibration["slope"]
    return _expit(calibration["intercept"] + slope * score), slope * parts[:, :-1]


def of_baseline(baseline: dict[str, Any], features: pd.DataFrame) -> Floats:
    """Return the risks of a logistic regression that `train` kept as numbers."""
    score = np.full(len(features), baseline["intercept"])
    for term in baseline["terms"]:
        value = features[term["feature"]].to_numpy(float)
        part = term["coefficient"] * (value - term["mean"]) / term["scale"]
        score += np.where(np.isfinite(value), part, term["missing"])
    return _expit(score)


def _expit(score: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-score)))
