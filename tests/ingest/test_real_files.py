"""Bundles that nobody here wrote."""

import json
from pathlib import Path

import pytest

from chronicle.ingest import read, versions
from tests.conftest import INGEST
from tests.ingest.test_stage import adds_up

SETS = {
    "bulk-ndjson-pathling": 9,
    "cerner-sandbox": 6,  # of 7, one is given up by its link
    "hl7-r4-examples": 30,  # of 31, two share a number, name and birth
    "synthea-collection-bundles": 14,
    "validator-cases": None,
    "r4-primitive-values": 0,
}
OLD = {"synthea-dstu2-2017": "DSTU2", "synthea-stu3-2017": "STU3"}


def ledger_of(run, folder: Path) -> dict:
    run("ingest", str(folder), *INGEST[2:])
    return json.loads(Path("ledger.json").read_text())


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_nothing_of_a_real_set_is_lost(run, shared, name):
    ledger = ledger_of(run, shared / name)
    entries = [
        entry for path in read.files(shared / name) for entry in read.entries(path)
    ]
    assert ledger["total"]["read"] == len(entries)
    assert adds_up(ledger)
    if SETS[name] is not None:
        assert ledger["tables"].get("patients", 0) == SETS[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", OLD)
def test_nothing_of_an_older_version_enters(run, shared, name):
    ledger = ledger_of(run, shared / name)
    assert ledger["total"]["accepted"] == 0
    assert set(ledger["by_reason"]) <= {f"version-{OLD[name]}", "not-fhir"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hl7-r4-examples", "synthea-collection-bundles"])
def test_no_r4_bundle_is_taken_for_another_version(shared, name):
    for path in read.files(shared / name):
        problems = {entry.problem for entry in read.entries(path)}
        assert not {each for each in problems if each and "version" in each}


def test_a_mark_names_only_versions_of_fhir():
    named = {
        version
        for elements in versions.MARKS.values()
        for shapes in elements.values()
        for found in shapes.values()
        for version in found
    }
    assert named == {"DSTU2", "STU3", "R4", "R5"}
