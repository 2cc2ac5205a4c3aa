"""Stage `fetch`: a FHIR server's bulk export -> data/fetched, to be collected."""

import logging
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from chronicle.core import params, store
from chronicle.core.errors import FetchBroken, FetchRefused
from chronicle.core.params import Params
from chronicle.fetch import address, export, manifest
from chronicle.fetch.download import download
from chronicle.fetch.job import Job, State, done, held
from chronicle.fetch.patience import broken
from chronicle.fetch.server import Server, connect

log = logging.getLogger(__name__)

Type = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z]{1,63}$")]
Query = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z]{1,63}\?\S+$")]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9\-.]{1,64}$")]
INSTANT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"


class FetchParams(Params):
    """Section `fetch`.

    Args:
        level: Whose data: everything (`system`), all patients' (`patient`), or those of
            one group's patients (`group`).
        group: Id of the Group, where level is `group`.
        types: Resource types; none means all that the server has.
        since: Only what changed since a quoted ISO instant with its zone; null: all.
        type_filter: FHIR searches that narrow types: `Encounter?status=finished`.
        output_format: One of the three names of NDJSON; servers differ.
    """

    level: Literal["system", "group", "patient"]
    group: Id | None
    types: tuple[Type, ...]
    since: str | None = Field(pattern=INSTANT)
    type_filter: tuple[Query, ...] = ()
    output_format: Literal["application/fhir+ndjson", "application/ndjson", "ndjson"]

    @model_validator(mode="after")
    def _group_goes_with_its_level(self) -> Self:
        if (self.level == "group") != (self.group is not None):
            raise ValueError("group: an id where level is group, else null")
        return self


def run(fetched: Path) -> None:
    """Export, wait, download; the folder changes when all is there, and at once."""
    settings = dict(params.section("fetch", FetchParams))
    asked = export.wish(**settings | {"since": address.since() or settings["since"]})
    where = address.read()
    try:
        with held(fetched) as job, connect(where) as server:
            _fetch(server, job, asked)
    except OSError as fault:
        raise FetchBroken(
            f"the disk does not take the files: {fault.strerror}.",
            where=str(fetched.parent),
            do="see that it has room and lets us write; run again, and it goes on",
        ) from None


def _fetch(server: Server, job: Job, asked: str) -> None:
    state = _known(server, job, asked)
    if state and job.is_placed:
        log.info("fetch: the last run had fetched everything")
    else:
        state, listed = _listed(server, job, state or _begun(server, job, asked), asked)
        sizes = download(server, listed, job)
        store.write_json(listed.kept(asked, sizes), job.files / manifest.NAME)
        job.place()
        log.info(
            "fetch: done: %d files, %d resources",
            len(sizes),
            sum(size.resources for size in sizes.values()),
        )
    export.end(server, state.status_url)
    done(job)


def _known(server: Server, job: Job, asked: str) -> State | None:
    """Return an export of the same request that a run before has begun."""
    state = job.state()
    if state and state.asked == f"{server.address.url}/{asked}":
        log.info("fetch: going on with the export of the run before")
        return state
    if state and address.is_same(state.status_url, server.address.url):
        log.info("fetch: the run before asked for something else; its export ends")
        export.end(server, state.status_url)
    return None


def _begun(server: Server, job: Job, asked: str) -> State:
    job.forget()
    job.clear()
    state = State(f"{server.address.url}/{asked}", export.begin(server, asked))
    job.keep(state)
    log.info("fetch: the server has begun an export")
    return state


def _listed(
    server: Server, job: Job, state: State, asked: str
) -> tuple[State, manifest.Manifest]:
    """Return the manifest; begin anew, once, where the server has lost the export."""
    listed = _waited(server, job, state)
    if listed is None:
        log.info("fetch: the server no longer has the export; a new one begins")
        state = _begun(server, job, asked)
        listed = _waited(server, job, state)
    if listed is None:
        job.forget()
        raise broken("the server lost the export that it had begun", export.STATUS)
    if state.signature != listed.signature:
        # Other files than those that are here already, if any are.
        job.clear()
        state = State(state.asked, state.status_url, listed.signature)
        job.keep(state)
    return state, listed


def _waited(server: Server, job: Job, state: State) -> manifest.Manifest | None:
    url = state.status_url
    try:
        answer = export.wait(server, url)
    except export.ExportFailed:
        job.forget()
        raise
    if answer is None:
        return None
    try:
        return manifest.read(answer, base=server.address.url, url=url)
    except FetchRefused:
        job.forget()  # it would be as bad the next time
        raise
