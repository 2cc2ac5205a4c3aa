"""What a server's answer means; of its own words, only those on fixed lists are kept.

Servers quote patients in diagnostics, progress and error pages.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from chronicle.core.errors import FetchRefused
from chronicle.fetch.patience import Passing, retry_after

# Statuses of trouble between us and an answer: timeouts, throttles, gateways.
MAY_PASS = (408, 425, 429, 500, 502, 503, 504)
GONE = (404, 410)
# HL7 FHIR R4 value set issue-type; those that the standard says to try again.
FOR_NOW = ("transient", "lock-error", "no-store", "timeout", "incomplete", "throttled")
ISSUES = (
    *FOR_NOW,
    *("invalid", "structure", "required", "value", "invariant", "security", "login"),
    *("unknown", "expired", "forbidden", "suppressed", "processing", "not-supported"),
    *("duplicate", "multiple-matches", "not-found", "deleted", "too-long"),
    *("code-invalid", "extension", "too-costly", "business-rule", "conflict"),
    *("exception", "informational"),
)
# RFC 6749, section 5.2.
TOKEN_ERRORS = (
    *("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client"),
    *("unsupported_grant_type", "invalid_scope"),
)
PERCENT = re.compile(r"(?<![\d.])(\d{1,3})(?:\.\d+)?\s?%")
PORTION = re.compile(r"\b(\d{1,12}) of (\d{1,12})\b")


@dataclass(frozen=True)
class Answer:
    """One small answer, whole. `headers` do not care for case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def wait_seconds(self) -> float | None:
        """How long the server wants us to wait, if it says."""
        return retry_after(self.headers.get("retry-after"))

    @property
    def issues(self) -> tuple[str, ...]:
        """The codes of an OperationOutcome."""
        found = parsed(self.body)
        if found.get("resourceType") != "OperationOutcome":
            return ()
        listed = found.get("issue")
        codes = [
            each.get("code")
            for each in (listed if isinstance(listed, list) else ())
            if isinstance(each, dict)
        ]
        return tuple(code for code in ISSUES if code in codes)

    def json(self) -> dict[str, Any]:
        """Return the object that a successful answer has to hold.

        Raises:
            Passing: It is something else, as a gateway's page.
        """
        found = parsed(self.body)
        if not found:
            what = "an HTML page" if is_html(self) else "something that is no JSON"
            raise Passing(
                f"{what} came with HTTP {self.status}", wait_seconds=self.wait_seconds
            )
        return found


def parsed(body: bytes) -> dict[str, Any]:
    """Parse a JSON object; anything else is an empty one."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def is_html(answer: Answer) -> bool:
    """Tell whether an answer is a page for people."""
    kind = answer.headers.get("content-type", "")
    return "html" in kind or answer.body.lstrip()[:1] == b"<"


def judge(answer: Answer, *, where: str, accepts: tuple[int, ...]) -> Answer:
    """Return an answer of a status that is asked for.

    Raises:
        Passing: It may be another one later.
        FetchRefused: It will not.
    """
    if answer.status in accepts:
        return answer
    codes = ", ".join(answer.issues)
    told = f"HTTP {answer.status}" + (f" ({codes})" if codes else "")
    if answer.status in MAY_PASS or set(answer.issues) & set(FOR_NOW):
        raise Passing(f"the server answers {told}", wait_seconds=answer.wait_seconds)
    raise refused(f"the server answers {told}", where, _advice(answer.status))


def refused(what: str, where: str, do: str) -> FetchRefused:
    """Say what a server does not do."""
    return FetchRefused(f"{what}.", where=where, do=do)


def _advice(status: int) -> str:
    if status in (401, 403):
        return (
            "see that the client may read there (CHRONICLE_FHIR_CLIENT_ID, its scope); "
            "a token goes to the host of CHRONICLE_FHIR_URL and to no other"
        )
    if status in GONE:
        return "see that CHRONICLE_FHIR_URL is the FHIR base, and params.yaml: fetch"
    return "see whether the server supports what params.yaml: fetch asks for"


def progress(header: str | None) -> str | None:
    """Read the numbers of `X-Progress`; any other of its words could be anything.

    >>> progress("Patient Ann Lee: 45.2% done"), progress("12 of 80, MRN 1951")
    ('45 %', '12 of 80')
    >>> progress("in progress, MRN 1951") is progress(None) is None
    True
    """
    if found := PERCENT.search(header or ""):
        return f"{found[1]} %"
    if found := PORTION.search(header or ""):
        return f"{found[1]} of {found[2]}"
    return None
