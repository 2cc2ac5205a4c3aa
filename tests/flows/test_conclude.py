"""What the list of runs says of a run, without a server."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from flows.compare import Seen, look
from flows.conclude import conclude, news
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


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ({}, {"red": "warn"}, "drift: red (warn)"),
        ({"red": "warn"}, {"red": "warn"}, ""),
        ({"red": "warn"}, {"red": "warn", "blue": "warn"}, "drift: blue (warn)"),
        ({"red": "warn"}, {"red": "retrain now"}, "drift: red (retrain now)"),
        ({"red": "warn"}, {"red": "silent"}, ""),
    ],
)
def test_of_what_drifts_an_alert_says_what_did_not_before(
    tmp_path, monkeypatch, before, now, told
):
    monkeypatch.chdir(tmp_path)
    graph = Graph(shown=(WATCH,))

    def write(verdicts):
        said = {name: {"verdict": each} for name, each in verdicts.items()}
        Path("drift.json").write_text(json.dumps(said))

    write(before)
    seen = look(graph)
    write(now)
    report = Report(graph=graph, endings=(Ended("drift", "Ran"),))
    assert news(report, seen) == told
    # In the next run it is not new: so it is told also where another stage fails.
    stages = {"red": Stage("red", (), (), ())}
    ends = (*report.endings, Ended("red", "StageFailed", exit_code=12))
    failed = Report(12, graph=replace(graph, stages=stages), endings=ends)
    assert news(failed, seen) == told
    owed = Report(graph=graph, owed="on this machine alone")
    assert news(owed, seen) == "; ".join(filter(None, ["on this machine alone", told]))


def test_what_stages_make_that_were_not_asked_for_is_of_an_earlier_run(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("drift.json").write_text('{"red": {"verdict": "warn"}}')
    stages = {
        "ingest": Stage("ingest", (), (), ()),
        "drift": Stage("drift", (), ("drift.json",), ()),
    }
    asked = Graph(stages=stages, shown=(WATCH,)).only(["ingest"])
    report = Report(graph=asked, endings=(Ended("ingest", "Ran"),))
    assert conclude(report).message == "1 ran"
    assert news(report, Seen()) == ""


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
