import polars as pl
import pytest

from chronicle.featurize.sums import MOST
from tests.drawn import NAMES
from tests.featurize.plain import HBA1C, features, row_of


def summary_of(text: str, *what: str) -> dict[str, tuple]:
    """Return what is said of HbA1c of those in whom it was ever measured."""
    columns = [
        f"hba1c_{each}" for each in what or ("last_365d", "mean_365d", "count_365d")
    ]
    measured = features(text).filter(pl.col("hba1c_since_days").is_not_null())
    return {
        NAMES[subject - 1]: tuple(rest)
        for subject, *rest in measured.select("subject_id", *columns).rows()
    }


def test_last_mean_and_count_are_per_patient():
    assert summary_of("""
        ann  -30  LOINC//4548-4  6.0
        ann  -10  LOINC//4548-4  7.0
        bob  -10  LOINC//4548-4  5.0
        bob  -10  LOINC//2160-0  1.0
    """) == {"ann": (7.0, 6.5, 2), "bob": (5.0, 5.0, 1)}


def test_a_window_holds_the_index_time_and_excludes_its_far_edge():
    assert summary_of("""
        ann  -365  LOINC//4548-4  9.0
        ann  -364  LOINC//4548-4  6.0
        ann     0  LOINC//4548-4  7.0
    """) == {"ann": (7.0, 6.5, 2)}


def test_what_lies_before_a_window_lies_in_the_whole_past():
    what = ("last_365d", "count_365d", "since_days", "last_ever", "count_ever")
    assert summary_of("ann -4000 LOINC//4548-4 9.0", *what) == {
        "ann": (None, 0, 4000.0, 9.0, 1)
    }


def test_ties_at_one_time_do_not_depend_on_row_order():
    forth = summary_of("ann -5 LOINC//4548-4 6.0\nann -5 LOINC//4548-4 7.0")
    back = summary_of("ann -5 LOINC//4548-4 7.0\nann -5 LOINC//4548-4 6.0")
    assert forth == back == {"ann": (7.0, 6.5, 2)}


def test_what_was_measured_before_but_reported_later_is_not_known():
    assert summary_of("""
        ann  -10  LOINC//4548-4  6.0
        ann   -5  LOINC//4548-4  9.0  known=1
    """) == {"ann": (6.0, 6.0, 1)}


def test_what_was_reported_at_the_index_time_is_known():
    assert summary_of("ann -5 LOINC//4548-4 9.0 known=0") == {"ann": (9.0, 9.0, 1)}


def test_a_late_report_counts_on_the_day_on_which_it_was_measured():
    assert summary_of("""
        ann  -400  LOINC//4548-4  9.0  known=-10
        ann   -20  LOINC//4548-4  6.0
    """) == {"ann": (6.0, 6.0, 1)}


def test_a_measurement_without_a_number_is_no_measurement():
    assert summary_of("ann -10 LOINC//4548-4") == {}


@pytest.mark.parametrize("value", [MOST, -MOST, "inf", "nan"])
def test_a_number_that_no_body_has_is_no_measurement(value):
    assert summary_of(f"ann -10 LOINC//4548-4 {value}") == {}


def test_min_and_max_are_those_of_the_window():
    assert summary_of(
        """
        ann  -400  LOINC//4548-4  4.0
        ann   -30  LOINC//4548-4  6.0
        ann   -10  LOINC//4548-4  7.0
        """,
        "min_365d",
        "max_365d",
    ) == {"ann": (6.0, 7.0)}


def test_the_spread_is_that_of_a_sample_and_unknown_of_one_value():
    assert summary_of(
        """
        ann  -100  LOINC//4548-4  5.0
        ann   -30  LOINC//4548-4  8.0
        ann   -20  LOINC//4548-4  6.0
        ann   -10  LOINC//4548-4  7.0
        bob   -10  LOINC//4548-4  7.0
        """,
        "sd_90d",
    ) == {"ann": (1.0,), "bob": (None,)}


def test_values_that_do_not_change_have_no_spread_and_no_slope():
    text = "\n".join(f"ann -{days} LOINC//4548-4 6.7" for days in range(0, 360, 7))
    assert summary_of(text, "sd_365d", "slope_365d") == {"ann": (0.0, 0.0)}


def test_a_slope_is_that_of_a_year():
    found = row_of("""
        ann  -360  LOINC//4548-4  5.0
        ann  -180  LOINC//4548-4  6.0
        ann     0  LOINC//4548-4  7.0
    """)
    assert found["hba1c_slope_365d"] == pytest.approx(2 / 360 * 365.2425)


@pytest.mark.parametrize(
    ("days", "is_a_trend"),
    [
        pytest.param((30, 10, 0), True, id="three values in thirty days"),
        pytest.param((29, 10, 0), False, id="a day less"),
        pytest.param((30, 0), False, id="a value less"),
        pytest.param((5, 5, 5), False, id="all on one day"),
    ],
)
def test_few_values_and_short_times_are_no_trend(days, is_a_trend):
    text = "\n".join(f"ann -{day} LOINC//4548-4 {5 + day}" for day in days)
    assert (row_of(text)["hba1c_slope_90d"] is not None) is is_a_trend


def test_two_codes_of_one_measure_are_one_series():
    row = row_of("ann -9 LOINC//8480-6 120\nann -5 LOINC//8459-0 140")
    assert (row["sbp_last_90d"], row["sbp_mean_90d"]) == (140, 130)


def test_a_small_change_of_a_large_value_is_not_lost():
    text = "\n".join(f"ann -{80 - day} {HBA1C} {2**22 + day}" for day in range(80))
    assert row_of(text)["hba1c_slope_90d"] == pytest.approx(365.2425, rel=1e-6)
