from functools import partial

import numpy as np
import pytest

from chronicle.evaluate import score
from chronicle.evaluate.bootstrap import interval, replicates


def between(outcome, risk, subjects, *, seed=1):
    blocks = list(replicates(subjects, np.ones(len(risk)), number=400, seed=seed))
    return interval(partial(score.auroc, outcome, risk), blocks, percent=95)


def people(n: int, *, rows: int = 1):
    draw = np.random.default_rng(2)
    risk = draw.random(n)
    outcome = (draw.random(n) < risk).astype(float)
    return tuple(np.repeat(each, rows) for each in (outcome, risk, np.arange(n)))


def test_the_value_lies_inside_its_interval():
    found = between(*people(200))
    assert found["low"] < found["value"] < found["high"]


def test_ten_rows_a_patient_are_no_more_evidence_than_one():
    # Rows drawn one by one would shrink the interval by the square root of ten.
    assert between(*people(100, rows=10)) == pytest.approx(between(*people(100)))


def test_more_patients_narrow_the_interval():
    few, many = between(*people(50)), between(*people(800))
    assert many["high"] - many["low"] < (few["high"] - few["low"]) / 2


def test_the_same_seed_gives_the_same_interval():
    assert between(*people(60)) == between(*people(60))
    assert between(*people(60)) != between(*people(60), seed=2)


def test_one_case_in_many_patients_has_a_value_and_no_interval():
    outcome = np.array([1.0] + [0.0] * 3)
    found = between(outcome, np.array([0.9, 0.1, 0.2, 0.3]), np.array([1, 1, 1, 1]))
    assert found["value"] == 1
    lonely = between(np.zeros(4), np.array([0.9, 0.1, 0.2, 0.3]), np.arange(4))
    assert lonely == {"value": None, "low": None, "high": None}
