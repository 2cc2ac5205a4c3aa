"""The access token: asked for once, kept until shortly before it ends, then renewed."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urljoin

from chronicle.core.errors import FetchRefused
from chronicle.fetch import assertion
from chronicle.fetch.address import Address, permitted
from chronicle.fetch.answer import TOKEN_ERRORS, Answer, judge, parsed, refused
from chronicle.fetch.patience import Passing

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CONFIGURATION = ".well-known/smart-configuration"
WHERE = "FHIR server, access token"
LIFE_SECONDS = 300.0  # where the server says nothing: SMART's longest recommended
EARLY_SECONDS = 30.0
REFUSALS = (400, 401, 403)
Form = Callable[[], Mapping[str, str]]


@dataclass(frozen=True)
class Token:
    """A token, and until when it is used: seconds of the monotonic clock."""

    text: str
    until: float


class Access:
    """Tokens for several threads.

    Args:
        address: Whose tokens.
        get: Sends a GET, returns its answer.
        post: Sends a form, returns its answer; the form is made anew for each attempt,
            since an assertion can be used once.
    """

    def __init__(
        self,
        address: Address,
        get: Callable[[str], Answer],
        post: Callable[[str, Form], Answer],
    ) -> None:
        self._address, self._get, self._post = address, get, post
        self._key = assertion.load(address.key_file) if address.key_file else None
        self._lock = Lock()
        self._url: str | None = None
        self._token: Token | None = None

    def token(self) -> str | None:
        """Return a token that still holds; None where the server wants none."""
        if self._key is None:
            return None
        with self._lock:
            if self._token is None or self._token.until <= time.monotonic():
                self._token = self._ask(self._key)
            return self._token.text

    def forget(self, text: str) -> None:
        """Do not use a token again that the server has refused."""
        with self._lock:
            if self._token and self._token.text == text:
                self._token = None

    def _ask(self, key: assertion.Key) -> Token:
        url = self._url = self._url or self._address.token_url or self._discovered()
        answer = self._post(url, lambda: self._form(key, url))
        found = parsed(answer.body)
        text, life = found.get("access_token"), found.get("expires_in")
        if answer.status in REFUSALS or not isinstance(text, str) or not text:
            raise _refusal(answer)
        # Never true as a number, and never so early that it is over when it begins.
        seconds = float(life) if isinstance(life, int) and life > 0 else LIFE_SECONDS
        early = min(EARLY_SECONDS, seconds / 2)
        return Token(text, time.monotonic() + seconds - early)

    def _form(self, key: assertion.Key, url: str) -> Mapping[str, str]:
        client = self._address.client or ""
        return {
            "grant_type": "client_credentials",
            "scope": self._address.scope,
            "client_assertion_type": ASSERTION,
            "client_assertion": assertion.sign(
                key, client=client, audience=url, now=time.time()
            ),
        }

    def _discovered(self) -> str:
        base = f"{self._address.url}/"
        url = self._get(urljoin(base, CONFIGURATION)).json().get("token_endpoint")
        if not isinstance(url, str):
            raise refused(
                f"{CONFIGURATION} names no token_endpoint",
                WHERE,
                "set CHRONICLE_FHIR_TOKEN_URL",
            )
        return permitted(url, base, where=WHERE)


def accepted(answer: Answer) -> Answer:
    """Return an answer to a token request that is a yes or a no.

    Raises:
        Passing: It is neither, and may be later.
    """
    judged = judge(answer, where=WHERE, accepts=(200, *REFUSALS))
    if not parsed(judged.body):
        told = f"no JSON came with HTTP {judged.status}"
        raise Passing(told, wait_seconds=judged.wait_seconds)
    return judged


def _refusal(answer: Answer) -> FetchRefused:
    error = parsed(answer.body).get("error")
    told = f", {error}" if error in TOKEN_ERRORS else ""
    return refused(
        f"the server gives no access token (HTTP {answer.status}{told})",
        WHERE,
        "see that the server knows CHRONICLE_FHIR_CLIENT_ID, the public key of "
        "CHRONICLE_FHIR_KEY_FILE under its kid, and CHRONICLE_FHIR_SCOPE",
    )
