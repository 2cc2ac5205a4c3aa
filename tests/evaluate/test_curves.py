import numpy as np
import polars as pl
import pytest

from chronicle.evaluate import curves
from chronicle.evaluate.sample import draw
from chronicle.evaluate.table import exact


def sample(outcome, *, number=50):
    people = {"subject_id": np.arange(len(outcome)), "boolean_value": outcome > 0}
    rows = pl.DataFrame(people).with_columns(weight=1.0)
    return draw(rows, number=number, seed=1)


def test_calibration_groups_hold_everybody_once():
    risk = np.linspace(0.01, 0.5, 83)
    outcome = (risk > 0.4).astype(float)
    groups = curves.calibration(sample(outcome), risk, groups=8, percent=95)
    assert sum(each["index_times"] for each in groups) == 83
    assert [each["predicted"] for each in groups] == sorted(
        each["predicted"] for each in groups
    )
    assert (groups[0]["observed"], groups[-1]["observed"]) == (0, 1)


def test_a_roc_curve_goes_from_corner_to_corner():
    table = exact(np.array([0.0, 1, 1]), np.array([0.1, 0.1, 0.9]), np.ones((1, 3)))
    assert curves.roc(table) == [[0, 0], [0, 0.5], [1, 1]]
    assert curves.precision_recall(table) == [[0.5, 1], [1, pytest.approx(2 / 3)]]


def test_bands_hold_their_curve_and_are_left_out_where_half_the_draws_have_none():
    dice = np.random.default_rng(4)
    risk = dice.random(300)
    outcome = (dice.random(300) < risk).astype(float)
    judged = sample(outcome, number=200).judged(risk)
    for band in (
        curves.roc_band(judged, percent=95),
        curves.precision_recall_band(judged, percent=95),
    ):
        assert len(band) >= curves.BAND
        assert all(0 <= each["low"] <= each["high"] <= 1 for each in band)
    assert curves.roc_band(judged, percent=95)[20]["low"] > 0.5
    lonely = sample(np.zeros(9)).judged(np.linspace(0, 1, 9))
    assert curves.roc_band(lonely, percent=95) == []
    assert curves.precision_recall_band(lonely, percent=95) == []


def test_a_histogram_holds_everybody_once():
    risk = np.linspace(0, 0.9, 50)
    bars = curves.histogram(risk, (risk > 0.5).astype(float), top=0.6)
    assert sum(each["onset"] + each["none"] for each in bars) == 50
    assert bars[-1]["onset"] > bars[-2]["onset"]


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
