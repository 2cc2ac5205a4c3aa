"""A document's entries: those of a bundle, of bundles in it, or the one resource."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from chronicle.ingest import faults, heads, known, limits, named, slices
from chronicle.ingest.cut import Text, cut
from chronicle.ingest.entry import FILE, MANIFEST, NAMELESS, Entry
from chronicle.ingest.gate import judge
from chronicle.ingest.slices import BUNDLE, Part, deleted_at


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
    looked = _looked(parts, raws, found.parts)
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
    return Text(raw, cut_from, cut(cut_from), judged=outer.judged)


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
    if found.parts is not None:
        yield from (raw for _, raw, _ in found.parts)
        return
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


def _looked(
    parts: list[Part], raws: list[bytes] | None, told: list[judge.Part] | None
) -> Looked:
    """Look at each resource; where their texts are given, ask the gate, once."""
    kinds: list[str] = []
    admitted: list[Any] = []
    names: dict[str, str] = {}
    tally: Counter[str] = Counter()
    for at, part in enumerate(parts):
        found: known.Known
        if raws is None:
            found, kept = heads.head(part.resource), None
            kind = known.kind(found)
        elif told is not None:
            kind, found, kept = known.of(raws[at], told[at][2])
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
