"""What the list of runs says of a run, without a server."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from flows import attention
from flows.conclude import conclude, news, watched
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


@pytest.fixture
def watch(tmp_path, monkeypatch):
    """Let a run find these verdicts; return what it has to say, and let it be told."""
    monkeypatch.chdir(tmp_path)
    attention.TOLD.parent.mkdir(parents=True)

    def run(report: Report, *, killed: bool = False, **verdicts: str) -> str:
        said = {name: {"verdict": each} for name, each in verdicts.items()}
        Path("drift.json").write_text(json.dumps(said))
        told = news(report, attention.known())
        if not killed:
            attention.remember(watched(report))
        return told

    return run


RAN = Report(graph=Graph(shown=(WATCH,)), endings=(Ended("drift", "Ran"),))


def test_of_what_drifts_an_alert_says_what_was_not_told_before(watch):
    assert watch(RAN, red="warn", killed=True) == "drift: red (warn)"
    assert watch(RAN, red="warn") == "drift: red (warn)"
    assert watch(RAN, red="warn") == ""
    assert watch(RAN, red="warn", blue="warn") == "drift: blue (warn)"
    owed = replace(RAN, owed="on this machine alone")
    worse = "on this machine alone; drift: red (retrain now)"
    assert watch(owed, red="retrain now", blue="warn") == worse
    assert watch(RAN, red="silent") == ""
    assert watch(RAN, red="warn") == "drift: red (warn)"
    attention.TOLD.write_text("{")
    assert watch(RAN, red="warn") == "drift: red (warn)"


def test_what_drifts_is_told_once_also_where_other_stages_fail(watch):
    red = Stage("red", (), (), ())
    drift = Stage("drift", (), ("drift.json",), ())
    graph = replace(RAN.graph, stages={"red": red, "drift": drift})
    failed = Ended("red", "StageFailed", exit_code=12)
    beside = Report(12, graph=graph, endings=(*RAN.endings, failed))
    before = Report(12, graph=graph, endings=(failed, Ended("drift", "Skipped")))
    assert watch(beside, red="warn") == "drift: red (warn)"
    # What a run did not come to is not forgotten in it.
    assert watch(before, red="warn", blue="warn") == ""
    assert watch(RAN, red="warn", blue="warn") == "drift: blue (warn)"


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
    assert news(report, {}) == ""


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
