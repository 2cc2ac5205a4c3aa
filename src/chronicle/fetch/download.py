"""The files of an export over the wire; one that breaks off goes on where it broke."""

import logging
import re
import time
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

from chronicle.fetch.answer import GONE, Answer, is_html, judge
from chronicle.fetch.job import Job
from chronicle.fetch.manifest import Item, Manifest
from chronicle.fetch.patience import Passing, broken, patiently, retry_after
from chronicle.fetch.server import Request, Response, Server
from chronicle.fetch.whole import Size, measure, settle

log = logging.getLogger(__name__)

THREADS = 3  # servers throttle those who take more
EVERY_SECONDS = 5.0  # between two lines of progress
HEADERS = {"Accept": "application/fhir+ndjson", "Accept-Encoding": "gzip"}
RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")
HEAD_BYTES = 64 * 1024  # of an error's body


def download(server: Server, manifest: Manifest, job: Job) -> dict[str, Size]:
    """Bring all files of an export into `job.files`; return what they hold."""
    sizes: dict[str, Size] = {}
    with ThreadPoolExecutor(THREADS) as pool:
        running = {
            pool.submit(_bring, server, item, job, manifest.needs_token): item
            for item in manifest.items
        }
        try:
            _gather(running, sizes, job)
        except BaseException:
            server.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return sizes


def _gather(
    running: Mapping[Future[Size], Item], sizes: dict[str, Size], job: Job
) -> None:
    left, told = set(running), time.monotonic()
    while left:
        done, left = wait(left, EVERY_SECONDS, return_when=FIRST_COMPLETED)
        for each in done:
            sizes[running[each].name] = each.result()
        if left and time.monotonic() - told < EVERY_SECONDS:
            continue
        told = time.monotonic()
        log.info(
            "fetch: %d of %d files, %.1f MB, %d resources",
            len(sizes),
            len(running),
            job.megabytes(),
            sum(size.resources for size in sizes.values()),
        )


def _bring(server: Server, item: Item, job: Job, needs_token: bool) -> Size:
    target = job.files / item.name
    if target.exists():
        with suppress(Passing):
            return measure(target, count=item.count)
        target.unlink()
    target.parent.mkdir(exist_ok=True)
    wire = job.wire / item.name.replace("/", ".")
    where = f"FHIR server, file {item.name}"
    request = Request("GET", item.url, where, with_token=needs_token)

    def attempt() -> Size:
        if not _received(server, request, wire):
            job.forget()
            raise broken("the server no longer has the file; start anew", where)
        try:
            return settle(wire, target, count=item.count)
        except Passing:
            wire.unlink(missing_ok=True)  # no part of it can be trusted
            raise

    return patiently(attempt, where=where, pause=server.pause)


def _received(server: Server, request: Request, wire: Path) -> bool:
    """Receive what is still to come of a file; tell whether the server has it.

    Raises:
        Passing: It broke off.
    """
    have = _have(wire)
    try:
        return _receive(server, request, wire, have)
    except Passing as trouble:
        raise Passing(
            str(trouble), wait_seconds=trouble.wait_seconds, gained=_have(wire) > have
        ) from None


def _have(wire: Path) -> int:
    """Return how many bytes need not come again."""
    return wire.stat().st_size if wire.exists() and _tag(wire).exists() else 0


def _tag(wire: Path) -> Path:
    return wire.with_name(f"{wire.name}.etag")


def _receive(server: Server, request: Request, wire: Path, have: int) -> bool:
    headers = dict(HEADERS)
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": _tag(wire).read_text()}
    asked = Request("GET", request.url, request.where, headers, request.with_token)
    with server.open(asked) as response:
        if response.status_code == 416:
            return _is_all(response, wire, have)
        if response.status_code not in (200, 206):
            head = _head(response)
            return judge(head, where=asked.where, accepts=GONE).status not in GONE
        _refuse_pages(response)
        start = _start(response)
        if start not in (0, have):
            wire.unlink(missing_ok=True)
            raise Passing("the server goes on at another place than asked")
        if not start:
            _begin(response, wire)
        _append(server, response, wire)
    return True


def _append(server: Server, response: Response, wire: Path) -> None:
    with wire.open("ab") as file:
        for chunk in response.iter_raw():
            file.write(chunk)
            server.pause(0)  # ends it where all is to stop
    total = RANGE.fullmatch(response.headers.get("content-range", ""))
    if total and total[2].isdecimal() and int(total[2]) != wire.stat().st_size:
        wire.unlink()
        raise Passing("the file has another size than the server said")


def _begin(response: Response, wire: Path) -> None:
    """Begin a file from its first byte; keep its tag, if it is one to go on by."""
    _tag(wire).unlink(missing_ok=True)
    wire.write_bytes(b"")
    etag = response.headers.get("etag", "")
    if etag.startswith('"') and etag.isascii():  # a weak one promises no same bytes
        _tag(wire).write_text(etag)


def _start(response: Response) -> int:
    if response.status_code == 200:
        return 0
    found = RANGE.fullmatch(response.headers.get("content-range", ""))
    return int(found[1]) if found and found[1] else -1


def _is_all(response: Response, wire: Path, have: int) -> bool:
    """A killed run may have had every byte: then no more is to be had."""
    found = RANGE.fullmatch(response.headers.get("content-range", ""))
    if not found or found[2] != str(have):
        wire.unlink(missing_ok=True)
        raise Passing("the server has no such part of the file")
    return True


def _head(response: Response) -> Answer:
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > HEAD_BYTES:
            break
    return Answer(response.status_code, response.headers, body)


def _refuse_pages(response: Response) -> None:
    if is_html(Answer(response.status_code, response.headers, b"")):
        raise Passing(
            "an HTML page came where NDJSON belongs",
            wait_seconds=retry_after(response.headers.get("retry-after")),
        )
