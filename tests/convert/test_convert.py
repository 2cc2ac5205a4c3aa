"""A table of people becomes FHIR that the pipe takes in as it takes any other."""

import json
from pathlib import Path

import polars as pl
import pytest
import yaml

from tests.conftest import ROOT, SHARED

HOWTO = ROOT / "docs" / "how-to" / "framingham"
TABLE = """who;age;sex;sugar;smokes;bp_drug;ill
eva;50.5;f;99;1;0;1
bob;61;m;high;9;1;0
cid;NA;x;NA;0;0;NA
"""
MAPPING = """
title: drawn
source: ours
separator: ";"
missing: ["", NA]
person: {id: who, age: age, sex: sex, female: [f], male: [m]}
examined: {day: 2000-01-03, known_since_days: 400, followed_days: 700}
values: {sugar: {code: LOINC//2339-0, unit: mg/dL}}
answers:
  smokes:
    question: LOINC//72166-2
    answers: {"1": SNOMED//77176002, "0": SNOMED//8392000}
drugs: {bp_drug: {code: RXNORM//5487, present: ["1"]}}
outcome:
  {column: ill, present: ["1"], absent: ["0"], code: SNOMED//44054006, after_days: 90}
"""


@pytest.fixture
def convert(run):
    def convert_drawn(table: str = TABLE, exits: int = 0, **changes: object) -> str:
        Path("table.csv").write_text(table)
        Path("mapping.yaml").write_text(
            yaml.safe_dump(yaml.safe_load(MAPPING) | changes)
        )
        return run("convert", "table.csv", "mapping.yaml", "landing", exits=exits)

    return convert_drawn


def written(kind: str) -> list[dict]:
    lines = (Path("landing") / f"{kind}.ndjson").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_every_resource_is_accepted_and_becomes_what_the_table_said(convert, ingest):
    told = convert()
    assert "3 rows -> 1 Condition, 13 Encounter, 1 MedicationRequest" in told
    ledger = ingest()
    assert ledger["total"]["read"] == ledger["total"]["accepted"] == 22
    events = pl.read_parquet("data/tables/events/*.parquet")
    numbers = events.filter(code="LOINC//2339-0")["numeric_value"].to_list()
    assert sorted(numbers, key=str) == [99.0, None]
    patients = pl.read_parquet("data/tables/patients/*.parquet")
    assert sorted(patients["gender"]) == ["female", "male", "unknown"]


def test_ages_and_days_are_kept_as_distances(convert):
    convert()
    born = {each["id"]: each.get("birthDate") for each in written("Patient")}
    assert born == {"eva": "1949-07-04", "bob": "1939-01-03", "cid": None}
    [onset] = [each["onsetDateTime"] for each in written("Condition")]
    assert onset.startswith("2000-04-02")


def test_who_has_no_outcome_is_seen_no_more(convert):
    convert()
    last = {}
    for each in written("Encounter"):
        last[each["subject"]["reference"]] = each["period"]["start"][:10]
    assert last == {
        "Patient/eva": "2000-04-02",
        "Patient/bob": "2001-12-03",
        "Patient/cid": "1998-11-29",
    }


def test_a_table_of_times_tells_who_was_seen_how_long_and_who_died(convert, ingest):
    table = """age;ill;months
    18262.5;1;12
    18262.5;0;24
    18262.5;2;6
    18262.5;3;6
    18262.5;1;
    18262.5;0;
    """.replace("    ", "")
    told = convert(
        table,
        person={"age": "age", "age_unit": "d", "female": "all"},
        values={},
        answers={"ill": {"question": "LOINC//1-8", "answers": {"9": "SNOMED//1"}}},
        drugs={},
        codes={"ill": "ICD9CM"},
        history={"is_ill": {"column": "ill", "present": ["1"], "code": "SNOMED//1"}},
        outcome={
            "column": "ill", "present": ["1"], "absent": ["0"], "died": ["2"],
            "code": "SNOMED//44054006", "time": "months", "time_unit": "mo",
        },
    )  # fmt: skip
    assert "none of the values" not in told  # the outcome's words are there
    patients = written("Patient")
    assert {each["gender"] for each in patients} == {"female"}
    assert {each["birthDate"] for each in patients} == {"1950-01-02"}
    dead = {each["id"]: each.get("deceasedDateTime", "")[:10] for each in patients}
    assert {name: died for name, died in dead.items() if died} == {
        "row-3": "2000-07-04"
    }
    last = {}
    for each in written("Encounter"):
        last[each["subject"]["reference"][8:]] = each["period"]["start"][:10]
    assert last == {
        "row-1": "2001-01-02", "row-2": "2002-01-02",
        "row-3": "2000-07-04", "row-4": "1998-11-29",
        # When they fell ill, or how long they stayed well, nobody knows.
        "row-5": "1998-11-29", "row-6": "1998-11-29",
    }  # fmt: skip
    codes = [each["code"]["coding"][0]["code"] for each in written("Condition")]
    assert codes == ["1", "1", "44054006", "0", "2", "3", "1", "1", "0"]
    total = ingest()["total"]
    assert total["read"] == total["accepted"] + total["refused"]


def test_an_age_that_nobody_reaches_is_no_age(convert):
    convert(TABLE.replace("50.5", "18446").replace("61", "-1"))
    assert not any("birthDate" in each for each in written("Patient"))


def test_a_value_that_is_looked_for_and_never_there_is_told(convert):
    told = convert(drugs={"bp_drug": {"code": "RXNORM//5487", "present": ["1.0"]}})
    assert "column bp_drug has none of the values looked for" in told


def test_a_row_without_an_id_is_called_by_its_number(convert):
    person = {k: v for k, v in yaml.safe_load(MAPPING)["person"].items() if k != "id"}
    convert(person=person)
    assert [each["id"] for each in written("Patient")] == ["row-1", "row-2", "row-3"]


@pytest.mark.parametrize(
    ("table", "changes", "exits", "told"),
    [
        (TABLE.replace("sugar", "glucose"), {}, 10, "no column sugar"),
        (TABLE, {"separator": ","}, 10, "no column age"),
        (
            TABLE,
            {"values": {"sugar": {"code": "ACME//1", "unit": "g"}}},
            10,
            "one code",
        ),
        (TABLE.replace("bob", "eva"), {}, 11, "1 have that of another"),
        (TABLE.replace("bob", "b b"), {}, 11, "1 rows have no id"),
        ("", {}, 11, "cannot be read"),
        ("who;age\nann;1;2;3\n", {}, 11, "cannot be read"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(convert, table, changes, exits, told):
    found = convert(table, exits, **changes)
    assert told in found
    assert "do:" in found
    assert "eva" not in found
    assert not Path("landing").exists()


def test_real_people_of_a_study_become_fhir(run):
    table = SHARED / "framingham" / "framingham.csv"
    if not table.exists():
        pytest.skip("the table of the Framingham study is not beside us")
    told = run("convert", str(table), str(HOWTO / "mapping.yaml"), "landing")
    assert "4,240 Patient" in told
    assert sum("encounter" in each for each in written("Condition")) == 644
