"""Whether a downloaded file is whole, and NDJSON; gzip ends here."""

import gzip
import os
import shutil
import zlib
from dataclasses import dataclass
from pathlib import Path

import orjson

from chronicle.fetch.patience import Passing

GZIP = b"\x1f\x8b"  # no NDJSON begins so: it is told by its bytes, not by a header


@dataclass(frozen=True)
class Size:
    """What a file holds."""

    bytes: int
    resources: int


def settle(wire: Path, target: Path, *, count: int | None) -> Size:
    """Move what came over the wire to its name, unpacked, if it is whole.

    Raises:
        Passing: It is not.
    """
    try:
        plain = _unpacked(wire)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise Passing("gzip ends in the middle of a file") from None
    size = measure(plain, count=count)
    with plain.open("rb") as file:
        os.fsync(file.fileno())
    plain.replace(target)
    wire.unlink(missing_ok=True)
    return size


def measure(path: Path, *, count: int | None) -> Size:
    """Count the resources of an NDJSON file.

    Only the last line is parsed: the others end in their own brace, and ingest judges
    them one by one.

    Raises:
        Passing: A line is no object, the file is half, or it holds another number of
            resources than `count`.
    """
    resources, last = 0, b""
    with path.open("rb") as file:
        for line in file:
            text = line.strip()
            if not text:
                continue
            if text[:1] != b"{" or text[-1:] != b"}":
                html = text[:1] == b"<"
                raise Passing(
                    "an HTML page came where NDJSON belongs"
                    if html
                    else f"line {resources + 1} is no JSON object"
                )
            resources, last = resources + 1, text
    if last and not _is_json(last):
        raise Passing("the file ends in the middle of a resource")
    if count is not None and count != resources:
        raise Passing(f"{resources} resources came where the manifest has {count}")
    return Size(path.stat().st_size, resources)


def _unpacked(wire: Path) -> Path:
    with wire.open("rb") as file:
        if file.read(2) != GZIP:
            return wire
    plain = wire.with_name(f"{wire.name}.plain")
    with gzip.open(wire) as packed, plain.open("wb") as file:
        shutil.copyfileobj(packed, file, 1024 * 1024)
    return plain


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True
