"""LightGBM's settings, looked for with Optuna in the folds.

Trials come one after another from a seeded sampler, so a search is the same each time.
Other settings are taken only where their log-loss is surely lower: the best of many is
best by luck as well.
"""

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
import optuna
from pydantic import Field

from chronicle.core.params import Params
from chronicle.train.data import gain, log_loss
from chronicle.train.trees import Trees

# What it says is said again by `model.json`.
optuna.logging.set_verbosity(logging.WARNING)
Number = int | float


class Tuning(Params):
    """Section `train.tuning`.

    Args:
        trials: How many settings are tried; 0: none but those that are given.
        least_outcome_patients: With fewer, a search would find luck, and none is made.
        ranges: Lowest and highest value, by name; whole numbers stay whole.
    """

    trials: int = Field(ge=0)
    least_outcome_patients: int = Field(ge=1)
    ranges: dict[str, tuple[Number, Number]]


def search(
    trees: Trees,
    given: Mapping[str, Any],
    tuning: Tuning,
    seed: int,
    standard_errors: float,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the settings to use, and what came of the search.

    Args:
        trees: They score people whom they have not seen.
        given: Settings that stand unless others are clearly better.
        tuning: How to search.
        seed: Of the sampler.
        standard_errors: By how many the log-loss must fall.
    """
    if not tuning.trials or trees.data.outcomes < tuning.least_outcome_patients:
        return dict(given), {"trials": 0, "changed": {}}
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=4),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=1),
    )
    study.enqueue_trial({name: given[name] for name in tuning.ranges})
    study.optimize(
        lambda trial: _loss(trial, trees, {**given, **_asked(trial, tuning)}),
        n_trials=tuning.trials,
    )
    found = {**given, **study.best_params}
    before, after = (trees.best(each)[1] for each in (given, found))
    fell = gain(trees.data, before, after)
    won = fell.surely(standard_errors)
    changed = {
        each: found[each] for each in tuning.ranges if found[each] != given[each]
    }
    return found if won else dict(given), {
        "trials": len(study.trials),
        "changed": changed if won else {},
        **fell._asdict(),
    }


def _asked(trial: optuna.Trial, tuning: Tuning) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    for name, (low, high) in tuning.ranges.items():
        if isinstance(low, int) and isinstance(high, int):
            asked[name] = trial.suggest_int(name, low, high, log=low > 0)
        else:
            asked[name] = trial.suggest_float(name, low, high, log=low > 0)
    return asked


def _loss(trial: optuna.Trial, trees: Trees, settings: Mapping[str, Any]) -> float:
    """Return the log-loss with the best number of trees, fold by fold."""
    data = trees.data
    lost, weight = np.zeros(len(trees.sizes)), 0.0
    for fold, (rows, scores) in enumerate(trees.scores(settings)):
        of_fold = data.weight[rows].sum()
        lost += of_fold * log_loss(scores, data.outcome[rows], data.weight[rows])
        weight += of_fold
        trial.report(float(lost.min() / weight), fold)
        if trial.should_prune():
            raise optuna.TrialPruned
    return float(lost.min() / weight)
