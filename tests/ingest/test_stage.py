"""Bundles in, tables and a ledger out, as a user runs it."""

import gzip
import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.bundles import (
    attachment,
    bundle,
    concept,
    condition,
    document,
    encounter,
    observation,
    patient,
    quantity,
    record,
    subject,
    write,
    write_gzip,
)
from tests.conftest import INGEST, digests, opened

LANDING = Path("landing")
MARKED = "Zebulon-Marker-1951"


def events() -> pl.DataFrame:
    return pl.read_parquet("data/tables/events/*.parquet")


def refused() -> pl.DataFrame:
    return pl.read_parquet("data/refused/refused.parquet")


def adds_up(ledger: dict) -> bool:
    rows = [ledger["total"], *ledger["by_type"].values()]
    return all(row["read"] * 2 == sum(row.values()) for row in rows)


def test_a_complete_patient_becomes_one_row_and_five_events(ingest):
    write(LANDING, ann=bundle(*record()))
    assert ingest()["total"] == {
        "read": 4,
        "accepted": 4,
        "refused": 0,
        "duplicate": 0,
        "superseded": 0,
        "deleted": 0,
        "not_used": 0,
    }
    assert sorted(events()["code"]) == [
        "ENCOUNTER//AMB",
        "LOINC//4548-4",
        "MEDS_BIRTH",
        "SNOMED//59621000",
    ]
    assert refused().is_empty()


def test_a_gender_that_fhir_does_not_know_is_unknown_and_counted(ingest):
    write(LANDING, ann=bundle(patient(gender="banana"), *record("bob")))
    assert ingest()["values"]["gender-not-of-fhir"] == 1
    genders = pl.read_parquet("data/tables/patients/*.parquet")["gender"]
    assert sorted(genders.to_list(), key=str) == [None, "female"]


def test_a_birth_date_that_stands_for_none_makes_nobody_old(ingest):
    write(LANDING, ann=bundle(patient(birthDate="1900-01-01"), *record("bob")))
    assert ingest()["values"]["birth-date-filler"] == 1
    born = pl.read_parquet("data/tables/patients/*.parquet")["birth_date"]
    assert born.null_count() == 1
    assert events()["code"].to_list().count("MEDS_BIRTH") == 1


@pytest.mark.parametrize("day", ["9999-12-31", "1900-01-01T00:00:00Z"])
def test_a_date_of_death_that_stands_for_none_is_no_death(ingest, day):
    write(LANDING, ann=bundle(patient(deceasedDateTime=day)))
    assert ingest()["values"]["death-date-filler"] == 1
    (ann,) = pl.read_parquet("data/tables/patients/*.parquet").to_dicts()
    assert ann["deceased"] is ann["death_time"] is None
    assert "MEDS_DEATH" not in events()["code"].to_list()


def undated(number: int) -> dict:
    found = observation(number=number, valueQuantity=quantity(50 + number, "mmol/mol"))
    return {name: each for name, each in found.items() if name != "effectiveDateTime"}


def test_what_is_dated_with_a_word_for_no_day_has_the_day_of_its_record(ingest):
    day = "1900-01-01T00:00:00-05:00"
    some = (
        condition(onsetDateTime="1900-01-01"),
        condition(number=2, onsetDateTime=day),
        condition(number=3, onsetDateTime=day, recordedDate=day),
        observation(effectiveDateTime=day),
        observation(number=2, effectiveDateTime=day, valueQuantity=quantity(53, "?")),
        {**undated(5), "effectiveInstant": day},
        {**undated(4), "effectivePeriod": {"start": day, "end": "1900-01-01"}},
    )
    write(LANDING, ann=bundle(patient(), encounter(), *some))
    assert ingest()["values"]["date-filler"] == 5
    dated = events().filter(pl.col("resource_type").is_in(["Condition", "Observation"]))
    same = (pl.col("time") == pl.col("available_time")).alias("same")
    told = dated.select(pl.col("time").dt.year() == 2011, same, "value_fate")
    assert sorted(told.rows(), key=str) == [
        (False, False, "unit-unknown"),
        (False, True, None),
        (True, True, "date-filler"),
        (True, True, "date-filler"),
        *[(True, True, "date-filler")] * 3,
    ]


