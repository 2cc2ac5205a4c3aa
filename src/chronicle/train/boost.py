"""LightGBM, deterministic: the only file that fits a model."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

from chronicle.train.folds import Floats, Rows

THREADS = "[num_threads:"
# With less for each, threads wait for each other longer than they work.
ROWS_A_THREAD = 100_000
ALWAYS: dict[str, Any] = {
    "deterministic": True,
    "force_row_wise": True,
    # Trees that may have smaller leaves are grown from the same bins.
    "feature_pre_filter": False,
    "verbosity": -1,
}
Slope = Callable[[Floats, lgb.Dataset], tuple[Floats, Floats]]


@dataclass(frozen=True)
class Aim:
    """What trees are to learn.

    Args:
        outcome: 0 or 1, shape (n,).
        weight: Of each row, shape (n,).
        start: Score in log-odds that the trees add to, shape (n,). The model's own
            scores are what it adds.
        slope: Of a loss that is not log-loss, and its second derivative.
    """

    outcome: Floats
    weight: Floats
    start: Floats
    slope: Slope | None = None


def bins(features: pd.DataFrame, max_bin: int) -> lgb.Dataset:
    """Tell values apart, once for all trees that are grown from them.

    Args:
        features: One row an index time, shape (n, k), float32, NaN where unknown.
        max_bin: Steps that the values of a column are told apart by.
    """
    fixed = ALWAYS | {"max_bin": max_bin, "num_threads": _threads(len(features))}
    nobody = np.zeros(len(features))
    return lgb.Dataset(features, nobody, params=fixed).construct()


def grow(
    data: lgb.Dataset,
    rows: Rows,
    aim: Aim,
    settings: Mapping[str, Any],
    *,
    on: bool = False,
) -> lgb.Booster:
    """Fit gradient-boosted trees on top of a score that is there already.

    Args:
        data: From `bins`.
        rows: Those to learn from, shape (n,).
        aim: What to learn of all n rows.
        settings: LightGBM's parameters, and `rounds`.
        on: More trees may be added with `update`.
    """
    fixed = {**(data.params or {}), "objective": aim.slope or "binary", **settings}
    rounds = fixed.pop("rounds")
    seen = data.subset(np.flatnonzero(rows).tolist()).construct()
    seen.set_label(aim.outcome[rows])
    seen.set_weight(aim.weight[rows])
    seen.set_init_score(aim.start[rows])
    return lgb.train(fixed, seen, num_boost_round=rounds, keep_training_booster=on)


def shrink(booster: lgb.Booster, share: float) -> None:
    """Let each leaf add so much of what it adds."""
    for at, tree in enumerate(booster.dump_model()["tree_info"]):
        for leaf in range(tree["num_leaves"]):
            added_ = booster.get_leaf_output(at, leaf)
            booster.set_leaf_output(at, leaf, share * added_)


def text(booster: lgb.Booster) -> str:
    """Return the model in LightGBM's text form.

    It is the same bytes whatever the machine's number of cores: only the line that
    names that number is left out.
    """
    lines = booster.model_to_string().splitlines()
    kept = [line for line in lines if not line.startswith(THREADS)]
    return "\n".join(kept) + "\n"


def added(booster: lgb.Booster, features: pd.DataFrame, last: int, to: int) -> Floats:
    """Return what the trees behind the first `last`, up to the `to`th, add: (n,)."""
    return np.asarray(
        booster.predict(
            features,
            raw_score=True,
            validate_features=True,
            start_iteration=last,
            num_iteration=to - last,
            # Or the trees that are added later would grow on as many as there are.
            num_threads=_threads(len(features)),
        )
    )


def read(booster: lgb.Booster) -> list[str]:
    """Return the features that its trees ask for."""
    asked = zip(booster.feature_name(), booster.feature_importance(), strict=True)
    return [name for name, times in asked if times]


def _threads(rows: int) -> int:
    return min(os.cpu_count() or 1, 1 + rows // ROWS_A_THREAD)
