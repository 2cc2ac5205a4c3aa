"""Every expectation of the committed suites can fail, and is made to, once."""

import json
from collections.abc import Callable
from statistics import NormalDist

import polars as pl
import pytest

from chronicle.check.asked import BESIDES, Entry, Suite, read_all
from chronicle.core.errors import ParamsError
from chronicle.core.expect import suite, suites
from chronicle.core.tables import EVENTS
from tests.check.asking import TABLES, asked, path_of, verdict
from tests.conftest import ROOT
from tests.drawn import day, events, patients

GOOD = {
    "patients": patients("ann 1950 female\nbob 1960 male 100"),
    "events": events("""
        ann -10 MEDS_BIRTH
        ann -10 ENCOUNTER//AMB
        ann -9.5 LOINC//8480-6 121
        ann -9.5 LOINC//8462-4 80
        ann -9.5 LOINC//4548-4 6.1
        ann -9.5 LOINC//2160-0 1.0
        ann -9.5 LOINC//38483-4 1.0
        ann -9.5 LOINC//2339-0 99
        ann -9.5 LOINC//2093-3 190
        ann -9.5 LOINC//2085-9 50
        ann -9.5 LOINC//18262-6 110
        ann -9.5 LOINC//2571-8 150
        ann -9.5 LOINC//39156-5 27
        ann -9.5 LOINC//29463-7 80
        ann -9.5 LOINC//8302-2 170
    """).with_columns(unit=pl.lit("x"), end_time=pl.col("time")),
}


def put(**columns) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: frame.with_columns(**dict(columns.items()))


def value_of(code: str, value: float) -> Callable[[pl.DataFrame], pl.DataFrame]:
    hit = pl.col("code") == f"LOINC//{code}"
    column = pl.col("numeric_value")
    changed = pl.when(hit).then(pl.lit(value, pl.Float32)).otherwise(column)
    return put(numeric_value=changed)


# A measure in a unit that it must not be in.
ODD = {
    "systolic": ("8480-6", 16),
    "diastolic": ("8462-4", 10.6),
    "hba1c": ("4548-4", 43),
    "creatinine": ("2160-0", 88),
    "glucose": ("2339-0", 5.4),
    "total_cholesterol": ("2093-3", 4.9),
    "hdl": ("2085-9", 1.3),
    "ldl": ("18262-6", 2.8),
    "triglycerides": ("2571-8", 1.7),
    "bmi": ("39156-5", 270),
    "weight": ("29463-7", 80_000),
    "height": ("8302-2", 1.7),
}
NOBODY = pl.lit(None, pl.Int64)
NO_NUMBER = pl.lit(None, pl.Float32)
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
        "time_plausible": put(time=LONG_AGO),
        "code_has_a_system": put(code=pl.lit("high blood pressure")),
        "code_known": put(code=pl.lit("UNCODED//Condition")),
        "code_system_known": put(code=pl.lit("MY_LAB//1")),
        "resource_type_known": put(resource_type=pl.lit("Claim")),
        "provenance_is_a_key": put(provenance=pl.lit("Observation/mrn-4711")),
        "unit_known_where_a_measure_is_read": put(unit=pl.lit(None, pl.String)),
        "value_fate_is_a_fixed_word": put(value_fate=pl.lit("Ann said so")),
        "comparator_known": put(comparator=pl.lit("about")),
        "numbers_where_a_measure_is_read": put(numeric_value=NO_NUMBER),
        "numbers_nearly_always_where_a_measure_is_read": put(numeric_value=NO_NUMBER),
        "numbers_are_finite": value_of("8480-6", float("inf")),
        **{f"{name}_in_its_unit": value_of(*odd) for name, odd in ODD.items()},
        "weight_not_in_pounds": value_of("29463-7", 176),
        "height_not_in_inches": value_of("8302-2", 67),
    },
}
# What a rule flags is drawn in test_rules.py and test_within.py.
IDS = [(name, each.id) for name in TABLES for each in asked(name).plain]


def just(name: str, *entries: Entry) -> Suite:
    return asked(name).model_copy(update={"expectations": entries})


