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

import msgspec

from chronicle.core import store
from chronicle.core.errors import KeyRefused, PartError
from chronicle.ingest.batch import Chunk
from chronicle.ingest.keys import Keys
from chronicle.ingest.seal import seal, unseal

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LENGTH = struct.Struct("<I")
END: Chunk = {}
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
            packed = zstd.compress(msgspec.msgpack.encode(chunk), LEVEL)
            sealed = seal(packed, keys, _purpose(path, number))
            file.write(LENGTH.pack(len(sealed)) + sealed)


def read(path: Path, keys: Keys) -> Iterator[Chunk]:
    """Give the chunks of a part.

    Raises:
        PartError: It is not what was written.
    """
    try:
        with path.open("rb") as file:
            for number in count():
                (length,) = LENGTH.unpack(file.read(LENGTH.size))
                packed = unseal(file.read(length), keys, _purpose(path, number))
                chunk = msgspec.msgpack.decode(zstd.decompress(packed), type=Chunk)
                if chunk == END:
                    break
                yield chunk
            if file.read(1):
                raise struct.error
    # Another key has other names for its parts: it is no question of keys.
    except (struct.error, msgspec.DecodeError, KeyRefused):
        raise PartError(
            "a part is not what was written.",
            where=str(path),
            do="delete it; the next run makes it anew",
        ) from None


def _purpose(path: Path, number: int) -> str:
    return f"part/{path.name}/{number}"
