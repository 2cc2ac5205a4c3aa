"""A saved model and a feature matrix into risks and reasons."""

from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd

from chronicle.evaluate.score import Floats


def predict(model: Path, features: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return risks, shape (n,), and TreeSHAP values in log-odds, shape (n, k)."""
    booster = lgb.Booster(model_file=model)
    # Without the check, columns in another order give wrong numbers silently.
    risk = booster.predict(features, validate_features=True)
    reasons = booster.predict(features, validate_features=True, pred_contrib=True)
    return np.asarray(risk), np.asarray(reasons)[:, :-1]
