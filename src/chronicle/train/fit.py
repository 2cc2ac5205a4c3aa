"""A model as it is used: a simple one, the trees that add to it, and a calibration.

Where outcomes are few, a logistic regression knows more than trees can learn, and the
folds cannot tell which of several knows most. So trees start from the mean of them, and
the folds tell how many trees to keep, and how much of what they add: nothing where they
find nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chronicle.core.model import score_of_baseline
from chronicle.core.store import METRIC_DIGITS
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
        baselines: What it is held against; trees add to the mean of them.
        settings: LightGBM's, with `rounds`, the most trees there may be, and `max_bin`.
        columns: Sets of columns that trees may read, by name; the folds choose one.
        monotone: 1 for features whose risk may only rise with them, -1 for only fall.
        imbalance: Methods to choose from; the first stands unless another is better.
        tuning: How to look for other settings.
        seed: Of that search.
        standard_errors: By how many the log-loss must be lower, for other settings to
            stand in for those that are given.
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
        start: The mean of the baselines, which they add to.
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
        ahead: For each fold, the scores of all rows by the one that has not seen it.
    """

    way: Way
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
    ahead = [each.ahead for each in starts]
    trees = Trees(
        data,
        left_out,
        [np.mean(each, axis=0) for each in zip(*ahead, strict=True)],
        sizes(plan.settings["rounds"]),
        plan.columns,
        plan.monotone,
        plan.settings["max_bin"],
    )
    ways = [each.way for each in starts]
    return _fitted(trees, ways, plan, apart or {}, *_chosen(trees, plan))


def _fitted(
    trees: Trees,
    ways: Sequence[Way],
    plan: Plan,
    apart: Mapping[str, Rows],
    best: Balanced,
    chosen: dict[str, Any],
) -> Fitted:
    """Fit what was chosen to all rows."""
    data = trees.data
    fitted = [
        baseline.fit(each, data.features, data.outcome, data.weight)[0] for each in ways
    ]
    start = baseline.together(fitted)
    ahead = score_of_baseline(start, data.features)
    grown = trees.grown(best.settings, trees.everybody, ahead, best.rounds)
    read = [each["feature"] for each in start["terms"]] + boost.read(grown)
    read = list(dict.fromkeys(read))
    level = calibrate.calibrated(best.scores, data.outcome, data.weight)
    risk = 1 / (1 + np.exp(-level))
    return Fitted(
        boost.text(grown),
        start,
        fitted,
        chosen,
        calibrate.platt(best.scores, data.outcome, data.weight),
        doubt.bounds(data, risk),
        doubt.likeness(data.features, read, risk, plan.abstain_percent),
        doubt.sets(data, risk, plan.set_percent),
        learning(trees, ways, best, plan.learning_percents, plan.seed),
        list(refits(trees, ways, best, apart)),
    )


def _chosen(trees: Trees, plan: Plan) -> tuple[Balanced, dict[str, Any]]:
    """Let the folds choose, and tell what and why."""
    sure, data = plan.standard_errors, trees.data
    settings, tuned = search(trees, _first(trees, plan), plan.tuning, plan.seed, sure)
    best, compared = balanced(trees, settings, plan.imbalance, sure)
    level = calibrate.calibrated(trees.start, data.outcome, data.weight)
    worth = gain(data, level, best.level)
    best = _part(trees, best, round(worth.share, METRIC_DIGITS))
    return best, {
        "settings": best.settings | {"rounds": best.rounds},
        "tuning": tuned,
        "imbalance": compared,
        "trees": worth._asdict(),
    }


def _part(trees: Trees, best: Balanced, share: float) -> Balanced:
    """Take a share of what trees add; of nothing, one tree is there to save."""
    scores = trees.start + share * (best.scores - trees.start)
    level = calibrate.calibrated(scores, trees.data.outcome, trees.data.weight)
    settings = best.settings | {"share": share}
    return Balanced(settings, best.rounds if share else 1, scores, level)


def _first(trees: Trees, plan: Plan) -> dict[str, Any]:
    """Choose what trees read."""
    found = [
        {**plan.settings, "imbalance": plan.imbalance[0], "trees_read": read}
        for read in plan.columns
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
        [scores[:, best] for scores in everybody],
    )