@pytest.mark.parametrize("name", TABLES)
def test_a_good_table_passes_its_suite(name):
    records = GOOD["events"]
    both = pl.concat([records, records.with_columns(subject_id=pl.lit(2, pl.Int64))])
    found = verdict(name, GOOD[name], records=both)
    failed = [k for k, each in found["expectations"].items() if not each["passed"]]
    assert failed == []
    assert (found["passed"], found["warnings"]) == (True, 0)


@pytest.mark.parametrize(("name", "broken"), IDS)
def test_each_expectation_fails_on_the_table_that_breaks_it(name, broken):
    (only,) = (each for each in asked(name).plain if each.id == broken)
    found = verdict(name, BREAKS[name][broken](GOOD[name]), just(name, only))
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


def wards(code: str, middle: float, spread: float, times: float) -> pl.DataFrame:
    """Return 200 values as a normal curve spreads them, in another unit."""
    curve = NormalDist(middle, spread)
    values = [curve.inv_cdf((n + 0.5) / 200) * times for n in range(200)]
    return pl.concat([GOOD["events"].filter(pl.col("code") == f"LOINC//{code}")] * 200)[
        :200
    ].with_columns(numeric_value=pl.Series(values, dtype=pl.Float32))


@pytest.mark.parametrize(
    ("code", "middle", "spread", "times"),
    [
        pytest.param("8480-6", 122, 17, 1 / 7.50062, id="systolic in kPa"),
        pytest.param("8462-4", 74, 11, 1 / 7.50062, id="diastolic in kPa"),
        pytest.param("4548-4", 38, 6.6, 1, id="HbA1c in mmol/mol"),
        pytest.param("4548-4", 5.6, 0.6, 0.01, id="HbA1c as a fraction"),
        pytest.param("2160-0", 0.9, 0.22, 88.42, id="creatinine in umol/L"),
        pytest.param("2339-0", 98, 20, 1 / 18.0156, id="glucose in mmol/L"),
        pytest.param("2093-3", 188, 41, 1 / 38.67, id="cholesterol in mmol/L"),
        pytest.param("2085-9", 52, 16, 1 / 38.67, id="HDL in mmol/L"),
        pytest.param("18262-6", 111, 35, 1 / 38.67, id="LDL in mmol/L"),
        pytest.param("2571-8", 115, 30, 1 / 88.57, id="triglycerides in mmol/L"),
        pytest.param("29463-7", 80, 20, 2.20462, id="weight in pounds"),
        pytest.param("29463-7", 80, 20, 1000, id="weight in grams"),
        pytest.param("8302-2", 168, 10, 1 / 2.54, id="height in inches"),
        pytest.param("8302-2", 168, 10, 0.01, id="height in metres"),
    ],
)
def test_a_measure_in_another_unit_stops_the_run(code, middle, spread, times):
    critical = [each for each in asked("events").plain if each.severity == "critical"]
    units = just("events", *(each for each in critical if "LOINC" in str(each.kwargs)))
    found = verdict("events", wards(code, middle, spread, times), units)
    assert found["passed"] is False


@pytest.mark.parametrize("code", ["8480-6", "4548-4", "29463-7", "8302-2"])
def test_one_odd_value_among_forty_warns_and_stops_nothing(code):
    usual = {"8480-6": 122, "4548-4": 5.6, "29463-7": 80, "8302-2": 168}[code]
    frame = wards(code, usual, usual / 100, 1)[:40]
    odd = pl.when(pl.int_range(pl.len()) == 7).then(-1.0).otherwise("numeric_value")
    found = verdict(
        "events", frame.with_columns(odd.cast(pl.Float32).alias("numeric_value"))
    )
    assert (found["passed"], found["warnings"] > 0) == (True, True)


