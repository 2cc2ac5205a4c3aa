"""Each rule about a row by itself, drawn at its borders."""

import polars as pl
import pytest

from chronicle.check import digits
from tests.check.asking import asked, failed_rows, typed, verdict
from tests.drawn import day, events, patients


def nth(n: int, value) -> pl.Expr:
    return pl.when(pl.int_range(pl.len()) == n).then(value)


@pytest.mark.parametrize(
    ("check", "drawn", "rows"),
    [
        # ann is born on the first day of 1950, 25202 days before the index day.
        ("after_birth", "ann -25203 LOINC//1-8\nann -25203.1 LOINC//1-8", [1]),
        # Ingest tells nobody to be older than 90: then the birth is later than it was.
        ("after_birth", "ann -25204 LOINC//1-8\nann 7670 LOINC//1-8", []),
        ("after_birth", "ann -25204 LOINC//1-8\nann 7669 LOINC//1-8", [0]),
        # bob dies on day 100.
        ("before_death", "bob 160 LOINC//1-8\nbob 160.1 LOINC//1-8", [1]),
        ("not_in_the_future", "ann 5000 LOINC//1-8\nann 5000.1 LOINC//1-8", [1]),
        ("no_default_date", "ann -43099 LOINC//1-8\nann -43100 LOINC//1-8", [1]),
        (
            "value_within_hard_limits",
            "ann 0 LOINC//8480-6 300\nann 1 LOINC//8480-6 301\nann 2 LOINC//8480-6 40\n"
            "ann 3 LOINC//8480-6 39\nann 4 LOINC//9-9 999",
            [1, 3],
        ),
        ("value_usual", "ann 0 LOINC//4548-4 15\nann 1 LOINC//4548-4 15.1", [1]),
        # cid is 17 in 1987, on day -11400, and 18 a year later.
        ("value_usual", "cid -11400 LOINC//8302-2 9\ncid -11000 LOINC//8302-2 9", [1]),
        (
            "check_digit_right",
            "ann 0 SNOMED//44054006\nann 1 SNOMED//44054060\nann 2 LOINC//4548-4\n"
            "ann 3 LOINC//4584-4\nann 4 ICD10CM//E11.9",
            [1, 3],
        ),
        (
            "code_survived_a_spreadsheet",
            "ann 0 SNOMED//1.53931E+14\nann 1 SNOMED//153931000000000\n"
            "ann 2 ICD10CM//1-Oct\nann 3 SNOMED//44054006\nann 4 SNOMED//15777000\n"
            "ann 5 ICD10CM//E11.9",
            [0, 1, 2],
        ),
        (
            "said_to_have_happened",
            "ann 0 SNOMED//1 status=refuted\nann 1 SNOMED//1 status=confirmed",
            [0],
        ),
        ("known_soon", "ann 0 LOINC//1-8 known=30\nann 0 LOINC//2-6 known=31", [1]),
        (
            "recorded_at_onset",
            "ann 0 SNOMED//1 known=180\nann 0 SNOMED//2 known=181",
            [1],
        ),
        ("value_possible", "ann 0 LOINC//1-8 fate=impossible\nann 1 LOINC//1-8 1", [0]),
        ("no_sentinel", "ann 0 LOINC//1-8 fate=sentinel\nann 1 LOINC//1-8 1", [0]),
        ("unit_stated", "ann 0 LOINC//1-8 fate=unit-missing\nann 1 LOINC//1-8", [0]),
        ("unit_has_a_rule", "ann 0 LOINC//1-8 fate=unit-unknown", [0]),
        ("unit_fits_the_code", "ann 0 LOINC//1-8 fate=unit-conflict", [0]),
        ("values_are_numbers", "ann 0 LOINC//1-8 fate=no-result", [0]),
        ("components_in_order", "ann 0 LOINC//8480-6 120 fate=swapped", [0]),
        # cid is a man, ann a woman.
        ("sex_fits_the_code", "ann 0 ICD10CM//O80\ncid 0 ICD10CM//O80", [1]),
        ("sex_fits_the_code_of_men", "ann 0 ICD10CM//C61\ncid 0 ICD10CM//C61", [0]),
        # cid is born in 1970.
        ("age_fits_the_code", "cid 0 ICD10CM//G30.9\ncid -9000 ICD10CM//G30.9", [1]),
        ("age_fits_a_newborns_code", "ann 0 ICD10CM//P22\ncid 0 ICD10CM//I10", [0]),
        ("systolic_not_rounded", "ann 0 LOINC//8480-6 9\nann 1 LOINC//8480-6 20", [1]),
        ("time_of_day_known", "ann 0 LOINC//1-8\nann 0.5 LOINC//1-8", [0]),
        (
            "diagnosis_has_an_encounter",
            "ann 0 SNOMED//1\nbob 0 SNOMED//1\nbob 0 ENCOUNTER//AMB",
            [0],
        ),
    ],
)  # fmt: skip
def test_a_rule_fails_beyond_its_border_and_not_at_it(check, drawn, rows):
    assert failed_rows("events", check, typed(drawn)) == rows


def test_an_end_before_its_start_is_one_and_the_same_instant_is_none():
    drawn = typed("ann 0 ENCOUNTER//AMB\nann 1 ENCOUNTER//AMB\nann 2 ENCOUNTER//AMB")
    ends = pl.Series([day(0), day(0.9), None], dtype=pl.Datetime("us"))
    rows = failed_rows(
        "events", "ends_after_it_began", drawn.with_columns(end_time=ends)
    )
    assert rows == [1]


