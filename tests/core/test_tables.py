import polars as pl
import pytest

from chronicle.core.codes import asserted, has_code
from chronicle.core.errors import TableError
from chronicle.core.tables import EVENTS, FEATURES, PATIENTS
from tests.drawn import events, patients

ANN = "ann 1950 female"


def test_a_table_with_all_its_columns_passes_in_the_declared_order():
    shuffled = patients(ANN).select(*reversed(PATIENTS.columns))
    assert PATIENTS.require(shuffled, where="here").columns == list(PATIENTS.columns)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda f: f.drop("gender"), "column gender is missing, not String"),
        (lambda f: f.cast({"subject_id": pl.Int32}), "subject_id is Int32, not Int64"),
        (lambda f: f.with_columns(name=pl.lit("x")), "column name is not declared"),
        (
            lambda f: f.with_columns(subject_id=pl.lit(None, pl.Int64)),
            "column subject_id is null in 1 rows",
        ),
    ],
    ids=["missing", "wrong type", "undeclared", "null"],
)
def test_a_wrong_column_is_named(spoil, told):
    with pytest.raises(TableError, match=told):
        PATIENTS.require(spoil(patients(ANN)), where="here")


def test_features_may_have_more_columns_of_one_type():
    frame = FEATURES.empty().with_columns(bmi=pl.lit(None, pl.Float32))
    assert FEATURES.require(frame, where="here").columns[-1] == "bmi"
    with pytest.raises(TableError, match="bmi is not declared"):
        FEATURES.require(frame.cast({"bmi": pl.Float64}), where="here")


def test_events_begin_with_the_columns_of_meds():
    assert list(EVENTS.schema.items())[:5] == [
        ("subject_id", pl.Int64()),
        ("time", pl.Datetime("us")),
        ("code", pl.String()),
        ("numeric_value", pl.Float32()),
        ("text_value", pl.String()),
    ]


@pytest.mark.parametrize(
    ("code", "pattern", "hit"),
    [
        ("ICD10CM//I10", "ICD10CM//I10", True),
        ("ICD10CM//I109", "ICD10CM//I10", False),
        ("ICD10CM//E119", "ICD10CM//E11.9", True),
        ("ICD10CM//E11.65", "ICD10CM//E11*", True),
        ("ICD10CM//E10.65", "ICD10CM//E11*", False),
        ("ICD9CM//I10", "ICD10CM//I10", False),
    ],
)
def test_a_code_matches_itself_or_its_prefix_with_or_without_dot(code, pattern, hit):
    frame = events(f"ann 0 {code}")
    assert frame.select(has_code((pattern,))).item() is hit


@pytest.mark.parametrize(
    ("status", "happened"),
    [("confirmed", True), ("final", True), ("refuted", False), ("not-done", False)],
)
def test_what_nobody_asserts_did_not_happen(status, happened):
    frame = events(f"ann 0 SNOMED//1 status={status}\nann 0 SNOMED//1")
    assert frame.select(asserted()).to_series().to_list() == [happened, True]