def test_nulls_are_neither_checked_nor_counted_in_the_share():
    frame = pl.concat([GOOD["events"]] * 2)
    ends = pl.when(pl.int_range(pl.len()) < 10).then(pl.col("time"))
    answer = verdict("events", frame.with_columns(end_time=ends))["expectations"]
    assert answer["ends_after_it_began"]["checked"] == 10
    signs = pl.when(pl.int_range(pl.len()) < 9).then(pl.lit("<"))
    answer = verdict("events", frame.with_columns(comparator=signs))["expectations"]
    assert answer["comparator_known"]["checked"] == 9


def test_a_measure_that_nobody_took_breaks_nothing():
    found = verdict("events", GOOD["events"].filter(pl.col("code") == "MEDS_BIRTH"))
    assert (found["passed"], found["warnings"]) == (True, 0)


def test_a_number_that_is_none_does_not_hide_as_a_null():
    frame = GOOD["events"].with_columns(numeric_value=pl.lit(float("nan"), pl.Float32))
    found = verdict("events", frame)["expectations"]
    assert found["systolic_in_its_unit"]["passed"] is False


@pytest.mark.parametrize("severity", ["critical", "warning", "info"])
def test_an_expectation_that_errs_is_a_critical_failure(severity, caplog, capfd):
    errs = Entry.model_validate(
        {
            "type": "expect_column_values_to_be_between",
            "kwargs": {"column": "code", "min_value": 1, "max_value": 2},
            "severity": severity,
            "meta": {
                "id": "words_as_numbers",
                "check": "A01",
                "kahn": "plausibility/atemporal",
                "action": "warn",
                "why": "comparing them is an error",
                "source": "a test",
            },
        }
    )
    questions = asked("events").model_copy(update={"expectations": (errs,)})
    found = verdict(
        "events", GOOD["events"].with_columns(code=pl.lit("Zebulon-1951")), questions
    )
    assert found["expectations"]["words_as_numbers"]["errored"] is True
    assert (found["critical_failures"], found["warnings"]) == (1, 0)
    assert "Zebulon" not in json.dumps(found) + caplog.text + "".join(
        capfd.readouterr()
    )


WHERE_COLOUR = {"type": "nullity", "column": {"name": "colour"}, "is_null": True}


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
        (
            spoil(lambda s: entry_of(s, kwargs={"row_condition": WHERE_COLOUR})),
            "events_not_empty asks about colour",
        ),
        (
            spoil(lambda s: entry_of(s, kwargs={"row_condition": "code == 'a'"})),
            "events_not_empty.kwargs: .*row_condition is no object",
        ),
        (spoil(lambda s: s.update(name="patients")), "calls itself patients"),
    ],
    ids=[
        "no JSON",
        "severity",
        "stray key",
        "no why",
        "twice",
        "no such column",
        "no such column in a condition",
        "a condition as text",
        "another table's name",
    ],
)
def test_a_typo_in_a_suite_names_file_and_entry(tmp_path, content, told):
    path = tmp_path / "events.json"
    path.write_bytes(content)
    with pytest.raises(ParamsError, match=told) as caught:
        suites.read(path, EVENTS, Suite, BESIDES)
    assert f"where: {path}" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"type": "expect_column_to_surprise"}, "no type expect_column_to_surprise"),
        ({"kwargs": {"mostyl": 1}}, "mostyl extra fields not permitted"),
    ],
)
def test_what_great_expectations_cannot_read_is_an_error_of_the_suite(change, told):
    strange = asked("events").expectations[0].model_copy(update=change)
    questions = asked("events").model_copy(update={"expectations": (strange,)})
    with pytest.raises(ParamsError, match=told) as caught:
        suite.understood("events", questions.expectations, where="here")
    assert "events_not_empty" in str(caught.value)


def test_a_suite_of_no_table_is_an_error(tmp_path):
    (tmp_path / "evnets.json").write_text("{}")
    with pytest.raises(ParamsError, match="nobody judges a table evnets"):
        read_all(tmp_path, TABLES)


def test_every_table_that_is_judged_has_a_suite_and_every_suite_a_table():
    files = {path.stem for path in (ROOT / "expectations").glob("*.json")}
    assert files == {*suites.SUITES}
    assert all(asked(name).name == name for name in TABLES)
