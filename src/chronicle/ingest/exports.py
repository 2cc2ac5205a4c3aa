"""What the manifest of a Bulk Export promises, held against the files that came.

What is in those files is read and counted as in any other: `deleted` holds bundles of
deletions, `error` OperationOutcomes, of which no row is made. Here only the manifest's
own counts are looked at, and nothing follows from a difference but that it is told.

Source: HL7 FHIR Bulk Data Access 2.0, Complete Status: `output`, `deleted`, `error`,
and `count`, which is the number of lines.
"""

from collections import Counter
from collections.abc import Iterable, Set
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Struct

from chronicle.ingest import limits, lines
from chronicle.ingest.unpack import PACKED, UnreadableError, opened

NAME = "manifest.json"
TOLD = ("manifests", "files", "missing", "differing", "promised", "found", "errors")


class _File(Struct):
    url: str
    count: int | None = None


class _Manifest(Struct):
    time: str = msgspec.field(name="transactionTime")
    output: list[_File]
    deleted: list[_File] | None = None
    error: list[_File] | None = None


def compared(files: Iterable[Path]) -> dict[str, int]:
    """Compare what each manifest promises with what lies beside it.

    Args:
        files: Every file of the landing; no other is opened.

    Returns:
        How many manifests there are, the files that they name, those of them that are
        missing and those that have another number of lines than promised; the lines
        `promised` and `found` where a count is given, and those in `error` files.
    """
    known = frozenset(files)
    told = Counter(dict.fromkeys(TOLD, 0))
    for path in sorted(known):
        if path.name == NAME and (manifest := _read(path)):
            told["manifests"] += 1
            for key in ("output", "deleted", "error"):
                for file in getattr(manifest, key) or ():
                    found = _named(file.url, path.parent, known)
                    told += _compared(file, found, errors=key == "error")
    return {word: told[word] for word in TOLD}


def _compared(file: _File, path: Path | None, *, errors: bool) -> Counter[str]:
    told = Counter(files=1)
    if path is None:
        told["missing"] += 1
        return told
    # A file is read for this a second time: without a count there is no need to.
    found = 0 if file.count is None and not errors else _count(path)
    if file.count is not None:
        told.update(promised=file.count, found=found)
        told["differing"] += found != file.count
    told["errors"] += found if errors else 0
    return told


def _read(path: Path) -> _Manifest | None:
    try:
        with opened(path) as unpacked:
            text = b""
            for chunk in unpacked.chunks():
                text += chunk
                if len(text) > limits.RESOURCE_BYTES:
                    return None
        return msgspec.json.decode(text, type=_Manifest)
    except (UnreadableError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _named(url: str, folder: Path, known: Set[Path]) -> Path | None:
    """Return the file that is meant: as it is named here, or as its server named it."""
    names = (url, PurePosixPath(unquote(urlsplit(url).path)).name)
    places = (folder / f"{name}{packed}" for name in names for packed in ("", *PACKED))
    return next((place for place in places if place in known), None)


def _count(path: Path) -> int:
    """Return the lines of a file that are not blank; of one that is broken, none."""
    try:
        with opened(path) as unpacked:
            return sum(1 for _ in lines.split(unpacked.chunks()))
    except UnreadableError:
        return 0
