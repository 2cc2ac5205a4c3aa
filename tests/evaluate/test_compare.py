"""The model beside a comparator: who is compared, on which rows, and how."""

import numpy as np
import polars as pl
import pytest

from chronicle.core.tables import COMPARATORS
from chronicle.evaluate.bootstrap import NOTHING
from chronicle.evaluate.compare import compare, held, meet
from chronicle.evaluate.sample import draw
from tests.drawn import day, index_rows, number, risks


def given(text: str) -> pl.DataFrame:
    drawn = risks(text)
    ids = [number(name) for name in drawn["patient"]]
    return drawn.with_columns(subject_id=pl.Series(ids)).select(*COMPARATORS.columns)


def risks_held(text: str, *names: str) -> dict[int, float]:
    met = meet(index_rows(*names), given(text))
    return dict(met.select("subject_id", "risk").iter_rows())


@pytest.mark.parametrize(
    ("start", "end", "holds"),
    [
        pytest.param(-9, 9, True, id="around the index time"),
        pytest.param(0, 9, True, id="from the index time on"),
        pytest.param(-9, 0, False, id="until the index time"),
        pytest.param(1, 9, False, id="later"),
        pytest.param(-9, -1, False, id="before"),
    ],
)
def test_a_risk_holds_from_its_first_instant_to_before_its_last(start, end, holds):
    assert risks_held(f"ann {start} {end} 0.5", "ann") == ({1: 0.5} if holds else {})


def test_each_patient_meets_the_risk_that_holds_for_him():
    assert risks_held(
        """
        ann -400   0  0.1
        ann    0 400  0.2
        ann  400 800  0.3
        bob -400 400  0.7
        dot    5 400  0.9
        """,
        "ann",
        "bob",
        "cid",
        "dot",
    ) == {1: 0.2, 2: 0.7}


def test_one_patient_meets_another_risk_at_a_later_index_time():
    rows = pl.DataFrame({"subject_id": [1, 1], "prediction_time": [day(0), day(30)]})
    met = meet(rows, given("ann 0 20 0.1\nann 20 40 0.2"))
    assert met["risk"].to_list() == [0.1, 0.2]


# Of somebody else: names that nobody in the cohort has are told as well.
LONG_AGO = given("ann -900 -800 0.5").with_columns(
    name=pl.lit("oracle"), disease=pl.lit("x")
)


def beside(rows: pl.DataFrame, risk: np.ndarray, theirs: pl.DataFrame) -> list[dict]:
    return compare(
        draw(rows, number=200, seed=1),
        risk,
        {"others": held(rows, theirs)},
        percent=95,
        min_outcome_patients=5,
    )["others"]


def people(n: int = 300) -> tuple[pl.DataFrame, np.ndarray, pl.DataFrame]:
    """Draw patients with two index times each, true risks, and those as given."""
    draw = np.random.default_rng(4)
    subjects = np.repeat(np.arange(n), 2)
    risk = np.repeat(draw.beta(1, 4, n), 2)
    rows = pl.DataFrame(
        {
            "subject_id": subjects,
            "prediction_time": [day(0), day(400)] * n,
            "boolean_value": draw.random(2 * n) < risk,
            "weight": draw.uniform(1, 2, 2 * n),
        }
    )
    theirs = pl.DataFrame(
        {
            "subject_id": np.arange(n),
            "disease": ["x"] * n,
            "name": ["oracle"] * n,
            "from_time": [day(-1)] * n,
            "until_time": [day(999)] * n,
            "risk": risk[::2],
        }
    )
    return rows, risk, theirs


def test_a_comparator_that_is_the_model_differs_by_exactly_nothing():
    rows, risk, theirs = people()
    [found] = beside(rows, risk, theirs)
    for each in found["differences"].values():
        assert each == {"value": 0, "low": 0, "high": 0}
    assert found["model"] == found["comparator"]
    assert (found["index_times"], found["patients"]) == (600, 300)


def test_a_model_that_guesses_is_behind_the_true_risk_and_the_interval_says_so():
    rows, risk, theirs = people()
    guess = np.random.default_rng(5).random(len(risk))
    [found] = beside(rows, guess, theirs)
    difference = found["differences"]["auroc"]
    assert difference["value"] == pytest.approx(
        found["model"]["auroc"]["value"] - found["comparator"]["auroc"]["value"]
    )
    assert difference["low"] < difference["value"] < difference["high"] < 0
    true = found["comparator"]["observed_expected"]["value"]
    assert true == pytest.approx(1, abs=0.25)


def test_paired_draws_give_a_narrower_interval_than_two_apart():
    rows, risk, theirs = people()
    nearly = risk + np.random.default_rng(6).normal(0, 0.01, len(risk))
    [found] = beside(rows, np.clip(nearly, 0, 1), theirs)
    alone, paired = found["model"]["auroc"], found["differences"]["auroc"]
    assert paired["high"] - paired["low"] < (alone["high"] - alone["low"]) / 2


def test_only_rows_with_both_risks_are_counted_and_judged():
    rows, risk, theirs = people()
    half = theirs.filter(pl.col("subject_id") < 150)
    [found] = beside(rows, risk, half)
    few = rows.filter(pl.col("subject_id") < 150)
    cases = few.filter("boolean_value")["subject_id"].n_unique()
    counts = (found["index_times"], found["patients"], found["outcome_patients"])
    assert counts == (300, 150, cases)
    assert found["index_times_without"] == 300
    [alone] = beside(few, risk[:300], half)
    # The same rows under other draws, since others are drawn among.
    assert alone["index_times_without"] == 0
    for whose in ("model", "comparator"):
        for name, each in found[whose].items():
            assert each["value"] == alone[whose][name]["value"]


def test_names_come_in_their_order_and_the_order_of_rows_does_not_matter():
    rows, risk, theirs = people()
    other = theirs.with_columns(name=pl.lit("a_score"), risk=pl.col("risk") / 2)
    both = pl.concat([theirs, other])
    found = beside(rows, risk, both)
    assert [each["name"] for each in found] == ["a_score", "oracle"]
    assert beside(rows, risk, both.reverse()) == found


@pytest.mark.parametrize(
    ("chosen", "patients"),
    [
        pytest.param(pl.col("subject_id") < 0, 0, id="nobody in common"),
        pytest.param(pl.col("subject_id") < 3, 3, id="few"),
    ],
)
def test_where_there_is_too_little_in_common_all_is_null(chosen, patients):
    rows, risk, theirs = people()
    [found] = beside(rows, risk, theirs.filter(chosen).vstack(LONG_AGO))
    assert found["patients"] == patients
    assert found["differences"]["auroc"] == NOTHING
    assert set(map(str, found["model"].values())) == {str(NOTHING)}


def test_with_cases_alone_all_is_null():
    rows, risk, theirs = people()
    cases = rows.with_columns(boolean_value=pl.lit(True))
    [found] = beside(cases, risk, theirs)
    assert found["comparator"]["calibration_slope"] == NOTHING


def test_without_comparators_there_is_nothing():
    rows, risk, theirs = people()
    assert beside(rows, risk, theirs.clear()) == []
