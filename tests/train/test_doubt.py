from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from chronicle.core.model import doubt
from chronicle.train.data import Data
from chronicle.train.doubt import bounds, likeness, sets


def judged(number: int, seed: int = 3) -> tuple[Data, np.ndarray]:
    """Draw people of whom risks are known, and what happened to them."""
    draw = np.random.default_rng(seed)
    risk = draw.beta(1, 9, number)
    outcome = (draw.random(number) < risk).astype(float)
    features = pd.DataFrame(
        {"a": draw.normal(size=number), "b": draw.normal(size=number)}
    )
    return Data(features, outcome, np.ones(number), np.arange(number)), risk


def told(data: Data, risk, features=None):
    about = {
        "bounds": bounds(data, risk),
        "likeness": likeness(data.features, ["a", "b"], risk, 1.0),
    }
    given = data.features if features is None else features
    return doubt(given, risk[: len(given)], about)


def test_bounds_of_a_risk_are_a_share_of_outcomes_near_it():
    low, high, _ = told(*judged(4000))
    _, risk = judged(4000)
    assert (low <= high).all()
    assert np.mean((low - 0.03 <= risk) & (risk <= high + 0.03)) > 0.9


def test_the_fewer_people_the_wider_the_bounds():
    few, many = (np.diff(told(*judged(n))[:2], axis=0).mean() for n in (200, 4000))
    assert few > 2 * many


@pytest.mark.parametrize(
    ("a", "b", "silent"),
    [(0.0, 0.0, False), (9.0, 0.0, False), (9.0, -9.0, True), (np.nan, np.nan, True)],
)
def test_of_people_unlike_those_learnt_from_nothing_is_said(a, b, silent):
    data, risk = judged(1000)
    one = pd.DataFrame({"a": [a], "b": [b]})
    assert told(data, risk, one)[2].tolist() == [silent]


def test_hardly_anybody_learnt_from_is_too_unlike_whatever_the_risk():
    data, risk = judged(4000)
    # Whose risk is high has unusual values.
    sick = data.features.assign(a=data.features["a"] + 9 * (risk > 0.3), b=99 * risk)
    data = replace(data, features=sick)
    silent = told(data, risk)[2]
    assert 0 < silent.mean() <= 0.01
    assert silent[risk > 0.3].mean() < 0.1


def test_a_model_of_an_earlier_run_has_one_limit_for_every_risk():
    data, risk = judged(1000)
    about = {"bounds": bounds(data, risk)}
    about["likeness"] = likeness(data.features, ["a", "b"], risk, 1.0)
    del about["likeness"]["from"]
    about["likeness"]["most"] = 1.0
    assert not doubt(data.features, risk, about)[2].any()


def test_each_class_lies_within_its_limit_as_often_as_is_said():
    found = sets(*judged(4000), 90.0)
    others, risk = judged(20_000, seed=4)
    case = others.outcome > 0
    assert np.mean(risk[case] >= found["case_from"]) == pytest.approx(0.9, abs=0.03)
    assert np.mean(risk[~case] <= found["control_to"]) == pytest.approx(0.9, abs=0.03)
    # Of too few cases none may lie outside.
    few = Data(
        others.features, (risk == risk.max()) * 1.0, others.weight, others.subjects
    )
    assert sets(few, risk, 90.0)["case_from"] == 0
