"""A saved model and a feature matrix into risks and reasons."""

import os
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

from chronicle.evaluate.score import Floats


def predict(model: Path, features: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return risks, shape (n,), and TreeSHAP values in log-odds, shape (n, k)."""
    booster = lgb.Booster(model_file=model)
    # With fewer rows for each, threads wait for each other longer than they work.
    threads: Any = {
        "num_threads": min(os.cpu_count() or 1, 1 + len(features) // 20_000)
    }
    # Without the check, columns in another order give wrong numbers silently.
    risk = booster.predict(features, validate_features=True, **threads)
    reasons = booster.predict(
        features, validate_features=True, pred_contrib=True, **threads
    )
    return np.asarray(risk), np.asarray(reasons)[:, :-1]
