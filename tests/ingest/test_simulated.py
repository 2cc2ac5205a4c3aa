"""The public key: for patients who are labelled as nobody, and for them alone."""

import json
from pathlib import Path

import pytest

from chronicle.ingest import keys, read, simulated
from tests.bundles import bundle, observation, patient, record, write
from tests.conftest import INGEST, digests

LANDING = Path("landing")
LABEL = {"meta": {"security": [{"system": simulated.SYSTEM, "code": "HTEST"}]}}
PUBLIC = keys.derived(keys.DEMO).fingerprint


@pytest.fixture(autouse=True)
def nothing_configured(project, monkeypatch):
    for name in (keys.KEY, keys.KEY_FILE, keys.PRIVATE):
        monkeypatch.delenv(name, raising=False)


def somebody(name: str, **more: object) -> list[dict]:
    return [patient(name, **more), *record(name)[1:]]


def test_simulated_patients_give_the_same_bytes_without_a_key(ingest):
    write(LANDING, a=bundle(*somebody("ann", **LABEL)))
    assert ingest()["key"] == PUBLIC
    before = digests(Path("data"))
    assert not Path("private/key").exists()
    ingest()
    assert digests(Path("data")) == before


def test_others_get_a_key_of_their_own_which_is_found_again(ingest):
    write(LANDING, a=bundle(*somebody("ann")))
    made = ingest()["key"]
    assert made != PUBLIC
    assert Path("private/key").stat().st_mode & 0o777 == 0o600
    assert ingest()["key"] == made


def test_a_key_that_is_there_is_taken_for_simulated_patients_too(ingest, monkeypatch):
    write(LANDING, a=bundle(*somebody("ann", **LABEL)))
    monkeypatch.setenv(keys.KEY, "ab" * 32)
    assert ingest()["key"] == keys.derived(b"\xab" * 32).fingerprint


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(
    "other",
    [
        pytest.param(patient("bob"), id="accepted"),
        pytest.param(patient("bob", birthDate="Zebulon"), id="refused"),
        pytest.param(
            patient("bob", meta={"security": [{"system": "x", "code": "HTEST"}]}),
            id="labelled by somebody else",
        ),
        pytest.param(patient("bob", meta={"security": "HTEST"}), id="no label"),
    ],
)
def test_the_public_key_refuses_whoever_may_be_somebody(
    run, monkeypatch, other, workers
):
    monkeypatch.setattr("chronicle.ingest.passes.BATCH_BYTES", 1)
    monkeypatch.setenv("CHRONICLE_WORKERS", workers)
    write(LANDING, a=bundle(*somebody("ann", **LABEL)), b=bundle(other))
    told = run(*INGEST, exits=18)
    assert "not labelled as test data" in told
    assert "keep-the-key.md" in told
    assert "bob" not in told
    assert not Path("data/tables").exists()
    assert not Path("data/refused").exists()


def test_the_public_key_given_as_ones_own_is_refused_as_well(run, monkeypatch):
    monkeypatch.setenv(keys.KEY, keys.DEMO.hex())
    write(LANDING, a=bundle(*somebody("ann")))
    run(*INGEST, exits=18)


def test_in_an_export_the_patients_are_found_behind_other_types(project):
    LANDING.mkdir()
    for number, each in enumerate(somebody("ann", **LABEL)):
        name = f"{number}-{each['resourceType']}.ndjson"
        (LANDING / name).write_text(json.dumps(each) + "\n")
    assert simulated.begins_with(read.files(LANDING))


@pytest.mark.parametrize("content", [bundle(observation()), {"no": "fhir"}, b"{"])
def test_where_no_patient_is_found_nobody_is_simulated(project, content):
    write(LANDING, a=content)
    assert not simulated.begins_with(read.files(LANDING))
