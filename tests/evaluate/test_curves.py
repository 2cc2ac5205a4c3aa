import numpy as np
import polars as pl

from chronicle.evaluate import curves
from chronicle.evaluate.bootstrap import replicates


def test_calibration_groups_hold_everybody_once():
    risk = np.linspace(0.01, 0.5, 83)
    outcome = (risk > 0.4).astype(float)
    blocks = list(replicates(np.arange(83), np.ones(83), number=50, seed=1))
    groups = curves.calibration(outcome, risk, blocks, groups=8, percent=95)
    assert sum(each["index_times"] for each in groups) == 83
    assert [each["predicted"] for each in groups] == sorted(
        each["predicted"] for each in groups
    )
    assert (groups[0]["observed"], groups[-1]["observed"]) == (0, 1)


def test_a_roc_curve_goes_from_corner_to_corner():
    points = curves.roc(
        np.array([0.0, 1.0, 1.0]), np.array([0.1, 0.1, 0.9]), np.ones(3)
    )
    assert (points[0], points[-1]) == ([0, 0], [1, 1])


def test_features_come_by_size_with_the_direction_in_which_they_push():
    matrix = pl.DataFrame(
        {"up": [1.0, 2, 3, 4], "down": [1.0, 2, 3, 4], "idle": [1.0, 1, 1, 1]}
    )
    push = np.array([-3.0, -1, 1, 3])
    contributions = np.stack([push, -push / 2, np.zeros(4)], axis=1)
    found = curves.features(matrix, contributions, np.ones(4))
    assert [(each["name"], each["direction"]) for each in found] == [
        ("up", 1),
        ("down", -1),
    ]
