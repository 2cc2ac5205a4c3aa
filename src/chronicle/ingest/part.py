"""A part: what one file of the landing says, in columns, parsed once and kept.

It is a row of chunks, so that a part of any size is written and read in the memory that
one chunk takes. Each table of a chunk stands for itself: compressed, then sealed, since
parts hold what tables may not (true dates, what links a person's records).
"""

import struct
import sys
from collections.abc import Container, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import msgspec
import polars as pl

from chronicle.core import store
from chronicle.core.errors import KeyRefused, PartError
from chronicle.ingest.keys import Keys
from chronicle.ingest.seal import seal, unseal

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Chunk = dict[str, pl.DataFrame]
LENGTH = struct.Struct("<I")
END = "end"
LEVEL = 1  # written once, read in each run: more would cost more than the disk saves


def write(path: Path, chunks: Iterable[Chunk], keys: Keys, beside: str) -> None:
    """Write a part, visible only when it is whole.

    Args:
        path: Where; its name is that of the part.
        chunks: What it holds; tables without a row are left out.
        keys: Seal it.
        beside: A word of whoever writes, since another may be writing the same part.
    """
    with store.beside(path, beside) as partial, partial.open("wb") as file:
        number = 0
        for number, chunk in enumerate(chunks, 1):
            told = {
                table: seal(_packed(frame), keys, _purpose(path, number, table))
                for table, frame in chunk.items()
                if not frame.is_empty()
            }
            _put(file, told)
        # So that a part which lost its last chunks is none.
        _put(file, {END: seal(b"", keys, _purpose(path, number, END))})


def read(path: Path, tables: Container[str], keys: Keys) -> Iterator[Chunk]:
    """Give the chunks of a part, with those of some tables that have a row.

    Raises:
        PartError: It is not what was written.
    """
    try:
        with path.open("rb") as file:
            for number, told in enumerate(_got(file), 1):
                if END in told:
                    unseal(told[END], keys, _purpose(path, number - 1, END))
                    continue
                yield {
                    table: _frame(unseal(data, keys, _purpose(path, number, table)))
                    for table, data in told.items()
                    if table in tables
                }
    # Another key has other names for its parts: it is no question of keys.
    except (struct.error, msgspec.DecodeError, KeyRefused):
        raise PartError(
            "a part is not what was written.",
            where=str(path),
            do="delete it; the next run makes it anew",
        ) from None


def _put(file: BinaryIO, told: dict[str, bytes]) -> None:
    whole = msgspec.msgpack.encode(told)
    file.write(LENGTH.pack(len(whole)) + whole)


def _got(file: BinaryIO) -> Iterator[dict[str, bytes]]:
    told: dict[str, bytes] = {}
    while END not in told:
        (length,) = LENGTH.unpack(file.read(LENGTH.size))
        told = msgspec.msgpack.decode(file.read(length), type=dict[str, bytes])
        yield told
    if file.read(1):
        raise struct.error


def _purpose(path: Path, number: int, table: str) -> str:
    return f"part/{path.name}/{number}/{table}"


def _packed(frame: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    frame.write_ipc_stream(buffer, compression="uncompressed")
    return zstd.compress(buffer.getvalue(), LEVEL)


def _frame(packed: bytes) -> pl.DataFrame:
    return pl.read_ipc_stream(zstd.decompress(packed))
