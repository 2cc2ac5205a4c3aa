"""Entries into rows: read, judge, turn into columns; nothing here knows another file.

What needs to (duplicates, orphans, times that only the encounter knows) is settled
afterwards, from the parts of all files.
"""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import blake2b, sha256
from typing import Any

import orjson

from chronicle.ingest import (
    admit,
    allowed,
    deidentify,
    facts,
    identifiers,
    medication,
    named,
    note,
    patient,
    read,
    simulated,
    times,
    types,
)
from chronicle.ingest.batch import Batch, Chunk
from chronicle.ingest.entry import MANIFEST
from chronicle.ingest.gate.build import RESOURCES
from chronicle.ingest.keys import Keys
from chronicle.ingest.ledger import WARNED
from chronicle.ingest.model.reader import Reader
from chronicle.ingest.note import Text
from chronicle.ingest.source import Event, Source


def gather(
    entries: Iterable[read.Entry],
    *,
    keys: Keys,
    full: bool,
    model: Reader | None = None,
) -> Iterator[Chunk]:
    """Turn the entries of a file into chunks of a part, as `batch.PARTS` says.

    Args:
        entries: In the order of the file.
        keys: Make the pseudonyms.
        full: Ask R4B about each resource, also where the gate would do.
        model: Reads notes beside the rules.

    Returns:
        Chunks of bounded size. Their `counts` hold resources by type and fate, where
        the fate is `read`, `not_used`, `refused` or `deleted`, or by type and
        `ledger.WARNED` with a rule that they break.
    """
    batch = Batch()
    with uncollected():
        for entry in entries:
            _take(entry, batch, keys=keys, full=full, model=model)
            if batch.is_full():
                yield batch.flushed()
        yield batch.flushed()


@contextmanager
def uncollected() -> Iterator[None]:
    """Spare Python's collector the search for circles among rows, which have none."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _take(
    entry: read.Entry, batch: Batch, *, keys: Keys, full: bool, model: Reader | None
) -> None:
    kind, raw = _type(entry), entry.raw
    batch.counts[kind, "read"] += 1
    admitted = admit.UNREAD
    if keys.demo:
        simulated.insist(entry)
    refusal: tuple[str, str] | None = (entry.problem or "not-fhir", "")
    if entry.problem is None and entry.deletes is not None:
        _delete(entry, batch, keys)
        return
    if entry.problem is None and raw is not None:
        admitted = entry.admitted
        if admitted is None or full:
            admitted = admit.admitted(entry.kind, raw, full=full)
        refusal = admitted.refusal
        for rule in admitted.warnings:
            batch.counts[kind, WARNED + rule] += 1
    if kind == MANIFEST:
        batch.counts[kind, "not_used"] += 1
    elif refusal is not None:
        batch.refuse(entry, kind, *refusal)
        if refusal[0] == types.TAKEN_BACK:
            _take_back(entry, admitted.resource, batch, keys)
    elif kind in types.USED:
        _keep(entry, admitted, batch, keys, model)
    else:
        batch.counts[kind, "not_used"] += 1


def _type(entry: read.Entry) -> str:
    if entry.kind in RESOURCES:
        return entry.kind
    if entry.number < 0:
        return MANIFEST if entry.kind == MANIFEST else "(file)"
    return "(unknown)"


def _delete(entry: read.Entry, batch: Batch, keys: Keys) -> None:
    kind, gone = _type(entry), entry.deletes or "/"
    name = label = None
    batch.counts[kind, "deleted"] += 1
    if "?" in gone:
        label = named.label(gone, partial(deidentify.hashed, by=keys))
    elif not gone.endswith("/"):
        name = deidentify.provenance(gone, by=keys)
    else:  # `Patient?name=…` is known to the server alone: it names nothing here.
        batch.counts[kind, WARNED + "deletion-of-whom"] += 1
    at = times.first(entry.deleted_at)
    batch.deletions.append((entry.number, kind, name, at, "deleted", label))


def _take_back(entry: read.Entry, resource: Any, batch: Batch, keys: Keys) -> None:
    """Let what is entered in error take its older versions along, as a deletion does.

    It is refused already, and no second time counted.
    """
    name = deidentify.provenance(_key(entry, resource), by=keys)
    at, _ = _version(resource.meta)
    batch.deletions.append((entry.number, entry.kind, name, at, None, None))


def _keep(
    entry: read.Entry,
    admitted: admit.Admitted,
    batch: Batch,
    keys: Keys,
    model: Reader | None,
) -> None:
    kind, resource = entry.kind, admitted.resource
    # Of two versions with one number and one time, the one of the greater hash stays.
    content = blake2b(admitted.written, digest_size=16).digest()
    key = _key(entry, resource)
    source = Source(kind, resource, key, entry.names, keys, batch.values)
    events, name = types.USED[kind](source), source.provenance()
    texts = types.NOTES[kind](resource) if kind in types.NOTES else []
    met = types.visit(kind, source)
    updated, version = _version(resource.meta)
    status = allowed.status(types.status(kind, resource))
    row = len(batch.seen)
    batch.seen.append(
        (entry.number, source.subject_id(), name, kind, updated, version, content,
         _told(kind, admitted.told, events, texts), len(entry.raw or b""), status, met)
    )  # fmt: skip
    batch.events += events
    batch.owners["events"] += [row] * len(events)
    if resource.identifier:
        _label(source, row, batch)
    if texts:
        _note(texts, row, batch, keys, model)
    if kind == "Patient":
        batch.patients.append(patient.row(source))
        batch.owners["patients"].append(row)
        _identify(source, row, batch)
    elif kind == "Medication":
        batch.medications.append((medication.codes(source),))
        batch.owners["medications"].append(row)


def _told(kind: str, told: bytes, events: list[Event], texts: list[Text]) -> bytes:
    if not texts and facts.measured(kind, events):
        return facts.MEASURED
    hashed = sha256(told)  # processors have it: half of BLAKE2's time
    for each in texts:  # a narrative is `build.APART`
        hashed.update(each.words.encode("utf-8", "surrogatepass"))
    return hashed.digest()[:8]


def _label(source: Source, row: int, batch: Batch) -> None:
    labels = named.labels(source)
    batch.labels += labels
    batch.owners["labels"] += [row] * len(labels)


def _note(
    texts: list[Text], row: int, batch: Batch, keys: Keys, model: Reader | None
) -> None:
    batch.notes.update(each.fate for each in texts)
    asked = None if model is None else partial(model.read, counts=batch.notes)
    found = note.said(texts, keys, asked)
    batch.mentions += found
    batch.owners["mentions"] += [row] * len(found)


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


def _key(entry: read.Entry, resource: Any) -> str:
    return f"{entry.kind}/{resource.id}" if resource.id else _nameless(entry)


def _nameless(entry: read.Entry) -> str:
    """Name a resource without id: as its bundle does, else after what it says."""
    if named := entry.names.get(entry.full_url or ""):
        return named
    plain = orjson.dumps(entry.resource, option=orjson.OPT_SORT_KEYS)
    return f"{entry.kind}/{blake2b(plain, digest_size=16).hexdigest()}"
