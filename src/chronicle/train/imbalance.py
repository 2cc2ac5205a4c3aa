"""What may be done where outcomes are rare; the folds say whether it is worth it.

Each method turns rows and aim into others. All but `none` make scores that are no
log-odds of the risk; calibration on people left out puts that right.
"""

from dataclasses import replace

import lightgbm as lgb
import numpy as np

from chronicle.train.boost import Aim
from chronicle.train.folds import Floats, Rows

FOCUS = 2.0  # gamma
CONTROLS_A_CASE = 5


def none(rows: Rows, aim: Aim) -> tuple[Rows, Aim]:
    """Leave all as it is."""
    return rows, aim


def weights(rows: Rows, aim: Aim) -> tuple[Rows, Aim]:
    """Give cases as much weight in sum as controls, and the start as much more."""
    case = aim.outcome > 0
    total = aim.weight[rows & ~case].sum()
    ratio = total / aim.weight[rows & case].sum()
    heavier = np.where(case, ratio, 1.0) * aim.weight
    # Without it, trees would spend themselves on the level.
    return rows, replace(aim, weight=heavier, start=aim.start + np.log(ratio))


def undersampled(rows: Rows, aim: Aim) -> tuple[Rows, Aim]:
    """Keep all cases and few controls, and correct the level for those left out."""
    case = aim.outcome > 0
    controls = np.flatnonzero(rows & ~case)
    wanted = min(len(controls), CONTROLS_A_CASE * int((rows & case).sum()))
    # Evenly through the rows, which lie by patient and time: no draw, no seed.
    kept = np.zeros(len(rows), dtype=bool)
    kept[controls[np.linspace(0, len(controls) - 1, wanted).astype(int)]] = True
    kept |= rows & case
    ratio = len(controls) / wanted
    return kept, replace(aim, start=aim.start + np.log(ratio))


def focal(rows: Rows, aim: Aim) -> tuple[Rows, Aim]:
    """Let rows that are predicted well already count less.

    Source: Lin TY et al. Focal loss for dense object detection. ICCV 2017:2980-2988.
    """
    return rows, replace(aim, slope=_focal)


def _focal(score: Floats, data: lgb.Dataset) -> tuple[Floats, Floats]:
    label = np.asarray(data.get_label())
    given = data.get_weight()  # none, where all weights are 1
    weight = np.ones(len(score)) if given is None else np.asarray(given)
    sign = 2 * label - 1
    right = 1 / (1 + np.exp(-sign * score))
    wrong, log = 1 - right, np.log(np.maximum(right, 1e-15))
    first = sign * wrong**FOCUS * (FOCUS * right * log - wrong)
    # The second derivative is negative in places, where a step would go astray.
    second = (
        wrong**FOCUS
        * right
        * (wrong * (1 + 2 * FOCUS) + FOCUS * log * (wrong - FOCUS * right))
    )
    return first * weight, np.maximum(second, 1e-6) * weight


METHODS = {
    "none": none,
    "weights": weights,
    "undersampled": undersampled,
    "focal": focal,
}
