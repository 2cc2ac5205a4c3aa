"""What training costs beside bare LightGBM on the same matrix, and what bins save.

Drawn at random: 20,000 rows, 300 columns of which a third is missing, five outcomes.
Ratios of CPU time; `python benchmarks/train.py`.
"""

import time
from collections.abc import Callable

import lightgbm as lgb
import numpy as np
import pandas as pd

from chronicle.train import boost

ROWS, COLUMNS, DISEASES, FOLDS = 20_000, 300, 5, 5
SETTINGS = {
    "learning_rate": 0.05, "rounds": 60, "num_leaves": 6, "min_data_in_leaf": 30,
    "lambda_l2": 5.0, "path_smooth": 10.0, "feature_fraction": 0.2, "seed": 7,
}  # fmt: skip
ALL = np.ones(ROWS, dtype=bool)


def main() -> int:
    """Print four ratios."""
    draw = np.random.default_rng(1)
    values = draw.normal(size=(ROWS, COLUMNS)).astype(np.float32)
    values[draw.random(values.shape) < 1 / 3] = np.nan
    features = pd.DataFrame(values).add_prefix("x")
    known = np.nan_to_num(values[:, :DISEASES])
    happened = draw.random(known.shape) < 1 / (1 + np.exp(3 - known))
    aims = [
        boost.Aim(each.astype(float), np.ones(ROWS), np.zeros(ROWS))
        for each in happened.T
    ]
    bare = cpu(lambda: alone(features, aims[0]))
    ours = cpu(lambda: boost.grow(boost.bins(features, 63), ALL, aims[0], SETTINGS))
    print(f"one model: {ours / bare:.2f} x bare LightGBM ({bare:.1f} CPU s)")
    rows = [np.arange(ROWS) % FOLDS != fold for fold in range(FOLDS)]
    several(features, [(each, aims[0]) for each in rows], f"{FOLDS} folds")
    several(features, [(ALL, each) for each in aims], f"{DISEASES} diseases")
    return 0


def several(
    features: pd.DataFrame, wanted: list[tuple[np.ndarray, boost.Aim]], what: str
) -> None:
    """Print what bins that are shared save, and that the models are the same."""
    models: list[list[str]] = [[], []]

    def apart() -> None:
        for each in wanted:
            grown = boost.grow(boost.bins(features, 63), *each, SETTINGS)
            models[0].append(boost.text(grown))

    def shared() -> None:
        data = boost.bins(features, 63)
        models[1].extend(boost.text(boost.grow(data, *e, SETTINGS)) for e in wanted)

    ratio = cpu(shared) / cpu(apart)
    same = "the same models" if models[0] == models[1] else "OTHER MODELS"
    print(f"{what} on shared bins: {ratio:.2f} x one by one, {same}")


def alone(features: pd.DataFrame, aim: boost.Aim) -> None:
    """Fit as somebody would who knows LightGBM only."""
    fixed = {**boost.ALWAYS, **SETTINGS, "objective": "binary", "max_bin": 63}
    rounds = fixed.pop("rounds")
    data = lgb.Dataset(features, aim.outcome, weight=aim.weight, init_score=aim.start)
    lgb.train({**fixed, "num_threads": 1}, data, num_boost_round=rounds)


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds that it takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    raise SystemExit(main())
