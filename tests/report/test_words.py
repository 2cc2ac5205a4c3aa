"""Names and numbers as a person reads them; axes with round ticks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.report.metrics import found_and_flagged, highest_group
from chronicle.report.names import readable
from chronicle.report.scale import MOST_STEPS, Scale, round_top
from chronicle.report.words import interval


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        ("sbp_last_365d", "systolic blood pressure, last value within 1 year"),
        ("total_cholesterol_min_90d", "total cholesterol, lowest value within 90 days"),
        ("hdl_count_1095d", "HDL cholesterol, times measured within 3 years"),
        ("hdl_count_ever", "HDL cholesterol, times measured"),
        ("egfr_slope_1095d", "eGFR, change in a year within 3 years"),
        ("statin_active", "statin, taken now"),
        ("asthma_since_first_days", "asthma, days since first recorded"),
        ("hba1c_since_days", "HbA1c, days since last measured"),
        ("atrial_fibrillation_ever", "atrial fibrillation, ever recorded"),
        ("visits_365d", "outpatient visits within 1 year"),
        ("age_years", "age"),
        ("something_quite_new", "something quite new"),
        ("", ""),
    ],
)
def test_a_feature_has_a_name_that_can_be_read(feature, expected):
    assert readable(feature) == expected


def test_a_negative_value_has_a_minus_and_nought_has_no_sign():
    found = {"value": -0.18, "low": -0.001, "high": 0.3}
    assert interval(found) == "\N{MINUS SIGN}0.18 (0.00 to 0.30)"


@given(st.floats(1e-4, 1e4))
def test_an_axis_holds_its_value_and_has_few_round_ticks(value):
    top = round_top([value], least=1e-4)
    scale = Scale(top, 54, 344)
    assert value <= top * (1 + 1e-9)
    assert 3 <= len(scale.ticks) <= MOST_STEPS + 1
    assert scale.at(0) == "54.0"
    assert scale.at(scale.ticks[-1]) == "344.0"


def test_what_lies_beyond_an_axis_is_drawn_at_its_end():
    assert Scale(1, 302, 12).at(1.4) == "12.0"


def test_a_curve_that_finds_nobody_is_put_into_no_words():
    assert found_and_flagged([]) == ""
    assert "100 %" in found_and_flagged([[0, 0], [0.5, 0.7], [1, 1]])


def test_groups_without_an_outcome_are_put_into_no_words():
    nothing = {"predicted": 0.1, "observed": None, "low": None, "high": None}
    assert highest_group([nothing]) == ""
    alone = nothing | {"observed": 0.2}
    assert "10 % on average, 20 % got the diagnosis" in highest_group([nothing, alone])
