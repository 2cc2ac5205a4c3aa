"""LightGBM, deterministic: the only file that fits a model."""

import os
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd

THREADS = "[num_threads:"
# With less for each, threads wait for each other longer than they work.
ROWS_A_THREAD = 100_000
Floats = npt.NDArray[np.float64]


def fit(
    features: pd.DataFrame,
    outcome: Floats,
    weight: Floats,
    start: Floats,
    settings: dict[str, Any],
) -> str:
    """Fit gradient-boosted trees on log-loss, on top of a score that is there already.

    Args:
        features: One row an index time, shape (n, k), float32, NaN where unknown.
        outcome: 0 or 1, shape (n,).
        weight: Inverse probability of being uncensored, shape (n,).
        start: Score in log-odds that the trees add to, shape (n,). The model's own
            scores are what it adds.
        settings: LightGBM's parameters, and `rounds`.

    Returns:
        The model in LightGBM's text form, the same bytes whatever the machine's number
        of cores: only the line that names that number is left out.
    """
    fixed: dict[str, Any] = {
        "objective": "binary",
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
        "num_threads": min(os.cpu_count() or 1, 1 + len(features) // ROWS_A_THREAD),
        **settings,
    }
    rounds = fixed.pop("rounds")
    data = lgb.Dataset(features, outcome, weight=weight, init_score=start, params=fixed)
    text: str = lgb.train(fixed, data, num_boost_round=rounds).model_to_string()
    kept = [line for line in text.splitlines() if not line.startswith(THREADS)]
    return "\n".join(kept) + "\n"


def added(model: str, features: pd.DataFrame, rounds: list[int]) -> Floats:
    """Return what the first trees of a model add, shape (n, number of `rounds`)."""
    booster = lgb.Booster(model_str=model)
    return np.column_stack(
        [
            booster.predict(
                features, raw_score=True, validate_features=True, num_iteration=each
            )
            for each in rounds
        ]
    )
