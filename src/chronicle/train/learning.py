"""How well less data would have done: the same settings, fewer patients."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from chronicle.core.model import score_of_baseline
from chronicle.train import baseline
from chronicle.train.balance import Balanced
from chronicle.train.baseline import Way
from chronicle.train.boost import added
from chronicle.train.data import Data
from chronicle.train.folds import Floats, Rows
from chronicle.train.trees import Trees

LEAST_OUTCOMES = 5  # patients, in what a fold leaves; with fewer nothing is fitted


def learning(
    trees: Trees,
    ways: Sequence[Way],
    best: Balanced,
    percents: Sequence[float],
    seed: int,
) -> list[dict[str, Any]]:
    """Return the AUROC on people left out, by the share of patients learnt from.

    Args:
        trees: Rows, folds and bins.
        ways: How the baselines are fitted that the trees start from.
        best: The settings that were chosen, and the scores with all patients.
        percents: Shares of the patients, each within the next larger.
        seed: Of who is in them.
    """
    data = trees.data
    patients, place = np.unique(data.subjects, return_inverse=True)
    rank = np.random.default_rng(seed).permutation(len(patients))[place]
    found = []
    for percent in percents:
        kept = rank < len(patients) * percent / 100
        scores = unseen(trees, ways, best, kept)
        if scores is not None:
            found.append(_point(percent, data, kept, scores))
    everybody = trees.everybody
    return [*found, _point(100.0, data, everybody, best.scores)]


def unseen(
    trees: Trees, ways: Sequence[Way], best: Balanced, kept: Rows
) -> Floats | None:
    """Score each fold by a model of those kept of the others; None: too few of them."""
    data = trees.data
    found = np.empty(len(data.outcome))
    for rows in trees.left_out:
        seen = kept & ~rows
        some = data.only(seen)
        if some.outcomes < LEAST_OUTCOMES or some.outcome.all():
            return None
        start = baseline.start(ways, some.features, some.outcome, some.weight)
        ahead = score_of_baseline(start, data.features)
        grown = trees.grown(best.settings, seen, ahead, best.rounds)
        read = data.features.loc[rows, grown.feature_name()]
        found[rows] = ahead[rows] + added(grown, read, 0, best.rounds)
    return found


def _point(percent: float, data: Data, kept: Rows, scores: Floats) -> dict[str, Any]:
    area = roc_auc_score(data.outcome, scores, sample_weight=data.weight)
    some = data.only(kept)
    return {
        "percent": percent,
        "patients": len(np.unique(some.subjects)),
        "outcome_patients": some.outcomes,
        "auroc": float(area),
    }
