"""Who asks: tokens by a signed assertion, as SMART Backend Services has it."""

import base64
import json
import os
import re

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.fetch.conftest import fetched
from tests.fetch.server import hangs_up, html, says
from tests.fetch.test_export import TWO


def jwk(key, **more: str) -> str:
    return json.dumps(key.as_dict(private=True, **more))


@pytest.mark.parametrize("kind", ["rsa_key", "ec_key"])
@pytest.mark.parametrize("form", ["pem", "jwk"])
def test_the_server_verifies_who_asks_by_the_public_key(
    guarded, fetch, holds, request, kind, form
):
    key = request.getfixturevalue(kind)
    guarded.key = key.public_key
    holds(jwk(key) if form == "jwk" else key.as_pem(private=True))
    fetch()
    assert fetched() == TWO
    (asked,) = guarded.asked("POST", "/token")
    assert asked.form["scope"] == ["system/*.read"]
    others = [seen for seen in guarded.seen if "/r4/" in seen.path]
    assert {seen.token for seen in others[1:]} == {"Bearer token-0"}
    # Discovery comes before there is a token.
    assert others[0].path.endswith("smart-configuration")


def test_the_kid_is_the_keys_own_or_else_its_thumbprint(guarded, fetch, holds, rsa_key):
    fetch()
    holds(jwk(rsa_key, kid="hospital-2"))
    fetch()
    found = [kid(seen) for seen in guarded.asked("POST", "/token")]
    assert found == [rsa_key.thumbprint(), "hospital-2"]


def kid(seen) -> str:
    head = seen.form["client_assertion"][0].split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=="))["kid"]


def test_where_tokens_are_given_and_for_what_can_be_said(guarded, fetch, monkeypatch):
    monkeypatch.setenv("CHRONICLE_FHIR_TOKEN_URL", guarded.at("/token"))
    monkeypatch.setenv("CHRONICLE_FHIR_SCOPE", "system/*.rs")
    fetch()
    assert not guarded.asked("GET", "smart-configuration")
    assert guarded.asked("POST", "/token")[0].form["scope"] == ["system/*.rs"]


def test_no_client_means_no_token(server, fetch):
    server.needs_token = True
    fetch()
    assert not server.asked("POST", "/token")
    assert not any(seen.token for seen in server.seen)


def test_a_token_is_renewed_shortly_before_it_ends(guarded, fetch):
    guarded.token_seconds = 1  # renewed after half of it
    guarded.instead["/r4/jobs/1"] = [says(202, Retry_After="1")]
    fetch()
    assert fetched() == TWO
    assert len(guarded.asked("POST", "/token")) == 2


def test_a_token_that_the_server_takes_no_more_is_renewed_once(guarded, fetch):
    def revokes(handler):
        guarded.tokens.clear()
        guarded.tokens.append("-")
        says(401)(handler)

    guarded.instead["/r4/jobs/1"] = [revokes]
    fetch()
    assert fetched() == TWO
    assert len(guarded.asked("POST", "/token")) == 2


def test_a_token_that_is_never_taken_ends_the_run(guarded, fetch):
    guarded.instead["/r4/$export"] = [says(401)] * 3
    said = fetch(exits=17)
    assert "HTTP 401" in said
    assert len(guarded.asked("GET", "$export")) == 2


def test_a_key_that_the_server_does_not_know_is_told_without_the_key(
    guarded, fetch, holds, ec_key
):
    other = RSAKey.generate_key(2048, private=True)
    holds(other.as_pem(private=True))
    said = fetch(exits=17)
    assert "no access token (HTTP 400, invalid_client)" in said
    assert "CHRONICLE_FHIR_CLIENT_ID" in said
    assert not re.search(r"ey[A-Za-z0-9_-]{20}|-----", said)


@pytest.mark.parametrize("trouble", [says(503), html(), hangs_up, html(400)])
def test_a_token_server_in_trouble_is_asked_again_with_a_new_assertion(
    guarded, fetch, trouble
):
    # The server refuses a jti that it has seen.
    guarded.instead["/token"] = [trouble]
    guarded.instead["/r4/.well-known/smart-configuration"] = [trouble] * (
        trouble.__name__ != "say"
    )
    fetch()
    assert fetched() == TWO
    assert len(guarded.asked("POST", "/token")) == 2


@pytest.mark.parametrize(
    "given",
    [
        {"token_type": "bearer"},
        {"access_token": ""},
        {"access_token": 7},
        {"error": "Ann Lee has left"},
    ],
    ids=str,
)
def test_an_answer_without_a_token_is_a_refusal(guarded, fetch, given):
    guarded.instead["/token"] = [says(200, given)]
    assert "Lee" not in fetch(exits=17)


def test_a_configuration_without_a_place_for_tokens_says_what_to_set(guarded, fetch):
    guarded.instead["/r4/.well-known/smart-configuration"] = [says(200, {"issuer": 1})]
    assert "set CHRONICLE_FHIR_TOKEN_URL" in fetch(exits=17)


def weak_keys() -> dict[str, bytes]:
    good = RSAKey.generate_key(2048, private=True)
    return {
        "not a key": b"secret",
        "half a PEM": good.as_pem(private=True)[:300],
        "a public key": good.as_pem(private=False),
        "with a password": good.as_pem(private=True, password="x"),  # noqa: S106
        "a short one": RSAKey.generate_key(1024, private=True).as_pem(private=True),
        "another curve": ECKey.generate_key("P-256", private=True).as_pem(private=True),
        "a shared secret": json.dumps(OctKey.generate_key(256).as_dict()).encode(),
        "a set of keys": b'{"keys": []}',
        "no JSON": b"{",
    }


@pytest.mark.filterwarnings("ignore")  # the library warns of the short one
def test_a_key_that_smart_does_not_take_is_refused_before_anything_is_sent(
    server, fetch, holds
):
    for kind, content in weak_keys().items():
        holds(content)
        said = fetch(exits=2)
        assert "holds no private key that SMART takes" in said, kind
        assert "secret" not in said
    assert not server.seen


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_that_others_may_read_is_refused(server, fetch, holds, rsa_key, mode):
    holds(rsa_key.as_pem(private=True), mode)
    assert "chmod 600" in fetch(exits=2)
    assert not server.seen


def test_a_key_that_is_not_there_is_named_by_its_variable(server, fetch, holds):
    holds("x").unlink()
    said = fetch(exits=2)
    assert "CHRONICLE_FHIR_KEY_FILE" in said
    assert os.environ["CHRONICLE_FHIR_KEY_FILE"] not in said
