"""Every expectation of the committed suites can fail, and is made to, once."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from chronicle.check import entry, suite
from chronicle.core.tables import EVENTS, PATIENTS, Table
from tests.conftest import ROOT
from tests.drawn import day, events, patients

pytestmark = pytest.mark.filterwarnings("ignore")
TABLES = {"patients": PATIENTS, "events": EVENTS}
GOOD = {
    "patients": patients("ann 1950 female\nbob 1960 male 100"),
    "events": events("""
        ann -10 MEDS_BIRTH
        ann -10 ENCOUNTER//AMB
        ann -10 LOINC//8480-6 120
        ann -10 LOINC//8462-4 80
        ann -10 LOINC//4548-4 6.1
        ann -10 LOINC//2160-0 1.0
        ann -10 LOINC//38483-4 1.0
        ann -10 LOINC//2339-0 99
        ann -10 LOINC//2093-3 190
        ann -10 LOINC//2085-9 50
        ann -10 LOINC//2571-8 150
        ann -10 LOINC//39156-5 27
        ann -10 LOINC//29463-7 80
        ann -10 LOINC//8302-2 170
    """).with_columns(unit=pl.lit("x"), end_time=pl.col("time")),
}


def path_of(name: str) -> Path:
    return ROOT / "expectations" / f"{name}.json"


@cache
def asked(name: str) -> entry.Suite:
    return entry.read(path_of(name), TABLES[name])


def verdict(name: str, frame: pl.DataFrame) -> dict:
    return suite.judge(frame, asked(name), where="here")


def put(**columns) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: frame.with_columns(**dict(columns.items()))


def value_of(code: str, value: float) -> Callable[[pl.DataFrame], pl.DataFrame]:
    hit = pl.col("code") == f"LOINC//{code}"
    column = pl.col("numeric_value")
    changed = pl.when(hit).then(pl.lit(value, pl.Float32)).otherwise(column)
    return put(numeric_value=changed)


NOBODY = pl.lit(None, pl.Int64)
NEVER = pl.lit(None, pl.Datetime("us"))
LONG_AGO = pl.lit(day(-700_000))
BREAKS = {
    "patients": {
        "patients_not_empty": lambda frame: frame.clear(),
        "subject_id_unique": lambda frame: pl.concat([frame, frame]),
        "subject_id_known": put(subject_id=NOBODY),
        "gender_in_fhir": put(gender=pl.lit("banana")),
        "gender_known": put(gender=pl.lit(None, pl.String)),
        "birth_date_known": put(birth_date=pl.lit(None, pl.Date)),
        "birth_date_plausible": put(birth_date=pl.date(1753, 1, 1)),
        "death_after_birth": put(death_time=pl.datetime(1901, 1, 1, time_unit="us")),
        "provenance_is_a_key": put(provenance=pl.lit("Patient/mrn-4711")),
    },
    "events": {
        "events_not_empty": lambda frame: frame.clear(),
        "subject_id_known": put(subject_id=NOBODY),
        "time_known": put(time=NEVER),
        "available_time_known": put(available_time=NEVER),
        "known_after_it_happened": put(available_time=LONG_AGO),
        "ends_after_it_began": put(end_time=LONG_AGO),
        "time_plausible": put(time=LONG_AGO),
        "code_has_a_system": put(code=pl.lit("high blood pressure")),
        "code_known": put(code=pl.lit("UNCODED//Condition")),
        "code_system_known": put(code=pl.lit("MY_LAB//1")),
        "resource_type_known": put(resource_type=pl.lit("Claim")),
        "provenance_is_a_key": put(provenance=pl.lit("Observation/mrn-4711")),
        "unit_known_where_a_measure_is_read": put(unit=pl.lit(None, pl.String)),
        "systolic_plausible": value_of("8480-6", 16),
        "diastolic_plausible": value_of("8462-4", 10.6),
        "hba1c_plausible": value_of("4548-4", 43),
        "creatinine_plausible": value_of("2160-0", 88),
        "creatinine_blood_plausible": value_of("38483-4", 88),
        "glucose_plausible": value_of("2339-0", 5.4),
        "total_cholesterol_plausible": value_of("2093-3", 4.9),
        "hdl_plausible": value_of("2085-9", 1.3),
        "triglycerides_plausible": value_of("2571-8", 1.7),
        "bmi_plausible": value_of("39156-5", 270),
        "weight_plausible": value_of("29463-7", 80_000),
        "height_plausible": value_of("8302-2", 1.7),
        "weight_not_in_pounds": value_of("29463-7", 176),
    },
}
IDS = [(name, each.id) for name in TABLES for each in asked(name).expectations]


@pytest.mark.parametrize("name", TABLES)
def test_a_good_table_passes_its_suite(name):
    found = verdict(name, GOOD[name])
    failed = [k for k, each in found["expectations"].items() if not each["passed"]]
    assert failed == []
    assert (found["passed"], found["warnings"]) == (True, 0)


@pytest.mark.parametrize(("name", "broken"), IDS)
def test_each_expectation_fails_on_the_table_that_breaks_it(name, broken):
    found = verdict(name, BREAKS[name][broken](GOOD[name]))
    answer = found["expectations"][broken]
    assert (answer["passed"], answer["errored"]) == (False, False)
    assert answer["unexpected"] >= 1
    assert found["passed"] is not any(
        each["severity"] == "critical" and not each["passed"]
        for each in found["expectations"].values()
    )


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_is_a_verdict_and_no_exception(name):
    found = verdict(name, GOOD[name].clear())
    assert found["passed"] is False
    assert not any(each["errored"] for each in found["expectations"].values())


def test_an_expectation_that_errs_counts_as_failed():
    errs = entry.Entry.model_validate(
        {
            "type": "expect_column_values_to_be_between",
            "kwargs": {"column": "code", "min_value": 1, "max_value": 2},
            "severity": "critical",
            "meta": {"id": "words_as_numbers", "why": "comparing them is an error"},
        }
    )
    questions = asked("events").model_copy(update={"expectations": (errs,)})
    found = suite.judge(GOOD["events"], questions, where="here")
    assert found["expectations"]["words_as_numbers"]["errored"] is True
    assert found["critical_failures"] == 1


def spoil(change: Callable[[dict], object]) -> bytes:
    found = json.loads(path_of("events").read_text())
    change(found)
    return json.dumps(found).encode()


def entry_of(found: dict, **changes) -> None:
    found["expectations"][0].update(changes)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "Invalid JSON"),
        (spoil(lambda s: entry_of(s, severity="grave")), "'critical', 'warning'"),
        (spoil(lambda s: entry_of(s, kwarg={})), "kwarg: Extra inputs"),
        (spoil(lambda s: entry_of(s, meta={"id": "a"})), "why: Field required"),
        (
            spoil(lambda s: s["expectations"].append(s["expectations"][0])),
            "meta.id used twice: events_not_empty",
        ),
        (
            spoil(lambda s: entry_of(s, kwargs={"column": "colour"})),
            "events_not_empty asks about colour",
        ),
    ],
    ids=["no JSON", "severity", "stray key", "no why", "twice", "no such column"],
)
def test_a_typo_in_a_suite_names_file_and_entry(tmp_path, content, told):
    path = tmp_path / "events.json"
    path.write_bytes(content)
    with pytest.raises(entry.ParamsError, match=told) as caught:
        entry.read(path, EVENTS)
    assert f"where: {path}" in str(caught.value)


def test_a_type_that_great_expectations_does_not_know_is_an_error_of_the_suite():
    strange = (
        asked("events")
        .expectations[0]
        .model_copy(update={"type": "expect_the_unexpected"})
    )
    questions = asked("events").model_copy(update={"expectations": (strange,)})
    with pytest.raises(entry.ParamsError, match="cannot read events_not_empty"):
        suite.judge(GOOD["events"], questions, where="expectations/events.json")


def test_every_table_that_is_judged_has_a_suite_and_every_suite_a_table():
    named: dict[str, Table] = TABLES
    assert {path.stem for path in (ROOT / "expectations").glob("*.json")} == set(named)
    assert all(asked(name).name == name for name in named)
