"""What did not enter: kept as it came, or at least told where it lies."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from chronicle.core import store
from chronicle.core.tables import DUPLICATES, REFUSED
from chronicle.ingest import keep
from chronicle.ingest.unseal import unsealed
from tests.bundles import bundle, concept, observation, patient, record, write
from tests.conftest import KEYS, digests, opened
from tests.ingest.test_read import lines

LANDING = Path("landing")
FILE, DOUBLES = Path("data/refused/refused.parquet"), "data/refused/duplicates.parquet"
DELETE = {
    "request": {"method": "DELETE", "url": "Observation/ann-o1"},
    "response": {"lastModified": "2012-01-01T00:00:00Z"},
}


def broken(number: int) -> dict:
    return {k: v for k, v in observation(number=number).items() if k != "code"}


def whole(*entries: dict, **more: object) -> dict:
    return bundle() | {"entry": list(entries)} | more


def test_duplicates_tells_where_each_is_that_another_keeps_out(ingest):
    new = observation(meta={"lastUpdated": "2011-01-01T00:00:00Z"})
    write(LANDING, a=bundle(*record()), b=bundle(*record()), c=bundle(new))
    write(LANDING, d=whole(DELETE))
    ledger = ingest()
    found = store.read(DUPLICATES, Path(DOUBLES))
    unsealed(Path("data/refused"), Path("opened"), KEYS)
    told = map(json.loads, Path("opened/duplicates.ndjson").read_text().splitlines())
    rows = [tuple(each.values()) for each in told]
    assert ("a.json", 0, "Patient", "duplicate", "b.json", 0) in rows
    for kind, row in ledger["by_type"].items():
        for fate in ("duplicate", "superseded", "deleted"):
            of = (pl.col("resource_type") == kind) & (pl.col("fate") == fate)
            assert found.filter(of).height == row[fate]
    assert ledger["total"]["deleted"] == 4
    assert "ann" not in found.write_csv()


@pytest.mark.parametrize(
    ("of_entry", "of_bundle", "stays"),
    [
        pytest.param("2013-01-01T00:00:00Z", "2011-01-01T00:00:00Z", 0, id="its own"),
        pytest.param("2011-01-01T00:00:00Z", "2013-01-01T00:00:00Z", 1, id="not its"),
        pytest.param(None, "2011-01-01T00:00:00Z", 1, id="of its bundle"),
        pytest.param(7, "2013-01-01T00:00:00Z", 0, id="its own is no time"),
        pytest.param(None, ["2011-01-01"], 0, id="none that can be read"),
    ],
)
def test_a_deletion_has_its_own_time_else_that_of_its_bundle(
    ingest, of_entry, of_bundle, stays
):
    seen = observation(meta={"lastUpdated": "2012-01-01T00:00:00Z"})
    gone = DELETE | {"response": {"lastModified": of_entry}}
    write(LANDING, a=bundle(patient(), seen), b=whole(gone, timestamp=of_bundle))
    assert ingest()["by_type"]["Observation"]["accepted"] == stays


def test_a_deletion_of_another_version_of_fhir_is_refused_with_its_bundle(ingest):
    stu3 = {"resource": {"resourceType": "Condition", "assertedDate": "2011-01-01"}}
    context = {"resource": {"resourceType": "Condition", "context": {"reference": "x"}}}
    write(LANDING, a=bundle(*record()), b=whole(DELETE, stu3, context))
    ledger = ingest()
    assert ledger["by_reason"] == {"version-STU3": 3}
    assert ledger["by_type"]["Observation"]["accepted"] == 1


def test_a_deleted_medication_has_no_code_to_give(ingest):
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
        "subject": {"reference": "Patient/ann"},
        "authoredOn": "2011-05-01",
        "medicationReference": {"reference": "Medication/m1"},
    }
    gone = {"request": {"method": "DELETE", "url": "Medication/m1"}}
    write(LANDING, a=bundle(*record(), order), b=bundle(drug), c=whole(gone))
    assert ingest()["by_reason"] == {"no-medication": 1}


def test_a_deleted_encounter_has_no_time_to_give(ingest):
    undated = observation(number=2)
    del undated["effectiveDateTime"], undated["issued"]
    gone = {"request": {"method": "DELETE", "url": "Encounter/ann-e1"}}
    write(LANDING, a=bundle(*record(), undated), b=whole(gone))
    assert ingest()["by_reason"] == {"no-time": 1}


@pytest.mark.parametrize(
    ("owner", "dated", "coded", "reason"),
    [
        pytest.param("eve", False, False, "orphan", id="nothing is right"),
        pytest.param("eve", False, True, "orphan", id="whose goes before when"),
        pytest.param("ann", False, False, "no-time", id="when goes before what"),
        pytest.param("ann", True, False, "no-medication", id="what"),
    ],
)
def test_of_several_reasons_one_is_told_whose_then_when_then_what(
    ingest, owner, dated, coded, reason
):
    order = {
        "resourceType": "MedicationRequest",
        "id": "r1",
        "status": "active",
        "intent": "order",
        "subject": {"reference": f"Patient/{owner}"},
        "medicationReference": {"reference": "Medication/none"},
    }
    if coded:
        drug = concept("http://www.nlm.nih.gov/research/umls/rxnorm", "860975")
        order["medicationCodeableConcept"] = drug
        del order["medicationReference"]
    order |= {"authoredOn": "2011-05-01"} if dated else {}
    write(LANDING, a=bundle(*record(), order))
    assert ingest()["by_reason"] == {reason: 1}


def test_how_much_text_a_group_of_rows_may_have_changes_no_row(ingest, monkeypatch):
    LANDING.mkdir()
    (LANDING / "b.ndjson").write_bytes(lines(*record(), *map(broken, range(2, 40))))
    write(LANDING, a=bundle(broken(50)), c={"no": "fhir"})
    ingest()
    before = store.read(REFUSED, FILE)
    told = opened()
    assert [each["entry"] for each in told] == [0, *range(4, 42), -1]
    assert json.loads(told[1]["raw"]) == broken(2)
    monkeypatch.setattr(keep, "GROUP_BYTES", 4000)
    ingest()
    assert store.read(REFUSED, FILE).equals(before)
    digest = digests(FILE.parent)
    ingest()
    assert digests(FILE.parent) == digest


def test_what_was_refused_when_it_was_parsed_is_kept_without_its_file(ingest):
    LANDING.mkdir()
    path = LANDING / "b.ndjson"
    orphan = observation("eve")
    path.write_bytes(lines(broken(2), orphan, *record(), broken(3)))
    ingest()
    texts = [each.get("raw") for each in opened()]
    assert list(map(json.loads, texts)) == [broken(2), orphan, broken(3)]
    (only,) = Path("parts").glob("*.part")
    file = keep.File(path, only)
    path.write_bytes(lines(*record()))
    wanted = [-1, 0, 1, 2 + len(record()), 9]
    there = [text is not None for text in keep._texts(file, wanted, KEYS, set())]
    assert there == [False, True, True, True, False]
    path.unlink()
    # The orphan is known as one from all files; its text was looked up in the run.
    found = [*keep._texts(file, [0, 1], KEYS, set())]
    assert found == [each.encode() for each in texts[:2]]


PEAK = """
import re, sys
from pathlib import Path
from chronicle.core import memory
memory.spare()  # as each stage does
import polars as pl
from chronicle.ingest import keep
from chronicle.core.tables import CONFLICTS, MERGED
from chronicle.ingest.batch import GONE
from chronicle.ingest.persons import Merges
from chronicle.ingest.keys import DEMO, derived
from chronicle.ingest.parse import parse
path, out, rows = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
keys = derived(DEMO)
(made,) = parse([(0, path)], parts=out.parent, code="", keys=keys, full=False)
refusals = pl.DataFrame({
    "file": pl.Series([0] * rows, dtype=pl.Int32), "entry": range(rows),
    "resource_type": ["Observation"] * rows, "reason": ["invalid-R4"] * rows,
    "detail": ["code: missing"] * rows, "size": [20_000] * rows,
})
merges = Merges(MERGED.empty(), CONFLICTS.empty(), 0)
gone = pl.DataFrame(schema=GONE)
file = keep.File(path, out.parent / made.part)
keep.keep(refusals, gone, merges, [file], path.parent, out, keys)
print(1024 * int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]))
"""


@pytest.mark.slow
def test_what_is_kept_takes_the_same_memory_however_much_it_is(tmp_path):
    needed = []
    for rows in (3_000, 12_000):
        path = tmp_path / f"{rows}.ndjson"
        with path.open("wb") as file:
            for number in range(rows):
                text = f"{number:09}" * 2_200
                file.write(lines(broken(number) | {"nonsense": text}) + b"\n")
        done = subprocess.run(
            [sys.executable, "-c", PEAK, path, tmp_path / "out", str(rows)],
            capture_output=True,
            text=True,
            check=True,
        )
        needed.append(int(done.stdout))
        assert pl.scan_parquet(tmp_path / "out" / "refused.parquet").select(
            pl.col("sealed").is_not_null().sum()
        ).collect().item() == rows  # fmt: skip
    assert needed[1] <= needed[0] + 100_000_000
