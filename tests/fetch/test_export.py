"""An export, begun, waited for and fetched."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from chronicle.fetch import export
from chronicle.fetch import server as asking
from tests.fetch.conftest import fetched
from tests.fetch.server import hangs_up, html, ndjson, outcome, says

TWO = {
    "Observation.1.ndjson": ndjson("Observation", 500),
    "Patient.1.ndjson": ndjson("Patient", 3),
}


def test_an_export_is_fetched_whole_and_the_server_cleared(server, fetch):
    said = fetch()
    assert fetched() == TWO
    assert "done: 2 files, 503 resources" in said
    assert [seen.path for seen in server.asked("DELETE", "")] == ["/r4/jobs/1"]
    assert [path.name for path in Path("data").iterdir()] == ["fetched"]


@pytest.mark.parametrize(
    ("level", "group", "path"),
    [
        ("system", None, "/r4/$export"),
        ("patient", None, "/r4/Patient/$export"),
        ("group", "7", "/r4/Group/7/$export"),
    ],
)
def test_each_level_is_asked_with_all_that_params_say(
    server, fetch, asks, level, group, path
):
    asks(
        level=level,
        group=group,
        types=["Patient", "Observation"],
        since="2024-01-01T00:00:00+01:00",
        type_filter=["Observation?category=a,b", "Observation?status=final"],
    )
    fetch()
    (asked,) = server.asked("GET", "$export")
    assert asked.path == path
    assert asked.headers["Prefer"] == "respond-async"
    assert asked.headers["Accept"] == "application/fhir+json"
    assert asked.query == {
        "_outputFormat": ["application/fhir+ndjson"],
        "_since": ["2024-01-01T00:00:00+01:00"],
        "_type": ["Patient,Observation"],
        "_typeFilter": ["Observation?category=a,b", "Observation?status=final"],
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"level": "group"},
        {"group": "7"},
        {"level": "group", "group": "../Patient"},
        {"since": "2024-01-01"},
        {"types": ["patient"]},
        {"type_filter": ["category=a"]},
        {"output_format": "csv"},
    ],
    ids=str,
)
def test_params_that_no_server_could_answer_are_refused(server, fetch, asks, wrong):
    asks(**wrong)
    assert "params.yaml: fetch" in fetch(exits=10)
    assert not server.seen


def test_the_manifest_that_is_kept_names_our_files_and_no_address(server, fetch):
    server.hold("Bundle", ndjson("Bundle", 1), "deleted")
    server.hold("OperationOutcome", ndjson("OperationOutcome", 2), "error")
    server.hold("Patient", ndjson("Patient", 1))
    fetch()
    text = Path("data/fetched/manifest.json").read_text()
    assert "127.0.0.1" not in text
    kept = json.loads(text)
    assert kept["transactionTime"] == "2026-11-24T08:00:00.000Z"
    assert kept["request"].startswith("$export?_outputFormat=")
    assert kept["output"] == [
        {"type": "Patient", "url": "Patient.1.ndjson", "count": 3},
        {"type": "Observation", "url": "Observation.1.ndjson", "count": 500},
        {"type": "Patient", "url": "Patient.2.ndjson", "count": 1},
    ]
    assert [each["url"] for each in kept["deleted"] + kept["error"]] == [
        "deleted/Bundle.1.ndjson",
        "error/OperationOutcome.1.ndjson",
    ]
    assert set(fetched()) == {
        each["url"] for key in ("output", "deleted", "error") for each in kept[key]
    }


def test_the_same_data_makes_the_same_bytes_whatever_the_job(server, fetch):
    fetch()
    first = {p.name: p.read_bytes() for p in Path("data/fetched").iterdir()}
    fetch()
    assert server.jobs == 2
    assert first == {p.name: p.read_bytes() for p in Path("data/fetched").iterdir()}


def test_an_export_with_nothing_in_it_is_an_export(server, fetch):
    server.lists = {"output": [], "deleted": None}
    assert "done: 0 files" in fetch()
    assert fetched() == {}


def test_a_new_export_leaves_nothing_of_the_old_one(server, fetch):
    fetch()
    server.lists["output"].pop()
    fetch()
    assert set(fetched()) == {"Patient.1.ndjson"}


def test_it_waits_as_long_as_the_server_says_and_shows_numbers_only(server, fetch):
    past = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    server.instead["/r4/jobs/1"] = [
        says(202, Retry_After="0", X_Progress="45.5% (now: Ann Lee)"),
        says(202, Retry_After=past, X_Progress="12 of 80 for MRN 77"),
        says(202, X_Progress="Ann Lee"),
    ]
    said = fetch()
    assert "the server prepares the export: 45 %" in said
    assert "the server prepares the export: 12 of 80" in said
    assert "Lee" not in said
    assert "77" not in said
    assert len(server.asked("GET", "jobs")) == 4


def test_an_export_that_takes_more_than_a_day_is_left_to_the_next_run(
    server, fetch, monkeypatch
):
    monkeypatch.setattr(export, "PATIENCE_SECONDS", 0)
    server.instead["/r4/jobs/1"] = [says(202)]
    assert "at it for a day" in fetch(exits=75)


def test_a_server_that_does_not_answer_is_asked_again(server, fetch, monkeypatch):
    monkeypatch.setattr(asking, "TIMEOUT", 0.2)

    def sleeps(handler):
        server.released.wait(0.6)
        handler.close_connection = True

    server.instead["/r4/$export"] = [sleeps]
    assert "did not answer in time" in fetch()
    assert fetched() == TWO


def test_an_answer_without_an_end_is_refused(server, fetch, monkeypatch):
    monkeypatch.setattr(asking, "MOST_BYTES", 1000)
    server.instead["/r4/jobs/1"] = [says(200, b"{" * 2000)]
    assert "far too long" in fetch(exits=17)


def test_a_server_that_says_come_back_tomorrow_is_left_to_the_next_run(server, fetch):
    server.instead["/r4/jobs/1"] = [says(202, Retry_After="86400")]
    assert "come back in 1440 minutes" in fetch(exits=75)
    fetch()
    assert server.jobs == 1
    assert fetched() == TWO


@pytest.mark.parametrize(
    "path", ["/r4/$export", "/r4/jobs/1", "/r4/files/0-patient-77"]
)
@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(says(429, Retry_After="0"), id="throttled"),
        pytest.param(says(500), id="500 without a word"),
        pytest.param(outcome(503, "transient"), id="503 with an outcome"),
        pytest.param(outcome(500, "exception", Retry_After="0"), id="500 for now"),
        pytest.param(outcome(500, "timeout"), id="500 that says so"),
        pytest.param(html(502), id="a gateway's page"),
        pytest.param(html(200), id="a page that looks like success"),
        pytest.param(hangs_up, id="no answer at all"),
    ],
)
def test_what_may_pass_is_asked_again(server, fetch, path, trouble):
    server.instead[path] = [trouble, trouble]
    said = fetch()
    assert fetched() == TWO
    assert "Lee" not in said
    assert "77" not in said


@pytest.mark.parametrize(
    "path", ["/r4/$export", "/r4/jobs/1", "/r4/files/0-patient-77"]
)
@pytest.mark.parametrize("trouble", [says(429, Retry_After="0"), html(), hangs_up])
def test_what_does_not_pass_ends_the_run_with_75_and_the_old_folder_stays(
    server, fetch, path, trouble
):
    fetch()
    server.jobs = 0
    server.instead[path] = [trouble] * 8
    server.lists["output"].pop()
    said = fetch(exits=75)
    assert "8 times in a row" in said
    assert "where: FHIR server" in said
    assert fetched() == TWO
    fetch()
    assert set(fetched()) == {"Patient.1.ndjson"}


@pytest.mark.parametrize(
    ("path", "trouble", "told"),
    [
        ("/r4/$export", outcome(400, "not-supported"), "HTTP 400 (not-supported)"),
        ("/r4/$export", outcome(404, "Ann Lee"), "HTTP 404."),
        ("/r4/$export", outcome(501, "not-supported"), "HTTP 501 (not-supported)"),
        ("/r4/$export", says(200, {"resourceType": "Bundle"}), "HTTP 200 came"),
        ("/r4/$export", says(202), "without the address of an export"),
        ("/r4/$export", says(301), "HTTP 301."),
        ("/r4/jobs/1", outcome(403, "forbidden"), "HTTP 403 (forbidden)"),
        ("/r4/jobs/1", outcome(500, "too-costly"), "gave the export up: HTTP 500"),
        ("/r4/jobs/1", says(200, {"output": 1}), "none of a bulk export"),
        ("/r4/files/0-patient-77", outcome(403, "forbidden"), "HTTP 403 (forbidden)"),
    ],
)
def test_a_refusal_is_told_by_status_and_code_alone(server, fetch, path, trouble, told):
    server.instead[path] = [trouble]
    said = fetch(exits=17)
    assert told in said
    assert "do:" in said
    assert "Lee" not in said
    assert "77" not in said
    assert not Path("data/fetched").exists()


def test_an_export_that_the_server_gave_up_is_not_gone_on_with(server, fetch):
    server.instead["/r4/jobs/1"] = [outcome(500, "too-costly")]
    fetch(exits=17)
    fetch()
    assert server.jobs == 2
    assert fetched() == TWO


@pytest.mark.parametrize("item", [{"type": "../x"}, {"type": ""}, {"type": "A/b"}])
def test_a_type_that_is_no_name_of_a_file_is_refused(server, fetch, item):
    server.lists["output"][0] |= item
    fetch(exits=17)
    assert not Path("data/fetched").exists()


def test_a_server_that_keeps_its_export_is_no_failure(server, fetch):
    server.instead["/r4/jobs/1"] = [server_says_manifest, outcome(405, "not-supported")]
    assert "the server keeps the export" in fetch()
    assert fetched() == TWO


def server_says_manifest(handler):
    handler.answer()
