"""Scores on their way to a FHIR server: each once, with its origin, and taken back."""

import json
import logging
from pathlib import Path

import pytest

from chronicle.fetch import patience, post
from tests.fetch.server import hangs_up, html, outcome, says

BUSY = {"Retry_After": "0"}


@pytest.fixture
def outbox(server, project, monkeypatch, caplog):
    """Lay out scores of one disease for so many patients, and send them."""
    monkeypatch.setattr(patience, "FIRST_SECONDS", 0.001)
    caplog.set_level(logging.INFO)
    folder = project / "private" / "outbox" / "x"
    folder.mkdir(parents=True)

    def send(patients: int, *, risk: float = 1.0, exits: int = 0) -> str:
        caplog.clear()
        named = [f"{each:032x}" for each in range(patients)]
        written = {
            "Device": [{"id": "d"}],
            "RiskAssessment": [
                {"id": each, "prediction": [{"probabilityDecimal": risk}]}
                for each in named
            ],
            "Provenance": [
                {"id": f"{each}-p", "target": [{"reference": f"RiskAssessment/{each}"}]}
                for each in named
            ],
        }
        for kind, resources in written.items():
            lines = [json.dumps({"resourceType": kind} | one) for one in resources]
            (folder / f"{kind}.ndjson").write_text("".join(f"{e}\n" for e in lines))
        assert post.main([]) == exits, caplog.text
        return "\n".join(
            each.getMessage()
            for each in caplog.records
            if each.name.startswith("chronicle")
        )

    return send


def bundles(server) -> list[list[str]]:
    """Return what each transaction asked for, in order."""
    return [
        [f"{one['request']['method']} {one['request']['url']}" for one in each]
        for each in server.bundles
    ]


def test_a_score_is_sent_once_with_its_origin_and_again_when_it_changes(server, outbox):
    assert "301 resources sent, 0 taken back" in outbox(150)
    assert len(server.held) == 301
    for each in bundles(server):
        scores = {u.split("/")[1] for u in each if "RiskAssessment" in u}
        origins = {u.split("/")[1] for u in each if "Provenance" in u}
        assert {f"{one}-p" for one in scores} == origins
    assert bundles(server)[0][0] == "PUT Device/d"
    assert "0 resources sent, 0 taken back" in outbox(150)
    # What led to it is the same, so only the scores go.
    assert "150 resources sent" in outbox(150, risk=2.0)
    assert Path("private/posted.json").stat().st_mode & 0o077 == 0


def test_a_score_that_holds_no_more_is_taken_back_and_the_model_stays(server, outbox):
    outbox(3)
    assert "0 resources sent, 4 taken back" in outbox(1)
    assert sorted(server.held) == [
        "Device/d", f"Provenance/{0:032x}-p", f"RiskAssessment/{0:032x}",
    ]  # fmt: skip


def test_a_busy_server_is_asked_again(server, outbox):
    server.instead["/r4"] = [says(429, **BUSY), outcome(503, "transient", **BUSY)]
    assert "3 resources sent" in outbox(1)
    assert len(server.asked("POST", "/r4")) == 3


def half(handler) -> None:
    """Do what is asked, and break off in the middle of saying so."""
    told = json.dumps(handler.transacted(json.loads(handler.body)))
    handler.begin(200, len(told), {})
    handler.wfile.write(told[:40].encode())
    handler.reset()


@pytest.mark.parametrize(
    "trouble",
    [hangs_up, half, says(500), html(), says(200, b'{"resourceType": "Bund')],
    ids=["no answer", "half of one", "500", "a gateway's page", "cut by a gateway"],
)
def test_trouble_on_the_way_may_pass_and_nothing_is_sent_by_halves(
    server, outbox, trouble
):
    server.instead["/r4"] = [trouble, trouble]
    assert "3 resources sent, 0 taken back" in outbox(1)
    assert len(server.asked("POST", "/r4")) == 3
    assert len(server.held) == 3
    assert "0 resources sent" in outbox(1)


def test_a_server_that_stays_ill_ends_it_for_now_and_the_next_run_sends_all(
    server, outbox
):
    server.instead["/r4"] = [says(500)] * patience.ATTEMPTS
    assert "HTTP 500" in outbox(1, exits=75)
    assert "3 resources sent" in outbox(1)


def test_a_run_that_was_cut_short_goes_on(server, outbox):
    server.instead["/r4"] = [lambda handler: handler.answer(), outcome(422, "invalid")]
    told = outbox(150, exits=17)
    assert "HTTP 422 (invalid)" in told
    assert "Ann Lee" not in told
    had = len(server.held)
    assert 0 < had < 301
    assert f"{301 - had} resources sent" in outbox(150)


def test_a_part_that_is_not_taken_is_no_success(server, outbox):
    refused = [{"response": {"status": "400"}}] * 3
    for entries in (refused, ["no", "one", "knows"], [{"response": 1}] * 3):
        told = {"resourceType": "Bundle", "entry": entries}
        server.instead["/r4"] = [says(200, told)]
        outbox(1, exits=17)
    assert "3 resources sent" in outbox(1)


def test_the_client_is_the_one_that_fetches(guarded, outbox):
    outbox(1)
    assert guarded.seen[-1].token == f"Bearer {guarded.tokens[0]}"
    scopes = [each.form["scope"] for each in guarded.asked("POST", "/token")]
    assert scopes == [[post.WRITES]]


def test_patients_are_not_shown_to_the_network(outbox, monkeypatch):
    monkeypatch.setenv("CHRONICLE_FHIR_URL", "http://fhir.example.org/r4")
    assert "https" in outbox(1, exits=2)
