"""The server's side of an export: begun, waited for, cleared away.

Source:
    HL7 FHIR Bulk Data Access (Flat FHIR) 2.0.0, Export, "Request Flow".
"""

import logging
import time
from urllib.parse import quote, urlencode, urljoin

from chronicle.core.errors import FetchRefused, PipelineError
from chronicle.fetch.answer import FOR_NOW, GONE, Answer, judge, progress, refused
from chronicle.fetch.patience import Passing, backoff, broken, check, patiently
from chronicle.fetch.server import Request, Server

log = logging.getLogger(__name__)

KICK_OFF = "FHIR server, kick-off"
STATUS = "FHIR server, export status"
HEADERS = {"Accept": "application/fhir+json", "Prefer": "respond-async"}
PATIENCE_SECONDS = 24 * 3600.0


def wish(
    level: str,
    group: str | None,
    *,
    output_format: str,
    since: str | None,
    types: tuple[str, ...],
    type_filter: tuple[str, ...],
) -> str:
    """Write what is asked for, as a path below the server's base.

    >>> wish("group", "7", output_format="ndjson", since=None, types=("Patient",),
    ...      type_filter=())
    'Group/7/$export?_outputFormat=ndjson&_type=Patient'
    """
    paths = {"system": "", "patient": "Patient/", "group": f"Group/{group}/"}
    asked = [("_outputFormat", output_format)]
    if since:
        asked.append(("_since", since))
    if types:
        asked.append(("_type", ",".join(types)))
    # Repeated, not joined: a query may hold a comma itself.
    asked += [("_typeFilter", each) for each in type_filter]
    return f"{paths[level]}$export?{urlencode(asked, quote_via=quote, safe='')}"


def begin(server: Server, asked: str) -> str:
    """Begin an export; return where its status is told.

    Raises:
        FetchRefused: The server does not export, or not asynchronously.
    """
    url = f"{server.address.url}/{asked}"
    request = Request("GET", url, KICK_OFF, HEADERS)
    answer = patiently(
        lambda: _accepted(server.once(request)), where=KICK_OFF, pause=server.pause
    )
    location = answer.headers.get("content-location")
    if not location:
        raise refused(
            f"HTTP {answer.status} came without the address of an export",
            KICK_OFF,
            "see whether the server supports asynchronous $export at this level",
        )
    return urljoin(url, location)


def wait(server: Server, url: str) -> Answer | None:
    """Wait for an export; return its manifest, or None where the server lost it.

    Raises:
        ExportFailed: The server gave it up.
        FetchBroken: It is not ready for now.
    """
    request = Request("GET", url, STATUS)
    until, polls, before = time.monotonic() + PATIENCE_SECONDS, 0, ""
    while True:
        answer = patiently(
            lambda: _status(server.once(request)), where=STATUS, pause=server.pause
        )
        if answer.status != 202:
            return None if answer.status in GONE else answer
        polls += 1
        told = progress(answer.headers.get("x-progress")) or "under way"
        if told != before:
            log.info("fetch: the server prepares the export: %s", told)
            before = told
        seconds = answer.wait_seconds
        seconds = backoff(polls) if seconds is None else seconds
        check(seconds, STATUS)
        if time.monotonic() + seconds > until:
            raise broken("the server has been at it for a day", STATUS)
        server.pause(seconds)


def end(server: Server, url: str) -> None:
    """Let the server clear an export away; it may have done so."""
    request = Request("DELETE", url, "FHIR server, end of the export")
    try:
        server.ask(request, accepts=(200, 202, 204, *GONE))
    except PipelineError as failure:
        # All is here: what the server keeps of it is no reason to fail.
        log.info("fetch: the server keeps the export (%s)", type(failure).__name__)


class ExportFailed(FetchRefused):
    """The server gave an export up: there is nothing to go on with."""


def _accepted(answer: Answer) -> Answer:
    judged = judge(answer, where=KICK_OFF, accepts=(200, 202))
    if judged.status == 200:
        judged.json()  # raises where it is a page: a gateway's, which may pass
    return judged


def _status(answer: Answer) -> Answer:
    codes = ", ".join(answer.issues)
    try:
        judge(answer, where=STATUS, accepts=(200, 202, *GONE))
        if answer.status == 200:
            answer.json()
    except Passing as trouble:
        # A gateway's 500 may pass; one that has a reason to give is the export's end.
        if answer.status != 500 or not codes or trouble.wait_seconds is not None:
            raise
        if set(answer.issues) & set(FOR_NOW):
            raise
        raise ExportFailed(
            f"the server gave the export up: HTTP {answer.status} ({codes}).",
            where=STATUS,
            do="ask those who run the server; the next run begins a new export",
        ) from None
    return answer
