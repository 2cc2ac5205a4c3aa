"""The door of `make score`: what a deployment does, without a schedule."""

import subprocess

import pytest
import yaml

from flows import now
from tests.flows.conftest import ROOT


def test_the_stages_are_those_that_the_schedule_runs(monkeypatch):
    monkeypatch.chdir(ROOT)
    made = set(yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"])
    daily = now.only_of("daily")
    assert {"gate", "audit", "score"} < set(daily) < made
    # It scores by the models in use, and makes none.
    assert not {"train", "promote"} & set(daily)
    assert now.only_of("nightly") == ()


@pytest.mark.parametrize(
    ("given", "handed_on"),
    [
        ([], 'daily ""'),
        (["SOURCE=drop"], 'daily "drop"'),
        (["SOURCE=drop", "RISKS=theirs"], 'daily "drop" "theirs"'),
        (["RISKS=theirs"], 'daily "" "theirs"'),
    ],
)
def test_source_and_risks_are_handed_on_each_by_itself(given, handed_on):
    # Tests are run by `make`, too, and a make within another says where it is.
    words = ["make", "--no-print-directory", "-n", "score", *given]
    told = subprocess.check_output(words, cwd=ROOT, text=True)
    assert told.splitlines()[-1].strip() == f"python -m flows.now {handed_on}"


@pytest.mark.parametrize("words", [[], ["weekly"], ["daily", "a", "b", "c"]])
def test_what_is_no_deployment_is_told_what_there_is(monkeypatch, capsys, words):
    monkeypatch.chdir(ROOT)
    assert now.main(words) == 2
    assert "do:" in capsys.readouterr().err
