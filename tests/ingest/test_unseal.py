"""What left sealed opens for whoever has the key, and for nobody else."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from chronicle.core import store
from chronicle.core.tables import REFUSED
from chronicle.ingest import fingerprint, keys, linkage, unseal
from tests.bundles import bundle, observation, patient, record, write
from tests.conftest import KEYS, digests

LANDING, REFUSALS = Path("landing"), Path("data/refused")
OTHER = "cd" * 32


@pytest.fixture
def landed(ingest):
    write(LANDING, zebulon=bundle(*record(), observation(number=2, nonsense="Zebulon")))
    write(LANDING, again=bundle(*record()), cut=b"{")
    ingest()


@pytest.mark.usefixtures("landed")
def test_the_command_opens_what_was_refused_for_its_owner_alone():
    assert unseal.main([str(REFUSALS), "out"]) == 0
    rows = map(json.loads, Path("out/refused.ndjson").read_text().splitlines())
    told = {each["file"]: each for each in rows}
    assert set(told) == {"zebulon.json", "cut.json"}
    assert json.loads(told["zebulon.json"]["raw"])["nonsense"] == "Zebulon"
    assert told["zebulon.json"]["detail"] == "unknown element"
    assert told["cut.json"]["entry"] == -1
    for path in Path("out").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
    assert Path("out").stat().st_mode & 0o777 == 0o700


@pytest.mark.usefixtures("landed")
def test_sealed_it_tells_neither_text_nor_file():
    table = store.read(REFUSED, REFUSALS / "refused.parquet")
    assert table["sealed"].drop_nulls().len() == 1
    whole = b"".join(each.read_bytes() for each in REFUSALS.iterdir())
    assert b"ebulon" not in whole
    assert b"Zebulon" not in table["sealed"].drop_nulls()[0]


@pytest.mark.usefixtures("landed")
def test_another_key_opens_nothing(monkeypatch, caplog):
    monkeypatch.setenv(keys.KEY, OTHER)
    assert unseal.main([str(REFUSALS), "out"]) == 18
    assert "sealed with another key" in caplog.text
    assert not Path("out").exists()


@pytest.mark.usefixtures("landed")
def test_subjects_are_linked_to_their_patients(capsys):
    subject = pl.read_parquet("data/tables/patients/*.parquet")["subject_id"][0]
    assert unseal.main([str(subject), "12345"]) == 0
    assert capsys.readouterr().out == f"{subject}\tPatient/ann\n"


@pytest.mark.usefixtures("landed")
def test_the_linkage_is_sealed_its_owners_and_the_same_each_time(ingest):
    path = keys.private() / linkage.FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"ann" not in b"".join(pl.read_parquet(path)["linked"].to_list())
    before = digests(keys.private())
    assert list(before) == [linkage.FILE]
    ingest()
    assert digests(keys.private()) == before


@pytest.mark.usefixtures("landed")
def test_without_a_linkage_the_command_says_what_to_do(caplog, monkeypatch):
    monkeypatch.setenv(keys.PRIVATE, "elsewhere")
    assert unseal.main(["1"]) == 2
    assert "run the stage ingest" in caplog.text


@pytest.mark.parametrize("words", [[], ["one"], ["1", "two", "three"]])
def test_any_other_word_is_a_usage_error_and_makes_no_key(words, project):
    assert unseal.main(words) == 2
    assert not keys.private().exists()


@pytest.mark.usefixtures("landed")
def test_it_is_run_as_the_how_to_says():
    words = [sys.executable, "-m", "chronicle.ingest.unseal", "data/refused", "out"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
    assert Path("out/duplicates.ndjson").stat().st_size


def test_a_patient_of_two_versions_is_linked_once(ingest):
    old = patient(meta={"lastUpdated": "2011-01-01T00:00:00Z"})
    write(LANDING, a=bundle(*record()), b=bundle(old))
    ingest()
    (subject,) = pl.read_parquet(keys.private() / linkage.FILE)["subject_id"]
    assert linkage.read(keys.private(), [subject], KEYS) == {subject: ["Patient/ann"]}


def test_who_came_under_several_ids_is_found_under_all_by_the_one_that_stays(
    ingest, capsys
):
    link = {"type": "replaced-by", "other": {"reference": "Patient/bob"}}
    write(LANDING, a=bundle(patient(link=[link]), patient("bob")))
    ingest()
    (merged,) = pl.read_parquet(REFUSALS / "merged.parquet").rows()
    goes, stays = map(str, merged[:2])
    assert unseal.main([goes, stays]) == 0
    told = dict(line.split("\t") for line in capsys.readouterr().out.splitlines())
    assert told[goes] == "Patient/ann"
    assert set(told[stays].split()) == {"Patient/ann", "Patient/bob"}


@pytest.mark.usefixtures("landed")
def test_a_key_that_changed_is_told_with_what_to_do(monkeypatch, caplog, ingest):
    ledger = [str(Path("ledger.json"))]
    assert fingerprint.main(ledger) == 0
    ingest()
    assert "another key" not in caplog.text
    assert "were made with" not in caplog.text
    monkeypatch.setenv(keys.KEY, OTHER)
    assert fingerprint.main(ledger) == 0
    assert "dvc repro --force --single-item ingest" in caplog.text
    before = digests(Path("data/tables"))
    ingest()
    assert "the run before had another key" in caplog.text
    assert digests(Path("data/tables")) != before
    caplog.clear()
    assert fingerprint.main(ledger) == 0
    assert caplog.text == ""
    monkeypatch.delenv(keys.KEY)
    assert fingerprint.main(ledger) == 0
    assert "none is given here" in caplog.text
