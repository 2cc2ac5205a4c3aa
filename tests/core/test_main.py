"""The one door: what a person or a scheduler sees when something is wrong."""

from pathlib import Path

import pytest

from tests.conftest import INGEST

MARKED = "Zebulon-Marker-1951"


def test_a_stage_that_is_not_there_lists_those_that_are(run):
    told = run("predict", exits=2)
    assert "'predict' is no stage" in told
    assert "ingest" in told
    assert "select" in told


@pytest.mark.parametrize("words", [[], ["core"], ["ingest.stage"], ["../ingest"]])
def test_only_stages_are_run(run, words):
    run(*words, exits=2)


def test_a_wrong_number_of_paths_says_which_are_wanted(run):
    told = run("select", "data/tables", exits=2)
    assert "'select' takes 4 paths and was given 1" in told
    assert "python -m chronicle select TABLES INDEX DISEASE COHORT" in told


def test_what_nobody_foresaw_is_told_without_its_text(run, monkeypatch):
    def fail(*_):
        raise ValueError(f"Invalid isoformat string: {MARKED}")

    monkeypatch.delenv("CHRONICLE_TRACEBACK", raising=False)
    monkeypatch.setattr("chronicle.ingest.read.files", fail)
    told = run(*INGEST, exits=70)
    assert "ValueError" in told
    assert MARKED not in told
    monkeypatch.setenv("CHRONICLE_TRACEBACK", "1")
    assert MARKED in run(*INGEST, exits=70)


def test_a_stage_before_that_did_not_run_is_named(run):
    told = run("select", "data/tables", "i", "diseases/htn.yaml", "c", exits=11)
    assert "where: data/tables/patients" in told
    assert not Path("c").exists()
