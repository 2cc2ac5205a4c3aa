"""Scores to a FHIR server: what is new as PUT, what no longer holds as DELETE.

python -m chronicle.fetch.post

It sends the `outbox` of the private folder (`CHRONICLE_PRIVATE`, else `private`), which
`chronicle.ingest.relink` writes, in transactions to `CHRONICLE_FHIR_URL`, as the client
that `fetch` is. Beside it, `posted.json` keeps what each server has taken: a run that
was cut short goes on, and one without news sends nothing.
"""

import hashlib
import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from chronicle.core import store
from chronicle.core.errors import PipelineError, UsageError
from chronicle.fetch import address
from chronicle.fetch.answer import MAY_PASS, Answer, judge, parsed, refused
from chronicle.fetch.patience import patiently
from chronicle.fetch.server import Request, Server, connect

log = logging.getLogger(__name__)

WHERE = "FHIR server, transaction"
FHIR = {"Accept": "application/fhir+json", "Content-Type": "application/fhir+json"}
WRITES = "system/Device.write system/RiskAssessment.write system/Provenance.write"
TOGETHER = 100  # resources of a transaction
GONE = ("404", "410")
Entry = dict[str, Any]
NAMES = ("Device", "RiskAssessment", "Provenance")  # what others refer to, first
# A score and how it came about go together, or not at all.
OF = "-p"


def main(words: list[str]) -> int:
    """Send the outbox; return the exit code that `core/errors.py` documents."""
    try:
        if words:
            raise UsageError(
                "it takes no word.",
                where="command line",
                do="python -m chronicle.fetch.post; see docs/how-to/score-today.md",
            )
        private = Path(os.environ.get("CHRONICLE_PRIVATE") or "private")
        post(private / "outbox", private / "posted.json", _address())
    except PipelineError as failure:
        log.error("%s: %s", type(failure).__name__, failure)
        return failure.exit_code
    return 0


def post(outbox: Path, posted: Path, to: address.Address) -> None:
    """Send what the server has not.

    Args:
        outbox: NDJSON, in a folder for each disease.
        posted: By server, what it has taken: SHA-256 by Type/id.
        to: The server.

    Raises:
        FetchRefused: It takes something not; what it has taken is kept.
    """
    if not outbox.is_dir():
        raise UsageError(
            "there is nothing to send.",
            where=str(outbox),
            do="python -m chronicle.ingest.relink data/scores",
        )
    every = store.read_json(posted) if posted.exists() else {}
    has: dict[str, str] = every.setdefault(to.url, {})
    put = sorted(_new(outbox, has), key=_order)
    gone = sorted(map(_deleted, _stale(outbox, has)), key=_order)
    with connect(to) as server:
        for some in _together([*put, *gone]):
            _send(server, [entry for entry, _ in some])
            for entry, digest in some:
                name = entry["request"]["url"]
                has.pop(name, None) if digest is None else has.update({name: digest})
            _keep(every, posted)
    log.info("post: %d resources sent, %d taken back", len(put), len(gone))


def _address() -> address.Address:
    to = address.read()
    if not address.is_private(to.url):
        raise UsageError(
            f"{address.URL} would show patients to the network.",
            where="environment",
            do="give an https address",
        )
    return to if os.environ.get(address.SCOPE) else replace(to, scope=WRITES)


def _lines(outbox: Path) -> Iterator[bytes]:
    for folder in sorted(path for path in outbox.iterdir() if path.is_dir()):
        for name in NAMES:
            yield from (folder / f"{name}.ndjson").read_bytes().splitlines()


def _new(outbox: Path, has: dict[str, str]) -> list[tuple[Entry, str | None]]:
    """Return what the server has not."""
    found: list[tuple[Entry, str | None]] = []
    for line in _lines(outbox):
        resource = orjson.loads(line)
        name = f"{resource['resourceType']}/{resource['id']}"
        digest = hashlib.sha256(line).hexdigest()
        if has.get(name) != digest:
            request = {"method": "PUT", "url": name}
            found.append(({"resource": resource, "request": request}, digest))
    return found


def _order(one: tuple[Entry, str | None]) -> tuple[bool, str, bool]:
    """Sort models first, then each score and its origin."""
    kind, _, own = str(one[0]["request"]["url"]).partition("/")
    return kind != NAMES[0], own.removesuffix(OF), own.endswith(OF)


def _stale(outbox: Path, has: dict[str, str]) -> set[str]:
    """Return scores that the server has and that hold no more, and their origins.

    Models stay: older versions of scores refer to them.
    """
    told = (orjson.loads(line) for line in _lines(outbox))
    now = {f"{each['resourceType']}/{each['id']}" for each in told}
    return {each for each in has.keys() - now if not each.startswith(NAMES[0])}


def _deleted(name: str) -> tuple[Entry, str | None]:
    return {"request": {"method": "DELETE", "url": name}}, None


def _together(
    entries: list[tuple[Entry, str | None]],
) -> Iterator[list[tuple[Entry, str | None]]]:
    """Give entries some at a time, and no score without its origin."""
    begin = 0
    while begin < len(entries):
        end = begin + TOGETHER
        while end < len(entries) and _order(entries[end])[2]:
            end += 1
        yield entries[begin:end]
        begin = end


def _send(server: Server, entries: list[Entry]) -> None:
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    content = orjson.dumps(bundle)
    request = Request("POST", server.address.url, WHERE, FHIR, content=content)
    # A transaction of PUTs and DELETEs may be sent again: it does the same once more,
    # also where the server has done it and its answer was lost on the way.
    answer = patiently(
        lambda: _answer(server, request), where=WHERE, pause=server.pause
    )
    done = parsed(answer.body).get("entry") if answer.status == 200 else None
    if not isinstance(done, list) or len(done) != len(entries):
        raise _refusal(answer)
    for entry, its in zip(entries, done, strict=True):
        status = _status(its)
        absent = entry["request"]["method"] == "DELETE" and status in GONE
        if not status.startswith("2") and not absent:
            raise _refusal(answer)


def _answer(server: Server, request: Request) -> Answer:
    answer = judge(server.once(request), where=WHERE, accepts=_FINAL)
    if answer.status == 200:
        answer.json()  # a gateway's page, or half an answer, may pass
    return answer


def _status(its: object) -> str:
    """Return what became of one entry; empty where the answer does not say."""
    said = its.get("response") if isinstance(its, dict) else None
    return str(said.get("status", ""))[:3] if isinstance(said, dict) else ""


_FINAL = tuple(set(range(200, 600)) - {*MAY_PASS} - {401})


def _refusal(answer: Answer) -> PipelineError:
    codes = ", ".join(answer.issues)
    told = f"HTTP {answer.status}" + (f" ({codes})" if codes else "")
    return refused(
        f"the server does not take a transaction: {told}",
        WHERE,
        "see that it takes transactions, PUT with ids of ours (update as create) and "
        "DELETE, that the patients are its own, and that the client may write "
        "(CHRONICLE_FHIR_SCOPE); docs/how-to/score-today.md",
    )


def _keep(every: dict[str, dict[str, str]], posted: Path) -> None:
    partial = posted.with_name(f".{posted.name}")
    partial.touch(mode=0o600)
    partial.write_bytes(orjson.dumps(every, option=orjson.OPT_SORT_KEYS))
    partial.replace(posted)


if __name__ == "__main__":
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses
    sys.exit(main(sys.argv[1:]))
