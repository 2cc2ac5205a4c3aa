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


def test_the_fewer_outcomes_the_nearer_the_slope_stays_to_one():
    few, some, many = (
        calibrate.platt(*drawn(0.3, -1, number=number)) for number in (40, 400, 20_000)
    )
    assert 1 > few["slope"] > some["slope"] > many["slope"]
    assert many["slope"] == pytest.approx(0.3, abs=0.03)


def test_whatever_the_slope_risks_are_as_high_in_sum_as_outcomes_are_many():
    logit, outcome, weight = drawn(0.3, -1, number=40)
    weight = weight + np.arange(40) % 3
    risk = 1 / (1 + np.exp(-calibrate.calibrated(logit, outcome, weight)))
    assert (weight * risk).sum() == pytest.approx((weight * outcome).sum(), rel=1e-4)


def test_scores_that_part_cases_from_controls_stay_finite():
    outcome = (np.arange(40) > 30).astype(float)
    found = calibrate.platt(outcome * 80 - 40, outcome, np.ones(40))
    assert 0 < found["slope"] < 2


@given(
    st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=80),
    st.integers(2, 6),
)
def test_each_row_is_left_out_once_no_patient_is_split_and_cases_lie_evenly(
    rows, number
):
    subjects, outcome = np.array(rows).T
    left_out = list(folds(subjects, outcome.astype(float), number, 1))
    assert (np.sum(left_out, axis=0) == 1).all()
    cases = [len(set(subjects[each & (outcome > 0)])) for each in left_out]
    assert max(cases) - min(cases) <= 1
    for rows in left_out:
        assert not set(subjects[rows]) & set(subjects[~rows])
