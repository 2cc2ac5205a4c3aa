"""What the list of runs says of a run, without a server."""

import json
from pathlib import Path

import pytest

from flows.conclude import conclude
from flows.ending import Ended
from flows.graph import Graph, Shown, Stage
from flows.report import Report

WATCH = Shown("verdict-drift", "drift.json", "watched", "how far it is")


@pytest.mark.parametrize(
    ("red", "blue", "told"),
    [
        ("silent", "no model", "1 ran"),
        ("warn", "silent", "drift: red (warn); 1 ran"),
        ("warn", "retrain now", "drift: red (warn), blue (retrain now); 1 ran"),
    ],
)
def test_what_is_watched_and_not_silent_is_told(tmp_path, monkeypatch, red, blue, told):
    monkeypatch.chdir(tmp_path)
    said = {"red": {"verdict": red}, "blue": {"verdict": blue}}
    Path("drift.json").write_text(json.dumps(said))
    report = Report(graph=Graph(shown=(WATCH,)), endings=(Ended("drift", "Ran"),))
    assert conclude(report).message == told


def test_what_was_watched_in_an_earlier_run_is_not_told_of_this_one(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("drift.json").write_text('{"red": {"verdict": "warn"}}')
    stages = {"drift": Stage("drift", (), ("drift.json",), ())}
    report = Report(
        graph=Graph(stages=stages, shown=(WATCH,)),
        endings=(Ended("ingest", "Ran"), Ended("drift", "Skipped")),
    )
    assert "drift" not in conclude(report).message
