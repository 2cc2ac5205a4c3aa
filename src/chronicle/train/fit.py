"""A model as it is used: a simple one, the trees that add to it, and a calibration.

Where outcomes are few, a logistic regression knows more than trees can learn. So trees
start from the one that predicts people left out best, and the folds tell how many trees
to keep: hardly any where they find nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from chronicle.core.model import score_of_baseline
from chronicle.train import baseline, boost, calibrate, doubt
from chronicle.train.balance import Balanced, balanced
from chronicle.train.baseline import Way
from chronicle.train.data import Data, gain, log_loss
from chronicle.train.folds import Floats, Rows
from chronicle.train.learning import learning
from chronicle.train.refit import Refit, refits
from chronicle.train.trees import Trees, sizes
from chronicle.train.tune import Tuning, search


@dataclass(frozen=True)
class Plan:
    """How to fit a model.

    Args:
        baselines: What it is held against; trees add to one of them.
        settings: LightGBM's, with `rounds`, the most trees there may be, and `max_bin`.
        columns: Sets of columns that trees may read, by name; the folds choose one.
        monotone: 1 for features whose risk may only rise with them, -1 for only fall.
        imbalance: Methods to choose from; the first stands unless another is better.
        tuning: How to look for other settings.
        seed: Of that search.
        standard_errors: By how many the log-loss must be lower, for what is less
            simple to stand in for what is simpler.
        abstain_percent: Share of the people learnt from who are as unlike the others
            as those of whom the model shall say nothing.
        set_percent: Share of cases, and of controls, whom `doubt.sets` shall hold.
        learning_percents: Shares of patients, to see what fewer would have taught.
    """

    baselines: Sequence[Way]
    settings: Mapping[str, Any]
    columns: Mapping[str, list[str]]
    monotone: Mapping[str, int]
    imbalance: Sequence[str]
    tuning: Tuning
    seed: int
    standard_errors: float
    abstain_percent: float
    set_percent: float
    learning_percents: Sequence[float]


@dataclass(frozen=True)
class Fitted:
    """What is kept of a model.

    Args:
        text: LightGBM's text form of the trees.
        start: The baseline that they add to.
        baselines: All of them, each with the penalty that the folds chose.
        chosen: What the folds chose, and by how much it was better.
        calibration: What makes a risk of the sum.
        bounds: Of risks: `core.model.doubt`.
        likeness: Whom it may judge: the same.
        sets: From which risk on somebody may be a case: `doubt.sets`.
        learning: What fewer patients would have taught.
        refits: Models of some of the rows, as `train/refit.py` says.
    """

    text: str
    start: dict[str, Any]
    baselines: list[dict[str, Any]]
    chosen: dict[str, Any]
    calibration: dict[str, Any]
    bounds: dict[str, Any]
    likeness: dict[str, Any]
    sets: dict[str, float]
    learning: list[dict[str, Any]]
    refits: list[Refit]


@dataclass(frozen=True)
class _Start:
    """A baseline with its penalty chosen.

    Args:
        way: How it is fitted: with one penalty.
        unseen: Scores by those fitted on other folds, shape (n,).
        ahead: For each fold, the scores of all rows by the one that has not seen it.
    """

    way: Way
    unseen: Floats
    ahead: list[Floats]


def fit(
    data: Data,
    left_out: list[Rows],
    plan: Plan,
    apart: Mapping[str, Rows] | None = None,
) -> Fitted:
    """Fit a model; its shape and its calibration come from people left out.

    Args:
        data: Rows of all training patients.
        left_out: Folds.
        plan: How.
        apart: Rows to fit it to once more, alone, by the name of a split.
    """
    starts = [_start(data, left_out, way) for way in plan.baselines]
    trees = Trees(
        data,
        left_out,
        {each.way.name: each.ahead for each in starts},
        sizes(plan.settings["rounds"]),
        plan.columns,
        plan.monotone,
        plan.settings["max_bin"],
    )
    return _fitted(trees, starts, plan, apart or {}, *_chosen(trees, starts, plan))


def _fitted(
    trees: Trees,
    starts: Sequence[_Start],
    plan: Plan,
    apart: Mapping[str, Rows],
    best: Balanced,
    chosen: dict[str, Any],
) -> Fitted:
    """Fit what was chosen to all rows."""
    data = trees.data
    fitted = [
        baseline.fit(each.way, data.features, data.outcome, data.weight)[0]
        for each in starts
    ]
    first = [each.way.name for each in starts].index(best.settings["start"])
    ahead = score_of_baseline(fitted[first], data.features)
    grown = trees.grown(best.settings, trees.everybody, ahead, best.rounds)
    read = [each["feature"] for each in fitted[first]["terms"]] + boost.read(grown)
    read = list(dict.fromkeys(read))
    level = calibrate.calibrated(best.scores, data.outcome, data.weight)
    risk = 1 / (1 + np.exp(-level))
    return Fitted(
        boost.text(grown),
        fitted[first],
        fitted,
        chosen,
        calibrate.platt(best.scores, data.outcome, data.weight),
        doubt.bounds(data, risk),
        doubt.likeness(data.features, read, risk, plan.abstain_percent),
        doubt.sets(data, risk, plan.set_percent),
        learning(trees, starts[first].way, best, plan.learning_percents, plan.seed),
        list(refits(trees, starts[first].way, best, apart)),
    )


def _chosen(
    trees: Trees, starts: Sequence[_Start], plan: Plan
) -> tuple[Balanced, dict[str, Any]]:
    """Let the folds choose, and tell what and why."""
    sure = plan.standard_errors
    settings, tuned = search(trees, _first(trees, plan), plan.tuning, plan.seed, sure)
    best, compared = balanced(trees, settings, plan.imbalance, sure)
    simple = min(starts, key=partial(_loss, trees.data))
    worth = gain(trees.data, simple.unseen, best.scores)
    if not worth.surely(sure):
        best = _hardly_any(best, simple)
    return best, {
        "settings": best.settings | {"rounds": best.rounds},
        "tuning": tuned,
        "imbalance": compared,
        "trees": worth._asdict(),
    }


def _hardly_any(best: Balanced, simple: _Start) -> Balanced:
    """Return one tree on the baseline: what is there to save and to explain."""
    settings = best.settings | {"start": simple.way.name, "imbalance": "none"}
    return Balanced(settings, 1, simple.unseen, simple.unseen)


def _loss(data: Data, start: _Start) -> float:
    return float(log_loss(start.unseen[:, None], data.outcome, data.weight)[0])


def _first(trees: Trees, plan: Plan) -> dict[str, Any]:
    """Choose what trees start from and what they read."""
    found = [
        {
            **plan.settings,
            "imbalance": plan.imbalance[0],
            "start": start,
            "trees_read": read,
        }
        for start, read in product(trees.ahead, plan.columns)
    ]
    return min(found, key=lambda each: trees.best(each)[0])


def _start(data: Data, left_out: list[Rows], way: Way) -> _Start:
    """Choose a baseline's penalty."""
    everybody = [
        np.column_stack(
            [
                score_of_baseline(each, data.features)
                for each in baseline.fit(
                    way, data.features[~rows], data.outcome[~rows], data.weight[~rows]
                )
            ]
        )
        for rows in left_out
    ]
    unseen = np.empty_like(everybody[0])
    for rows, scores in zip(left_out, everybody, strict=True):
        unseen[rows] = scores[rows]
    best = int(np.argmin(log_loss(unseen, data.outcome, data.weight)))
    return _Start(
        replace(way, inverse_penalties=(way.inverse_penalties[best],)),
        unseen[:, best],
        [scores[:, best] for scores in everybody],
    )
