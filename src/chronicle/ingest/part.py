"""A part: what one file of the landing says, in columns, parsed once and kept.

It is a row of chunks, so that a part of any size is written and read in the memory that
one chunk takes. Each is compressed, then sealed, since parts hold what tables may not
(true dates, what links a person's records).
"""

import struct
import sys
from collections.abc import Iterable, Iterator
from itertools import chain, count
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from chronicle.core import store
from chronicle.core.errors import KeyRefused, PartError
from chronicle.ingest.batch import OWN, Chunk, height
from chronicle.ingest.keys import Keys
from chronicle.ingest.seal import seal, unseal

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LENGTH = struct.Struct("<I")
# Two halves of a chunk, since the texts of what was refused are opened by `keep` alone.
ROWS, TEXTS = "rows", "texts"
END: Chunk = {}
NOTHING: Chunk = {"": {}}  # of that half; the part goes on
ROWS_JOINED = 20_000  # as plain values, which take ten times what frames do
CHUNKS = msgspec.msgpack.Decoder(Chunk)
GLANCES = msgspec.msgpack.Decoder(dict[str, dict[str, msgspec.Raw]])
VALUES = msgspec.msgpack.Decoder(list[Any])
THIN = {
    *("row", "time", "code", "source_value", "source_unit", "value_fate"),
    "medication_id",
}
LEVEL = 1  # written once, read in each run: more would cost more than the disk saves


def write(path: Path, chunks: Iterable[Chunk], keys: Keys, beside: str) -> None:
    """Write a part, visible only when it is whole.

    Args:
        path: Where; its name is that of the part.
        chunks: What it holds.
        keys: Seal it.
        beside: A word of whoever writes, since another may be writing the same part.
    """
    with store.beside(path, beside) as partial, partial.open("wb") as file:
        # At the end nothing, so that a part which lost its last chunks is none.
        for number, chunk in enumerate(chain(filter(None, chunks), [END])):
            for half in (TEXTS, ROWS):
                packed = zstd.compress(
                    msgspec.msgpack.encode(_half(chunk, half)), LEVEL
                )
                sealed = seal(packed, keys, _purpose(path, number, half))
                file.write(LENGTH.pack(len(sealed)) + sealed)


def read(
    path: Path, keys: Keys, wanted: str = ROWS, *, thin: bool = False
) -> Iterator[Chunk]:
    """Give one half of each chunk of a part that has it.

    Args:
        path: Of the part.
        keys: Open it.
        wanted: The half.
        thin: Leave out mentions, and most columns of events (`THIN`).

    Raises:
        PartError: It is not what was written.
    """
    try:
        with path.open("rb") as file:
            for number in count():
                sealed = {half: _next(file) for half in (TEXTS, ROWS)}
                packed = unseal(sealed[wanted], keys, _purpose(path, number, wanted))
                plain = zstd.decompress(packed)
                chunk = _thin(plain) if thin else CHUNKS.decode(plain)
                if chunk == END:
                    break
                if chunk != NOTHING:
                    yield chunk
            if file.read(1):
                raise struct.error
    except FileNotFoundError:
        raise taken_away(path) from None
    # Another key has other names for its parts: it is no question of keys.
    except (struct.error, msgspec.DecodeError, KeyRefused):
        raise PartError(
            "a part is not what was written.",
            where=str(path),
            do="delete it; the next run makes it anew",
        ) from None


def joined(
    files: list[tuple[int, Path]], keys: Keys, *, thin: bool = False
) -> Iterator[Chunk]:
    """Give the chunks of some parts, small ones as one, each row with its file."""
    whole: Chunk = {}
    for number, path in files:
        for chunk in read(path, keys, thin=thin):
            before = height(whole, "seen")
            for table, columns in chunk.items():
                if table in OWN:
                    columns["row"] = [before + row for row in columns["row"]]
                else:
                    columns["file"] = [number] * height(chunk, table)
                into = whole.setdefault(table, {name: [] for name in columns})
                for name, values in columns.items():
                    into[name] += values
            if sum(height(whole, table) for table in whole) >= ROWS_JOINED:
                yield whole
                whole = {}
    if whole:
        yield whole


def taken_away(path: Path) -> PartError:
    """Return the error that another run took away what this one was about to read."""
    return PartError(
        "what was kept of a run is not there any more.",
        where=str(path),
        do="see that no other run shares the folder; run again",
    )


def _thin(packed: bytes) -> Chunk:
    """Unpack what is asked for; what is not costs a glance."""
    return {
        table: {
            name: VALUES.decode(values)
            for name, values in columns.items()
            if table != "events" or name in THIN
        }
        for table, columns in GLANCES.decode(packed).items()
        if table != "mentions"
    }


def _half(chunk: Chunk, half: str) -> Chunk:
    if chunk == END:
        return END
    some = {
        name: each for name, each in chunk.items() if (name == TEXTS) == (half == TEXTS)
    }
    return some or NOTHING


def _next(file: BinaryIO) -> bytes:
    (length,) = LENGTH.unpack(file.read(LENGTH.size))
    found = file.read(length)
    if len(found) < length:
        raise struct.error
    return found


def _purpose(path: Path, number: int, half: str) -> str:
    return f"part/{path.name}/{number}/{half}"
