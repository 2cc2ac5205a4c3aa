"""What to do about rare outcomes, decided by people whom the trees have not seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chronicle.train import calibrate
from chronicle.train.data import gain, log_loss
from chronicle.train.folds import Floats
from chronicle.train.trees import Trees


@dataclass(frozen=True)
class Balanced:
    """Trees with a method and a number of rounds.

    Args:
        settings: Of the trees.
        rounds: How many there are.
        scores: Of people whom they have not seen, shape (n,).
        level: The same, calibrated.
    """

    settings: dict[str, Any]
    rounds: int
    scores: Floats
    level: Floats


def balanced(
    trees: Trees,
    settings: Mapping[str, Any],
    methods: Sequence[str],
    standard_errors: float,
) -> tuple[Balanced, list[dict[str, Any]]]:
    """Choose a method by log-loss after calibration.

    Args:
        trees: They score people whom they have not seen.
        settings: Of the trees.
        methods: The first stands, unless another's log-loss is surely lower:
        standard_errors: by more than so many.

    Returns:
        The best; and of each, by how much its log-loss is below that of the first.
    """
    found = [_tried(trees, {**settings, "imbalance": each}) for each in methods]
    fell = [gain(trees.data, found[0].level, each.level) for each in found]
    best = max(
        range(len(found)),
        key=lambda at: fell[at].gain if fell[at].surely(standard_errors) else 0.0,
    )
    return found[best], [
        {"method": method, **each._asdict()}
        for method, each in zip(methods, fell, strict=True)
    ]


def _tried(trees: Trees, settings: dict[str, Any]) -> Balanced:
    data = trees.data
    scores = trees.unseen(settings)
    level = np.column_stack(
        [calibrate.calibrated(each, data.outcome, data.weight) for each in scores.T]
    )
    best = int(np.argmin(log_loss(level, data.outcome, data.weight)))
    return Balanced(settings, trees.sizes[best], scores[:, best], level[:, best])
