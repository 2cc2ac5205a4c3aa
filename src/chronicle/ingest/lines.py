"""NDJSON: a stream of lines, each a resource or a bundle, however many there are.

A file is of one version of FHIR, and nothing of it may enter before its last line and
the end of what it is packed in were seen. So small files are kept until then, and large
ones are read twice: unpacking again costs less than a copy on a disk, which would be
one more place where patients' data lie.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from chronicle.core.errors import LandingError
from chronicle.ingest import heads, known, limits, versions
from chronicle.ingest.bundle import accepted, bundle, resource
from chronicle.ingest.cut import look
from chronicle.ingest.entry import FILE, Entry
from chronicle.ingest.slices import BUNDLE
from chronicle.ingest.unpack import Unpacked, UnreadableError

# The first line that is not blank, and what comes after it and all that is blank.
FIRST_LINE = re.compile(rb"\s*+([^\n]++)\n\s*+(\S)").match
OPENING = (b"{", b"[", b",")
NAMED = (".ndjson", ".jsonl")


def beginning(chunks: Iterator[bytes]) -> bytes:
    """Take as much of a text as `are_in` has to see, and no more than a chunk."""
    start = bytearray()
    for chunk in chunks:
        start += chunk
        if b"\n" in chunk.strip() or len(start) >= limits.CHUNK_BYTES:
            break
    return bytes(start)


def are_in(start: bytes, name: str) -> bool:
    r"""Tell from its first bytes whether a file holds lines; else from its name.

    >>> are_in(b'{"resourceType": "Patient"}\n{"res', "ann.json")
    True
    >>> are_in(b'{\n  "resourceType": "Patient"\n}', "ann.ndjson")
    False
    """
    named = are_named(name)
    found = FIRST_LINE(start)
    if found is None:
        return named
    first, then = found[1].rstrip(), found[2]
    # In one document, nothing that opens can follow what closes.
    if first.startswith(b"{") and first.endswith(b"}") and then == b"{":
        return True
    return named and (not first.endswith(OPENING) or then == b"{")


def are_named(name: str) -> bool:
    """Tell whether a file's name, in lower case, says that it holds lines."""
    return any(each in name for each in NAMED)


def split(chunks: Iterator[bytes]) -> Iterator[bytes | None]:
    """Give each line that is not blank; None for one that is beyond all limits."""
    rest, skipping = bytearray(), False
    for chunk in chain(chunks, [b"\n"]):  # the last line may have no end
        first, *others = chunk.split(b"\n")
        rest += b"" if skipping else first
        if len(rest) > limits.DOCUMENT_BYTES:
            rest, skipping = bytearray(), True
        if not others:
            continue
        *whole, last = others
        if skipping:
            yield None
        yield from filter(None, map(bytes.strip, (bytes(rest), *whole)))
        rest, skipping = bytearray(last), False


def entries(
    unpacked: Unpacked,
    chunks: Iterator[bytes],
    numbers: Iterator[int],
    *,
    judged: bool,
) -> Iterator[Entry]:
    """Give the entries of a file of lines, once all of it has been seen.

    Args:
        unpacked: The file, in case that it has to be read again.
        chunks: Its text, from the start.
        numbers: Where each entry takes its number from.
        judged: Whether the gate is asked about them.
    """
    held: list[_Line] = []
    tally: Counter[str] = Counter()
    size = 0
    for raw in split(chunks):
        line = _Line(raw, tally, parsed=judged and size <= limits.PARSED_BYTES)
        size += line.size
        if size <= limits.HELD_BYTES:
            held.append(line)
        else:
            held.clear()
    if not size:
        yield Entry(FILE, problem="empty")
    again: Iterable[_Line] = held or _again(unpacked, judged=judged)
    version = None
    if versions.winner(tally) is not None:
        version = heads.version(
            each.head for each in held or _again(unpacked, judged=False)
        )
    for line in again:
        yield from line.entries(version, numbers)


def _again(unpacked: Unpacked, *, judged: bool) -> Iterator["_Line"]:
    try:
        for raw in split(unpacked.chunks()):
            yield _Line(raw, Counter(), parsed=judged)
    except UnreadableError:
        # Some of it has entered already, so there is no way but to begin again.
        raise LandingError(
            "a file changed while it was read, after its first lines had entered.",
            where="a file in the landing folder",
            do="run again when nothing is written there any more",
        ) from None


class _Line:
    """One line, and as what it is to be read."""

    __slots__ = ("admitted", "is_resource", "kind", "raw", "size")

    def __init__(self, raw: bytes | None, tally: Counter[str], *, parsed: bool) -> None:
        self.raw = raw
        self.size = 1 if raw is None else len(raw)
        found = self.admitted = None
        if raw is not None and parsed:
            self.kind, found, self.admitted = known.known(raw)
        else:
            found = None if raw is None else heads.head(raw)
            self.kind = known.kind(found)
        # Nearly every line is a resource that says so: no need to cut it.
        self.is_resource = found is not None and self.kind != BUNDLE
        if self.is_resource:
            known.vote(found, tally)

    @property
    def head(self) -> heads.Head | None:
        """Its head, if it is a resource."""
        if self.raw is None or not self.is_resource:
            return None
        return heads.head(self.raw)

    def entries(self, version: str | None, numbers: Iterator[int]) -> Iterator[Entry]:
        if self.raw is None:
            yield Entry(next(numbers), problem="too-large")
        elif self.is_resource:
            if self.admitted is not None:
                number = next(numbers)
                yield accepted(number, self.raw, self.kind, version, self.admitted)
            else:
                yield resource(next(numbers), self.raw, self.kind, version)
        else:
            found = look(self.raw)
            if found.is_bundle:
                yield from bundle(found, numbers)
            else:
                yield resource(next(numbers), self.raw, "", None, problem=found.problem)