def test_a_value_walks_into_its_unit_its_time_and_its_place(ingest):
    write(LANDING, ann=bundle(*record()))
    ingest()
    row = events().filter(pl.col("code") == "LOINC//4548-4").row(0, named=True)
    assert (round(row["numeric_value"], 1), row["unit"], row["source_unit"]) == (
        7.0,
        "%",
        "mmol/mol",
    )
    assert str(row["time"]) == "2011-05-01 08:10:00"
    assert str(row["available_time"]) == "2011-05-02 06:00:00"
    visit = events().filter(pl.col("code") == "ENCOUNTER//AMB").row(0, named=True)
    assert row["encounter_id"] == visit["provenance"]


def test_one_broken_entry_costs_only_itself_and_is_kept(ingest):
    broken = observation(number=2)
    del broken["code"]
    write(LANDING, ann=bundle(*record(), broken))
    ledger = ingest()
    assert ledger["by_reason"] == {"invalid-R4": 1}
    assert ledger["by_type"]["Observation"]["accepted"] == 1
    (row,) = opened()
    assert (row["file"], row["entry"], row["detail"]) == (
        "ann.json",
        4,
        "code: missing",
    )
    assert json.loads(row["raw"]) == broken


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        pytest.param(
            {"valueQuantity": {"value": "x"}}, "invalid-R4", id="text as number"
        ),
        pytest.param(
            {"status": "entered-in-error"}, "entered-in-error", id="taken back"
        ),
        pytest.param({"subject": None}, "no-subject", id="nobody's"),
        pytest.param({"subject": subject("zoe")}, "orphan", id="a stranger's"),
        pytest.param({"nonsense": 1}, "invalid-R4", id="unknown element"),
        pytest.param({"resourceType": "Wish"}, "unknown-type", id="unknown type"),
        pytest.param({"resourceType": None}, "not-fhir", id="no type"),
        pytest.param(
            {"effectiveDateTime": None, "issued": None, "encounter": None},
            "no-time",
            id="nobody knows when",
        ),
    ],
)
def test_what_may_not_enter_is_counted_by_its_reason(ingest, spoilt, reason):
    bad = {k: v for k, v in (observation(number=2) | spoilt).items() if v is not None}
    write(LANDING, ann=bundle(*record(), bad))
    ledger = ingest()
    assert ledger["by_reason"] == {reason: 1}
    assert (ledger["total"]["read"], ledger["total"]["accepted"]) == (5, 4)
    assert json.loads(opened()[0]["raw"]) == bad
    assert adds_up(ledger)


