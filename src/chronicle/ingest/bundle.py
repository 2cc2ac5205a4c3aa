"""A document's entries: those of a bundle, of bundles in it, or the one resource."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from chronicle.ingest import faults, heads, known, limits, named, slices
from chronicle.ingest.entry import FILE, MANIFEST, NAMELESS, Entry
from chronicle.ingest.slices import BUNDLE, Document, Part, deleted_at


@dataclass(frozen=True)
class Text:
    """A document and what could be made of it.

    Args:
        text: As it came.
        cut_from: The text that was cut: the same, or mended, of the same length.
        document: What was cut; None where `problem` says why not.
        problem: A word of `reasons.READING`.
        judged: Whether the gate is asked about what is in it.
    """

    text: bytes | bytearray
    cut_from: bytes | bytearray
    document: Document | None
    problem: str | None = None
    judged: bool = True

    @property
    def is_bundle(self) -> bool:
        """Whether there are entries in it."""
        return self.document is not None and self.document.kind == BUNDLE

    @property
    def is_small(self) -> bool:
        """Whether all of it may be held parsed."""
        sound = self.judged and self.is_sound
        return sound and len(self.text) <= limits.PARSED_BYTES

    @property
    def is_sound(self) -> bool:
        """Whether all of it was JSON, without mending."""
        return self.cut_from is self.text


def look(text: bytes | bytearray, *, judged: bool = True) -> Text:
    """Cut a document; where it is no sound JSON, find what is sound in it."""
    found = _cut(text)
    if found is not None:
        return Text(text, text, found, judged=judged)
    mended = faults.mended(bytes(text))
    found = _cut(mended)
    if found is not None and found.kind == BUNDLE:
        return Text(text, mended, found)
    return Text(text, text, None, faults.in_text(bytes(text)) or "not-json")


def _cut(text: bytes | bytearray) -> Document | None:
    try:
        return slices.cut(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def document(found: Text, numbers: Iterator[int]) -> Iterator[Entry]:
    """Give the entries of a file that is one document."""
    if found.is_bundle:
        yield from bundle(found, numbers)
    elif found.document is None:
        yield Entry(FILE, problem=found.problem)
    elif (head := heads.head(found.text)) is not None:
        version = heads.version([head])
        yield resource(next(numbers), bytes(found.text).strip(), head.kind, version)
    elif slices.is_manifest(found.text):
        yield Entry(FILE, kind=MANIFEST)
    else:
        yield Entry(FILE, problem="not-fhir")


def bundle(found: Text, numbers: Iterator[int], level: int = 1) -> Iterator[Entry]:
    """Give the entries of a bundle, and of those in it, in their order."""
    parts = (found.document and found.document.entry) or []
    raws = list(_slices(parts, found)) if found.is_small else None
    looked = _looked(parts, raws)
    names, version = looked.names, looked.version
    texts = _slices(parts, found) if raws is None else raws
    each = zip(parts, looked.kinds, looked.admitted, texts, strict=True)
    for part, kind, admitted, raw in each:
        if part.resource is heads.NONE and (gone := _deleted(part)) is not None:
            at = deleted_at(part, found.document)
            yield deletion(next(numbers), gone, version, at)
        elif kind == BUNDLE:
            yield from _bundles(raw, part, found, numbers, level)
        elif admitted is not None:
            url = part.full_url
            yield accepted(next(numbers), raw, kind, version, admitted, url, names)
        else:
            problem = None if found.is_sound or not raw else faults.in_text(raw)
            yield resource(
                next(numbers),
                raw,
                kind,
                version,
                url=part.full_url,
                names=names,
                problem=problem,
            )


def _bundles(
    raw: bytes, part: Part, outer: Text, numbers: Iterator[int], level: int
) -> Iterator[Entry]:
    if level < limits.BUNDLES_DEEP:
        yield from bundle(_inner(raw, part, outer), numbers, level + 1)
    else:
        yield Entry(next(numbers), raw, BUNDLE, problem="too-deep")


def _inner(raw: bytes, part: Part, outer: Text) -> Text:
    cut_from = raw if outer.is_sound else bytes(part.resource)
    return Text(raw, cut_from, _cut(cut_from), judged=outer.judged)


def resource(
    number: int,
    raw: bytes,
    kind: str,
    version: str | None,
    *,
    url: str | None = None,
    names: Mapping[str, str] = NAMELESS,
    problem: str | None = None,
) -> Entry:
    """Give a resource as an entry, with the first reason why it may not enter."""
    problem = problem or faults.in_resource(raw)
    problem = problem or ("not-fhir" if not kind else None)
    problem = problem or (f"version-{version}" if version else None)
    return Entry(number, raw or None, kind, url, names, problem)


def accepted(
    number: int,
    raw: bytes,
    kind: str,
    version: str | None,
    admitted: Any,
    url: str | None = None,
    names: Mapping[str, str] = NAMELESS,
) -> Entry:
    """Give a resource that passed the gate, which has asked what `resource` asks.

    It takes no byte that is not UTF-8, and no more brackets in brackets than a type of
    FHIR has; and what is too large was not brought to it.
    """
    problem = f"version-{version}" if version else None
    return Entry(number, raw, kind, url, names, problem, None, None, admitted)


def deletion(number: int, gone: str, version: str | None, at: str | None) -> Entry:
    """Give the word that a resource is gone; of another version, it may not enter."""
    return Entry(
        number,
        kind=named.kind(gone),
        problem=f"version-{version}" if version else None,
        deletes=gone,
        deleted_at=at,
    )


def _slices(parts: list[Part], found: Text) -> Iterator[bytes]:
    if found.is_sound:
        yield from (bytes(part.resource) for part in parts)
        return
    at = 0
    for part in parts:
        raw = bytes(part.resource)
        at = found.cut_from.index(raw, at)
        yield bytes(found.text[at : at + len(raw)])
        at += len(raw)


class Looked(NamedTuple):
    """What was found out about the resources of a bundle before any is given.

    Args:
        kinds: The type of each, "" where it says none.
        admitted: What is kept of each, None where the gate did not accept it or was not
            asked.
        names: What references may call each, with the `Type/id` that is meant.
        version: Of FHIR, if it is not ours.
    """

    kinds: list[str]
    admitted: list[Any]
    names: dict[str, str]
    version: str | None


def _looked(parts: list[Part], raws: list[bytes] | None) -> Looked:
    """Look at each resource; where their texts are given, ask the gate."""
    kinds: list[str] = []
    admitted: list[Any] = []
    names: dict[str, str] = {}
    tally: Counter[str] = Counter()
    for at, part in enumerate(parts):
        found: known.Known
        if raws is None:
            found, kept = heads.head(part.resource), None
            kind = known.kind(found)
        else:
            kind, found, kept = known.known(raws[at])
        kinds.append(kind)
        admitted.append(kept)
        if found is not None:
            known.vote(found, tally)
            _name(found, kind, part.full_url or "", names)
    version = known.version(tally, (part.resource for part in parts))
    return Looked(kinds, admitted, names, version)


def _name(found: Any, kind: str, url: str, names: dict[str, str]) -> None:
    # Nameless in a transaction: until a server names it, its fullUrl does.
    name = found.id or re.split("[:/]", url)[-1]
    if not name:
        return
    key = f"{kind}/{name}"
    if url:
        names[url] = key
    for each in found.identifier or ():
        if each.value is not None:
            query = f"identifier={each.system or ''}|{each.value}"
            names[f"{kind}?{query}"] = key


def _deleted(part: Part) -> str | None:
    request = part.request
    if request is None or request.method != "DELETE":
        return None
    return named.gone(request.url or "")
