import numpy as np
import polars as pl
import pytest

from chronicle.evaluate import score
from chronicle.evaluate.bootstrap import of_both, scored
from chronicle.evaluate.sample import draw
from chronicle.evaluate.table import exact


def drawn(outcome, subjects, *, number=400, seed=1):
    rows = {"subject_id": subjects, "boolean_value": outcome > 0, "weight": 1.0}
    return draw(pl.DataFrame(rows), number=number, seed=seed)


def between(outcome, risk, subjects, *, seed=1):
    judged = drawn(outcome, subjects, seed=seed).judged(risk)
    return scored(judged, {"x": score.auroc}, percent=95).intervals()["x"]


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


@pytest.mark.parametrize("prevalence", [0.02, 0.3])
def test_many_people_in_fine_groups_are_scored_as_if_each_stood_alone(prevalence):
    draws = np.random.default_rng(3)
    risk = draws.beta(1, 1 / prevalence - 1, 20_000)
    outcome = (draws.random(20_000) < risk).astype(float)
    sample = drawn(outcome, np.arange(20_000) // 4, number=20)
    judged = sample.judged(risk)
    assert len(judged.resamples.risk) < 4000
    each = exact(outcome, risk, sample.times[:, sample.patient].astype(float))
    for name in (score.auroc, score.auprc, score.brier, score.observed_expected):
        spread = np.std(name(each))
        assert np.abs(name(judged.resamples) - name(each)).max() < spread / 10


def test_groups_part_at_a_line_so_that_what_is_flagged_is_exact():
    outcome, risk, subjects = people(9000)
    sample = drawn(outcome, subjects, number=20)
    line = np.array([0.7654321])
    judged = sample.judged(risk, line)
    flagged = of_both(judged, lambda table: sum(table.at(line))[:, 0])
    assert flagged[0] == (risk >= line).sum()
    times = sample.times[:, sample.patient]
    assert flagged[1:].tolist() == times[:, risk >= line].sum(axis=1).tolist()