def test_a_file_that_is_not_read_for_its_name_is_told(ingest, caplog):
    write(LANDING, whole=bundle(*record()))
    for name in ("a.xml", "b.csv", ".hidden"):
        (LANDING / name).write_bytes(b"<Patient/>")
    (LANDING / ".git").mkdir()
    (LANDING / ".git/config").touch()
    assert ingest()["passed_over"] == 2
    assert "2 files passed over" in caplog.text


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        pytest.param("a.json", b'{"resourceType": "Bund', "not-json", id="cut JSON"),
        pytest.param("a.json", b'{"name": "a package"}', "not-fhir", id="other JSON"),
        pytest.param("a.json", b"[1, 2]", "not-fhir", id="a list"),
        pytest.param("a.json", b"", "empty", id="empty"),
        pytest.param("a.json.gz", b"plain text", "not-gzip", id="named gzip"),
        pytest.param(
            "a.json.gz",
            gzip.compress(json.dumps(bundle(*record())).encode())[:-20],
            "truncated-gzip",
            id="cut gzip",
        ),
        pytest.param(
            "a.ndjson.gz",
            gzip.compress(json.dumps(patient("bob")).encode() + b"\n")[:-9],
            "truncated-gzip",
            id="cut gzip of lines",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_one_thing_refused(ingest, name, content, reason):
    write(LANDING, whole=bundle(*record()))
    (LANDING / name).write_bytes(content)
    ledger = ingest()
    assert ledger["by_reason"] == {reason: 1}
    assert ledger["files"] == {"read": 2, "refused": 1}
    assert ledger["total"]["accepted"] == 4
    assert adds_up(ledger)


@pytest.mark.parametrize(
    ("entries", "read"), [(["x", 1, None], 3), ({"resource": {}}, 1), ("x", 1), ([], 0)]
)
def test_what_is_no_entry_is_counted_and_refused(ingest, entries, read):
    odd = bundle() | {"entry": entries}
    write(LANDING, odd=odd, ann=bundle(*record()))
    ledger = ingest()
    assert ledger["by_reason"] == ({"not-fhir": read} if read else {})
    assert ledger["total"]["read"] == read + 4
    assert adds_up(ledger)


def test_a_byte_order_mark_is_no_fault(ingest):
    text = json.dumps(bundle(*record())).encode("utf-8-sig")
    write(LANDING, ann=text)
    assert ingest()["total"]["accepted"] == 4


def test_a_broken_line_costs_only_itself(ingest):
    LANDING.mkdir()
    lines = [json.dumps(each) for each in record()]
    (LANDING / "all.ndjson").write_text("\n".join([*lines, '{"resourceType": "Pa']))
    assert ingest()["by_reason"] == {"not-json": 1}
    assert [each["raw"] for each in opened()] == ['{"resourceType": "Pa']


R5 = {
    "resourceType": "MedicationRequest",
    "status": "active",
    "intent": "order",
    "medication": {
        "concept": concept("http://www.nlm.nih.gov/research/umls/rxnorm", "1")
    },
    "subject": subject("ann"),
}
STU3 = {
    "resourceType": "Condition",
    "clinicalStatus": "active",
    "verificationStatus": "confirmed",
    "code": concept("http://snomed.info/sct", "1"),
    "subject": subject("ann"),
    "context": {"reference": "Encounter/ann-e1"},
    "assertedDate": "2011-01-01",
}


@pytest.mark.parametrize(("stranger", "version"), [(R5, "R5"), (STU3, "STU3")])
def test_a_bundle_of_another_version_is_refused_whole_never_half(
    ingest, stranger, version
):
    write(LANDING, old=bundle(patient("zoe"), stranger), ours=bundle(*record()))
    ledger = ingest()
    assert ledger["by_reason"] == {f"version-{version}": 2}
    assert ledger["tables"]["patients"] == 1


def test_one_entry_of_another_version_does_not_condemn_its_bundle(ingest):
    write(LANDING, ann=bundle(*record(), STU3))
    assert ingest()["by_reason"] == {"invalid-R4": 1}


def test_the_same_resource_twice_is_a_duplicate_wherever_it_lies(ingest):
    write(LANDING, a=bundle(*record()), b=bundle(*record()))
    ledger = ingest()
    assert (ledger["total"]["accepted"], ledger["total"]["duplicate"]) == (4, 4)
    assert events().height == 4


@pytest.mark.parametrize("newest_in", ["a", "b"])
def test_the_newest_version_stays_whatever_file_it_is_in(ingest, newest_in):
    new = observation(
        meta={"lastUpdated": "2012-01-02T00:00:00Z"}, valueQuantity=quantity(6.5, "%")
    )
    old = observation(meta={"lastUpdated": "2012-01-01T00:00:00Z"})
    files = {"a": new, "b": old} if newest_in == "a" else {"a": old, "b": new}
    write(LANDING, ann=bundle(patient(), encounter()))
    write(LANDING, **{name: bundle(each) for name, each in files.items()})
    assert ingest()["total"]["superseded"] == 1
    values = events().drop_nulls("numeric_value")["numeric_value"].to_list()
    assert values == [6.5]


def test_types_that_no_table_needs_are_validated_and_counted(ingest):
    clinic = {"resourceType": "Organization", "name": "Clinic"}
    broken = {"resourceType": "Organization", "nonsense": True}
    write(LANDING, ann=bundle(*record(), clinic, broken))
    row = ingest()["by_type"]["Organization"]
    assert (row["not_used"], row["refused"]) == (1, 1)


def test_a_diagnosis_without_dates_takes_those_of_its_encounter(ingest):
    undated = condition(number=2, onsetDateTime=None, recordedDate=None)
    undated = {name: each for name, each in undated.items() if each is not None}
    write(LANDING, a=bundle(*record()), b=bundle(undated))
    assert ingest()["by_reason"] == {}
    times = events().filter(pl.col("code") == "SNOMED//59621000")["time"]
    assert "2011-05-01 08:00:00" in [str(each) for each in times]


def test_an_order_finds_its_medication_in_another_file(ingest):
    drug = {
        "resourceType": "Medication",
        "id": "m1",
        "code": concept("http://www.nlm.nih.gov/research/umls/rxnorm", "860975"),
    }
    order = {
        "resourceType": "MedicationRequest",
        "id": "r1",
        "status": "active",
        "intent": "order",
        "subject": subject("ann"),
        "authoredOn": "2011-05-01",
        "medicationReference": {"reference": "Medication/m1"},
    }
    lost = order | {"id": "r2", "medicationReference": {"reference": "Medication/no"}}
    write(LANDING, a=bundle(*record(), order, lost), b=bundle(drug))
    assert ingest()["by_reason"] == {"no-medication": 1}
    assert "RXNORM//860975" in events()["code"].to_list()


def test_references_of_a_transaction_resolve_inside_it(ingest):
    made = [patient(), encounter(), observation()]
    del made[0]["id"], made[1]["id"]
    made[1]["subject"] = {"reference": "urn:uuid:11111111-1111-4111-8111-111111111111"}
    made[2]["subject"] = {"reference": "Patient?identifier=urn:mrn|77"}
    made[0]["identifier"] = [{"system": "urn:mrn", "value": "77"}]
    whole = bundle(*made, kind="transaction")
    whole["entry"][0]["fullUrl"] = "urn:uuid:11111111-1111-4111-8111-111111111111"
    write(LANDING, ann=whole)
    ledger = ingest()
    assert ledger["by_reason"] == {}
    assert events()["subject_id"].n_unique() == 1


def many(folder: Path) -> Path:
    for number in range(12):
        name = f"p{number}"
        note = document(attachment("She has type 2 diabetes."), name=name)
        write_gzip(folder / f"{name}.json.gz", bundle(*record(name), note))
    write(folder, again=bundle(*record("p3")), junk={"no": "fhir"})
    return folder


def test_neither_file_names_nor_workers_change_a_byte(ingest, monkeypatch):
    many(LANDING)
    ledger = ingest()
    before = digests(Path("data/tables"))
    names = sorted(LANDING.iterdir())
    for number, path in enumerate(reversed(names)):
        shutil.move(path, LANDING / f"{number:03d}{''.join(path.suffixes)}")
    monkeypatch.setattr("chronicle.ingest.passes.BATCH_BYTES", 600)
    monkeypatch.setenv("CHRONICLE_WORKERS", "2")
    assert ingest() == ledger
    assert digests(Path("data/tables")) == before


def test_a_landing_folder_without_fhir_files_is_an_error_that_says_what_to_do(run):
    LANDING.mkdir()
    told = run(*INGEST, exits=15)
    assert "no file that ends in .json" in told
    assert "make run SOURCE=" in told


def test_no_patient_is_in_a_message_or_in_the_ledger(run):
    told = patient(MARKED) | {"name": [{"family": MARKED}]}
    odd = patient(f"{MARKED}-3", birthDate=MARKED)
    text = observation(
        MARKED, code={"text": MARKED}, valueQuantity=None, valueString=MARKED
    )
    text = {name: each for name, each in text.items() if each is not None}
    key = observation(MARKED, number=2) | {MARKED: MARKED}
    write(LANDING, **{MARKED: bundle(told, text, key, odd)})
    written = run(*INGEST)
    written += Path("ledger.json").read_text()
    written += (
        events().write_csv()
        + pl.read_parquet("data/tables/patients/*.parquet").write_csv()
    )
    written += refused().drop("sealed").write_csv()
    assert MARKED not in written
