import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.train import calibrate
from chronicle.train.folds import folds


def drawn(slope: float, level: float, number: int = 20_000):
    draw = np.random.default_rng(4)
    logit = draw.normal(-2, 1, number)
    true = 1 / (1 + np.exp(-(level + slope * logit)))
    return logit, (draw.random(number) < true).astype(float), np.ones(number)


@pytest.mark.parametrize(("slope", "level"), [(1, 0), (0.5, -0.7), (1.4, 1)])
def test_a_score_becomes_the_risk_that_made_the_outcomes(slope, level):
    found = calibrate.platt(*drawn(slope, level))
    assert found["slope"] == pytest.approx(slope, abs=0.1)
    assert found["intercept"] == pytest.approx(level, abs=0.15)


def test_a_score_that_ranks_backwards_is_not_turned_around():
    logit, outcome, weight = drawn(-1, -4)
    found = calibrate.platt(logit, outcome, weight)
    assert found["slope"] == 0
    assert 1 / (1 + np.exp(-found["intercept"])) == pytest.approx(outcome.mean())


def test_too_few_outcomes_leave_the_score_as_it_is():
    logit, outcome, weight = drawn(0.5, -1, number=60)
    assert 0 < outcome.sum() < calibrate.LEAST_OUTCOMES
    assert calibrate.platt(logit, outcome, weight) == calibrate.AS_IT_IS


@given(st.lists(st.integers(0, 30), min_size=1, max_size=80), st.integers(2, 6))
def test_each_row_is_left_out_once_and_no_patient_is_split(subjects, number):
    subjects = np.array(subjects)
    left_out = list(folds(subjects, number, 1))
    assert (np.sum(left_out, axis=0) == 1).all()
    for rows in left_out:
        assert not set(subjects[rows]) & set(subjects[~rows])
