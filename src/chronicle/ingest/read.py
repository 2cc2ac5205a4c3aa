"""Files into entries: bundles, single resources, NDJSON, each plain, gzip or zstd.

Whatever a file holds, it is counted: what cannot be read comes as an entry saying so.
The steps: `unpack` (a file's text), `lines` or `bundle` (entries), `slices`, `known`,
`heads` (where they begin and what they are), `faults`, `limits` (why one may not).
"""

import os
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path

from chronicle.core.errors import LandingError
from chronicle.ingest import bundle, cut, limits, lines
from chronicle.ingest.entry import FILE, Entry
from chronicle.ingest.unpack import (
    CHANGED,
    PACKED,
    Unpacked,
    UnreadableError,
    opened,
)

__all__ = [
    "SUFFIXES", "Entry", "UnreadableError", "entries", "files", "form", "held",
    "is_fhir_file", "opened", "others", "shown",
]  # fmt: skip

SUFFIXES = tuple(
    form + packed for form in (".json", *lines.NAMED) for packed in ("", *PACKED)
)


def files(landing: Path) -> list[Path]:
    """Return every FHIR file below `landing`, in the order of their names.

    Links and pipes of such a name are among them, so that they are counted; `entries`
    does not open them. So are links to folders, whatever their name.

    Raises:
        LandingError: There is none, or a folder may not be looked into.
    """
    found = sorted(_below(landing))
    if not found:
        raise LandingError(
            f"no file that ends in {', '.join(SUFFIXES)}.",
            where=str(landing),
            do="make run SOURCE=<a folder of FHIR bundles or NDJSON>",
        )
    return found


def others(landing: Path) -> int:
    """Return how many files below `landing` are passed over by their names.

    XML or CSV is not read here; that it came is told. Hidden files are no one's data,
    and no more are those in hidden folders.
    """
    found = 0
    for _, folders, names in os.walk(landing):
        folders[:] = [each for each in folders if not each.startswith(".")]
        shown = (each for each in names if not each.startswith("."))
        found += sum(not is_fhir_file(Path(each)) for each in shown)
    return found


def _below(landing: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(landing, onerror=_refuse):
        where = Path(folder)
        yield from (where / each for each in names if is_fhir_file(Path(each)))
        yield from (where / each for each in folders if (where / each).is_symlink())


def _refuse(error: OSError) -> None:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return
    raise LandingError(
        f"a folder could not be looked into: {error.strerror}.",
        where="below the landing folder",
        do="see that its folders may be read; run again",
    ) from None


def is_fhir_file(path: Path) -> bool:
    """Tell by its name whether a file may hold FHIR JSON.

    >>> is_fhir_file(Path("ann.json.gz")), is_fhir_file(Path("README.md"))
    (True, False)
    """
    return path.name.lower().endswith(SUFFIXES)


def shown(path: Path, landing: Path) -> str:
    r"""Return a file's place below the landing folder, also if it is not UTF-8.

    >>> shown(Path("landing/ann.json"), Path("landing"))
    'ann.json'
    """
    name = os.fsencode(path.relative_to(landing))
    return name.decode("utf-8", "backslashreplace")


def entries(path: Path, *, judged: bool = True) -> Iterator[Entry]:
    """Read a file entry by entry; what cannot be read comes as an entry saying so.

    Nothing is given before the file's end was seen and found to be sound. What is not
    `judged` was not brought to the gate: the same entries, without what it made.

    Raises:
        LandingError: The disk failed, or a file of lines that is too large to be kept
            changed after its first lines were given.
    """
    try:
        with opened(path) as unpacked:
            yield from held(unpacked, judged=judged)
    except UnreadableError as error:
        yield Entry(FILE, problem=error.reason)


def held(unpacked: Unpacked, *, judged: bool = True) -> Iterator[Entry]:
    """Read an open file as `entries` does.

    Raises:
        UnreadableError: It changed, so that the next run may read it.
        LandingError: As `entries`.
    """
    try:
        yield from _entries(unpacked, judged=judged)
    except UnreadableError as error:
        if error.reason == CHANGED:
            raise
        yield Entry(FILE, problem=error.reason)


def form(path: Path) -> str:
    """Return all that the reading of a file takes from its name.

    >>> form(Path("Ann.NDJSON.gz")), form(Path("ann.json"))
    ('lines gzip', 'document')
    """
    name = path.name.lower()
    packed = PACKED.get(Path(name).suffix, "")
    return f"{'lines' if lines.are_named(name) else 'document'} {packed}".strip()


def _entries(unpacked: Unpacked, *, judged: bool) -> Iterator[Entry]:
    chunks = unpacked.chunks()
    start = lines.beginning(chunks)
    chunks = chain([start], chunks)
    if lines.are_in(start, unpacked.name):
        yield from lines.entries(unpacked, chunks, count(), judged=judged)
    else:
        found = cut.look(_whole(chunks), judged=judged)
        yield from bundle.document(found, count())


def _whole(chunks: Iterator[bytes]) -> bytearray:
    text = bytearray()
    for chunk in chunks:
        text += chunk
        if len(text) > limits.DOCUMENT_BYTES:
            raise UnreadableError("too-large")
    return text
