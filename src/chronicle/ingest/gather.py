"""First pass, file by file: read, judge, turn into rows, and lay them out by shard.

Nothing here needs to know another file. What does (duplicates, orphans, times that only
the encounter knows) is settled shard by shard afterwards.
"""

import gc
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from chronicle.ingest import (
    accept,
    deidentify,
    facts,
    identifiers,
    medication,
    patient,
    read,
    times,
    types,
)
from chronicle.ingest.batch import Batch
from chronicle.ingest.entry import MANIFEST
from chronicle.ingest.gate.build import RESOURCES
from chronicle.ingest.source import Event, Source

log = logging.getLogger(__name__)

Gathered = tuple[Counter[tuple[str, str]], Counter[str]]


def gather(
    files: list[tuple[int, Path]], *, parts: Path, shards: int, salt: str, full: bool
) -> Gathered:
    """Read some files; write their rows below `parts`.

    Args:
        files: Number in the list of all files, and path.
        parts: Where rows are laid out: `<table>/<shard>/<batch>.parquet`.
        shards: How many.
        salt: Keys the pseudonyms.
        full: Ask R4B about each resource, also where the gate would do.

    Returns:
        Resources by (type, fate), where the fate is `read`, `not_used`, `refused` or
        `deleted`; and what happened to measured values.
    """
    batch = Batch(parts, str(files[0][0]), shards)
    with _uncollected():
        for number, path in files:
            for entry in read.entries(path):
                _take(entry, number, batch, salt=salt, full=full)
                if batch.is_full():
                    batch.flush()
        batch.flush()
    read_so_far = sum(n for (_, fate), n in batch.counts.items() if fate == "read")
    log.info("ingest: %d files read, %d resources", len(files), read_so_far)
    return batch.counts, batch.values


@contextmanager
def _uncollected() -> Iterator[None]:
    """Spare Python's collector the search for circles among rows, which have none."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _take(entry: read.Entry, file: int, batch: Batch, *, salt: str, full: bool) -> None:
    kind, raw = _type(entry), entry.raw
    batch.counts[kind, "read"] += 1
    resource: Any = None
    plain = b""
    refusal: tuple[str, str] | None = (entry.problem or "not-fhir", "")
    if entry.problem is None and entry.deletes is not None:
        _delete(entry, file, batch, salt)
        return
    if entry.problem is None and raw is not None:
        resource, refusal = accept.judged(entry.kind, raw, full=full)
        if refusal is None and kind in types.USED:
            plain = accept.written(raw, resource)
            refusal = types.refusal(kind, resource) or _doubled(entry, plain)
    if kind == MANIFEST:
        batch.counts[kind, "not_used"] += 1
    elif refusal is not None:
        batch.counts[kind, "refused"] += 1
        reason, detail = refusal
        size = len(raw or b"")
        batch.refusals.append((file, entry.number, kind, reason, detail or None, size))
    elif kind in types.USED:
        _keep(entry, file, resource, plain, batch, salt)
    else:
        batch.counts[kind, "not_used"] += 1


def _type(entry: read.Entry) -> str:
    if entry.kind in RESOURCES:
        return entry.kind
    return (entry.kind or "(file)") if entry.number < 0 else "(unknown)"


def _doubled(entry: read.Entry, plain: bytes) -> tuple[str, str] | None:
    # Asked only where a row would be made: elsewhere nothing is read, so nothing lost.
    return ("duplicate-key", "") if entry.doubled(plain) else None


def _delete(entry: read.Entry, file: int, batch: Batch, salt: str) -> None:
    kind, gone = _type(entry), entry.deletes or "/"
    # `Patient?identifier=…` is known to the server alone: it names nothing here.
    name = None if gone.endswith("/") else deidentify.provenance(gone, salt=salt)
    at = times.first(entry.deleted_at)
    batch.counts[kind, "deleted"] += 1
    batch.deletions.append((file, entry.number, kind, name, at))


def _keep(
    entry: read.Entry, file: int, resource: Any, plain: bytes, batch: Batch, salt: str
) -> None:
    kind = entry.kind
    content = blake2b(plain, digest_size=16).digest()
    key = f"{kind}/{resource.id}" if resource.id else _nameless(entry)
    source = Source(kind, resource, key, entry.names, salt, batch.values)
    events, name = types.USED[kind](source), source.provenance()
    # Encounters belong to themselves: that is how others find their times.
    met = name if kind == "Encounter" else source.pseudonym_of("encounter")
    updated, version = _version(resource.meta)
    status = types.status(kind, resource)
    row = len(batch.seen)
    batch.seen.append(
        (file, entry.number, source.subject_id(), name, kind, updated, version, content,
         _told(kind, resource, plain, events), len(entry.raw or b""), status, met)
    )  # fmt: skip
    batch.events += events
    batch.owners["events"] += [row] * len(events)
    if kind == "Patient":
        batch.patients.append(patient.row(source))
        batch.owners["patients"].append(row)
        _identify(source, row, batch)
    elif kind == "Medication":
        batch.medications.append((medication.codes(resource),))
        batch.owners["medications"].append(row)


def _told(kind: str, resource: Any, plain: bytes, events: list[Event]) -> bytes:
    if facts.measured(kind, events):
        return facts.MEASURED
    return blake2b(accept.told(plain, resource), digest_size=8).digest()


def _identify(source: Source, row: int, batch: Batch) -> None:
    numbers, others = identifiers.identifiers(source), identifiers.links(source)
    batch.identifiers += numbers
    batch.owners["identifiers"] += [row] * len(numbers)
    batch.links += others
    batch.owners["links"] += [row] * len(others)


def _version(meta: Any) -> tuple[int | None, str]:
    if meta is None:
        return None, ""
    return times.first(meta.lastUpdated), str(meta.versionId or "")


def _nameless(entry: read.Entry) -> str:
    """Name a resource without id: as its bundle does, else after what it says."""
    if named := entry.names.get(entry.full_url or ""):
        return named
    plain = orjson.dumps(entry.resource, option=orjson.OPT_SORT_KEYS)
    return f"{entry.kind}/{blake2b(plain, digest_size=16).hexdigest()}"