def test_an_encounter_that_is_not_there_is_told_from_none_at_all():
    drawn = typed("ann 0 ENCOUNTER//A\nann 0 LOINC//1-8\nann 0 LOINC//2-6\nann 0 X//1")
    visit, nobody = drawn["provenance"][0], "Encounter/0000000000000000"
    linked = drawn.with_columns(
        encounter_id=pl.Series([None, visit, nobody, None], dtype=pl.String)
    )
    assert failed_rows("events", "encounter_resolves", linked) == [2]


@pytest.mark.parametrize(
    ("check", "offset", "fails"),
    [
        ("not_before_its_encounter", -3, False),
        ("not_before_its_encounter", -3.1, True),
        ("not_after_its_encounter", 4, False),
        ("not_after_its_encounter", 4.1, True),
    ],
)
def test_a_result_lies_within_days_of_its_encounter(check, offset, fails):
    drawn = typed(f"ann 0 ENCOUNTER//AMB\nann {offset} LOINC//1-8 1")
    visit = drawn["provenance"][0]
    linked = drawn.with_columns(
        encounter_id=nth(1, pl.lit(visit)), end_time=nth(0, day(1))
    )
    assert failed_rows("events", check, linked) == [1] * fails


def test_a_number_without_a_unit_is_asked_for_its_unit_and_nothing_else_is():
    drawn = typed(
        "ann 0 LOINC//1-8 1\nann 1 LOINC//1-8 1\nann 2 LOINC//1-8\n"
        "ann 3 LOINC//1-8 1 fate=text-number"
    )
    columns = {
        "source_value": pl.Series([1.0, 1.0, None, 1.0], dtype=pl.Float64),
        "source_unit": pl.Series(["mg", None, None, None], dtype=pl.String),
    }
    assert failed_rows("events", "unit_written", drawn.with_columns(**columns)) == [1]


PEOPLE = patients("ann 1900 female\nbob 1960 male 100\ncid 1970 male\ndot 2018 male")


@pytest.mark.parametrize(
    ("check", "records", "rows"),
    [
        ("has_events", "ann 0 LOINC//1-8\nbob 0 LOINC//1-8\ncid 0 LOINC//1-8", [3]),
        # On day 0, ann is 119.
        ("not_older_than_anybody", "ann 0 LOINC//1-8\nbob 0 LOINC//1-8", [0]),
        ("not_older_than_anybody", "ann -1825 LOINC//1-8\nann 9000 LOINC//1-8", []),
        ("born_before_the_record", "dot 0 LOINC//1-8\ndot -900 LOINC//1-8", []),
        (
            "born_before_the_record",
            "dot 0 LOINC//1-8\ndot -900 LOINC//1-8\ndot -901 LOINC//1-8",
            [3],
        ),
        (
            "born_before_the_record",
            "ann -43500 LOINC//1-8\nann -43501 LOINC//1-8\nann -10593 LOINC//1-8",
            [0],
        ),
        (
            "born_before_the_record",
            "ann -43500 LOINC//1-8\nann -43501 LOINC//1-8\nann -10592 LOINC//1-8",
            [],
        ),
        (
            "not_seen_after_death",
            "bob 161 ENCOUNTER//A\nbob 162 ENCOUNTER//A\nbob 160 ENCOUNTER//A",
            [],
        ),
        (
            "not_seen_after_death",
            "bob 161 ENCOUNTER//A\nbob 162 ENCOUNTER//A\nbob 163 ENCOUNTER//A",
            [1],
        ),
    ],
)
def test_what_events_say_of_a_patient_is_asked_of_the_patient(check, records, rows):
    found = failed_rows("patients", check, PEOPLE, records=typed(records))
    assert found == rows


def test_a_verdict_names_the_sites_that_fail_and_judges_no_handful():
    drawn = pl.concat([typed("ann 0 LOINC//8480-6 120")] * 100)
    bad = drawn.with_columns(site=pl.lit("far"), value_fate=pl.lit("impossible"))
    few = bad.head(99).with_columns(site=pl.lit("small"))
    found = verdict("events", pl.concat([drawn, bad, few]))["expectations"]
    answer = found["value_possible"]
    assert answer["places"] == ["all: all", "far: Observation"]
    assert (answer["unexpected"], answer["checked"]) == (199, 299)


@pytest.mark.parametrize(
    ("check", "path"),
    [
        ("read_as_fhir", "by_reason.not-json"),
        ("follows_r4", "by_reason.invalid-R4"),
        ("ids_differ", "total.duplicate"),
        ("subject_resolves", "by_reason.orphan"),
        ("not_taken_back", "by_reason.entered-in-error"),
        ("time_stated", "by_reason.no-time"),
    ],
)
def test_what_ingest_decided_is_judged_from_its_ledger(check, path):
    (entry,) = (each for each in asked("events").expectations if each.id == check)
    part, key = path.split(".")
    for n in (0, 1):
        most = round(1000 * entry.kwargs["max_value"]) + n
        ledger = {"total": {"read": 1000}}
        ledger[part] = ledger.get(part, {}) | {key: most}
        only = asked("events").model_copy(update={"expectations": (entry,)})
        found = verdict("events", events("ann 0 LOINC//1-8"), only, ledger=ledger)
        answer = found["expectations"][check]
        assert (answer["passed"], answer["unexpected"]) == (n == 0, most)


def test_any_one_wrong_digit_of_a_code_is_seen():
    for code, at in (("SNOMED//44054006", 8), ("LOINC//17856-6", 7)):
        for place in range(at, len(code)):
            for digit in "0123456789":
                typo = code[:place] + digit + code[place + 1 :]
                if code[place] != "-" and typo != code:
                    assert digits.holds(typo) is False
