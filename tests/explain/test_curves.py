"""Curves, signs, ranks and what the data allow to say."""

import numpy as np
import pytest

from chronicle.explain.curves import curve, signs
from chronicle.explain.importance import drawn, likeness, rank_correlation
from chronicle.explain.trust import alike, seen, unlike

N = 4000
DRAW = np.random.default_rng(5)
VALUE, OTHER = DRAW.normal(size=N), DRAW.normal(size=N)
EVEN, OWN = np.ones(N), np.arange(N)


def curve_of(part, value=VALUE, subjects=OWN, least=20):
    return curve(value, part, EVEN, subjects, bins=8, min_patients=least)


@pytest.mark.parametrize(
    ("part", "verdict"),
    [
        pytest.param(VALUE, "agrees", id="rises"),
        pytest.param(-VALUE, "contradicts", id="falls"),
        pytest.param(np.abs(VALUE), "contradicts", id="falls at first"),
        pytest.param(VALUE * 0.01, "flat", id="hardly moves"),
        pytest.param(np.maximum(VALUE, 0), "agrees", id="rises from somewhere on"),
    ],
)
def test_a_curve_is_held_against_what_medicine_expects(part, verdict):
    # Of bmi there is no curve, so nothing is said.
    [told] = signs({"sbp": curve_of(part)}, {"sbp": "up", "bmi": "up"}, 0.1)
    assert told["verdict"] == verdict


def test_points_hold_enough_patients_or_are_not_drawn():
    few = OWN % 100
    drawn_ = curve_of(VALUE, subjects=few, least=90)
    assert all(each["patients"] >= 90 for each in drawn_["points"])
    assert sum(each["share"] for each in drawn_["points"]) == pytest.approx(1)
    assert curve_of(VALUE, subjects=OWN % 10)["points"] == []


def test_those_without_a_value_have_a_point_of_their_own():
    value = np.where(OWN % 4 == 0, np.nan, VALUE)
    told = curve_of(np.where(np.isnan(value), 0.7, 0.0), value)
    assert told["missing"]["part"] == pytest.approx(0.7)
    assert told["missing"]["share"] == pytest.approx(0.25)
    assert curve_of(VALUE)["missing"] is None


def test_yes_and_no_are_two_points():
    told = curve_of(VALUE, (OWN % 10 == 0).astype(float))
    assert [each["value"] for each in told["points"]] == [0, 1]


def test_patients_are_drawn_with_all_their_rows():
    draws = drawn(OWN // 4, EVEN, number=50, seed=1)
    sums = draws.means((OWN // 4 == 7).astype(float)[:, None])[:, 0] * N / 4
    assert sums[0] == pytest.approx(1)
    assert set(np.round(sums, 9)) <= set(range(8))


def test_ranks_with_ties_are_spearmans():
    some = np.array([1.0, 2.0, 2.0, 5.0])
    assert rank_correlation(some, -some) == pytest.approx(-1)
    assert rank_correlation(some, np.array([2.0, 1.0, 3.0, 4.0])) == pytest.approx(
        0.632456, abs=1e-6
    )


def test_a_person_unlike_those_learnt_from_is_told_by_column():
    values = np.column_stack([VALUE, OTHER])
    values[::50, 1] = np.nan
    known = seen(values, ["a", "b"], OWN, 20)
    weight = {"a": 3.0, "b": 1.0}
    assert unlike({"a": 0.0, "b": np.nan}, known, weight) == {"share": 0, "columns": []}
    far = unlike({"a": 9.0, "b": 0.0}, known, weight)
    assert far == {"share": 0.75, "columns": ["a"]}
    assert unlike({"a": np.nan, "b": 0.0}, known, weight)["columns"] == ["a"]


def test_what_became_of_people_with_such_a_risk():
    risk = np.linspace(0.01, 0.4, N)
    sick = (np.random.default_rng(2).random(N) < risk).astype(float)
    told = alike(risk, sick, EVEN, OWN, bins=8, min_patients=20)
    # The highest eighth would hold risks that are nothing alike: it is halved.
    assert len(told) > 8
    assert 20 < told[-1]["patients"] <= 41
    assert sum(each["patients"] for each in told) == N
    assert all(each["from"] <= each["observed"] <= each["to"] for each in told)
    held = [each["from"] <= each["risk"] <= each["to"] for each in told]
    assert sum(held) >= len(told) - 2
    assert alike(risk, sick, EVEN, OWN % 10, bins=8, min_patients=20) == []


def test_two_fits_are_alike_in_what_either_of_them_uses():
    one = np.array([[3.0, -2.0, 1.0, 0.0], [3.0, 2.0, -1.0, 0.0]])
    turned = one[:, [2, 1, 0, 3]]
    alike, other = (likeness(one, e, np.ones(2)) for e in (10 * one, turned))
    assert alike == {"rank_correlation": pytest.approx(1), "same_first_five": 1.0}
    assert other["rank_correlation"] == pytest.approx(-1)
