"""A file's text in UTF-8, piece by piece, whatever it is packed in, within limits.

What a file is packed in is told by its first bytes. Only regular files are opened: a
pipe would wait for ever, and a link can lead to what nobody meant to give.
"""

import codecs
import errno
import hashlib
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

# Four times as fast as Python's zlib, and the same bytes.
from zlib_ng import zlib_ng as zlib

from chronicle.core.errors import LandingError
from chronicle.ingest import limits

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
# A frame for notes, which some packers write first: 50 to 5f, then these.
SKIPPABLE = b"\x2a\x4d\x18"
CHANGED = "changed"  # the only reason that the next run may not find again
PACKED = {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd"}
BROKEN: tuple[type[Exception], ...] = (zlib.error, zstd.ZstdError)
WITH_HEADER = 31  # how zlib is asked for gzip's header and trailer
FILLER = b"\0"  # may follow a member of a gzip file
# What is unpacked at a time: so little that what comes of it is memory that was used
# before. New memory for each piece of a megabyte would cost as much as the unpacking.
PACKED_BYTES = 8 * 1024


class UnreadableError(Exception):
    """Nothing of a file can enter; `reason` is the word under which it is counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Unpacked:
    """An open file whose text can be read from its start, more than once."""

    file: BinaryIO
    name: str
    before: tuple[int, int]

    def chunks(self) -> Iterator[bytes]:
        """Read it from the start to its end, unless it broke or changed on the way.

        Raises:
            UnreadableError: With a reason, also after pieces were given: a file's
                pieces count only once its end was reached.
        """
        self.file.seek(0)
        try:
            yield from _as_utf8(_unpacked(self.file, self.name))
        except UnreadableError:
            self._must_be_unchanged()  # or that is why
            raise
        self._must_be_unchanged()

    def content(self) -> bytes:
        """Return a hash of the file as it is; `chunks` holds it to that."""
        hasher = hashlib.blake2b()
        self.file.seek(0)
        for piece in _pieces(self.file):
            hasher.update(piece)
        return hasher.digest()

    def _must_be_unchanged(self) -> None:
        if _stamp(self.file.fileno()) != self.before:
            raise UnreadableError(CHANGED)


@contextmanager
def opened(path: Path) -> Iterator[Unpacked]:
    """Open a regular file.

    Raises:
        UnreadableError: It is none, or may not be opened.
        LandingError: The disk does not give it: nothing is wrong with the file. So
            does what reads it.
    """
    try:
        file = os.fdopen(_descriptor(path), "rb")
    except (PermissionError, FileNotFoundError):
        raise UnreadableError("unreadable") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UnreadableError("link") from None
        raise _failed(error) from None
    with file:
        yield Unpacked(file, path.name.lower(), _stamp(file.fileno()))


def _failed(error: OSError) -> LandingError:
    return LandingError(
        f"a file could not be read: {error.strerror}.",
        where="a file in the landing folder",
        do="see that the disk is there and sound; run again",
    )


def _descriptor(path: Path) -> int:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        raise UnreadableError("link")
    if not stat.S_ISREG(mode):
        raise UnreadableError("not-a-file")
    # Should it become a link or a pipe right now: not followed, not waited for.
    found = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        raise UnreadableError("not-a-file")
    return found


def _stamp(descriptor: int) -> tuple[int, int]:
    found = os.fstat(descriptor)
    return found.st_size, found.st_mtime_ns


def packing(start: bytes, name: str) -> str:
    """Tell from a file's first bytes what it is packed in: gzip, zstd or nothing.

    Raises:
        UnreadableError: It is named as packed and is neither that nor plain JSON.

    >>> packing(b"{", "ann.json.gz"), packing(GZIP, "ann.json")
    ('', 'gzip')
    """
    if start.startswith(GZIP):
        return "gzip"
    if start.startswith(ZSTD) or (start[1:4] == SKIPPABLE and start[0] >> 4 == 5):
        return "zstd"
    named = PACKED.get(Path(name).suffix, "")
    plain = start.lstrip().startswith((b"{", b"[", *_BOMS))
    if named and start and not plain:
        raise UnreadableError(f"not-{named}")
    return ""


def _unpacked(file: BinaryIO, name: str) -> Iterator[bytes]:
    kind = packing(file.read(16), name)
    file.seek(0)
    if not kind:
        yield from _pieces(file)
        return
    if kind == "gzip":
        unpacked = _gunzipped(file)
    else:
        unpacked = _pieces(cast(BinaryIO, zstd.ZstdFile(file)))
    size = 0
    try:
        for piece in unpacked:
            size += len(piece)
            if size > _most(file.tell()):
                raise UnreadableError("zip-bomb")
            yield piece
    except EOFError:
        raise UnreadableError(f"truncated-{kind}") from None
    except BROKEN:
        raise UnreadableError(f"broken-{kind}") from None


def _gunzipped(file: BinaryIO) -> Iterator[bytes]:
    """Unpack member after member, in half the time that `gzip.GzipFile` takes.

    zlib holds each member to its checksum and length by itself.
    """
    member, rest = zlib.decompressobj(WITH_HEADER), b""
    while packed := rest or _piece(file, PACKED_BYTES):
        if member.eof:
            packed, rest = packed.lstrip(FILLER), b""
            if not packed:
                continue
            if not GZIP.startswith(packed[: len(GZIP)]):
                raise zlib.error
            member = zlib.decompressobj(WITH_HEADER)
        if piece := member.decompress(packed, limits.CHUNK_BYTES):
            yield piece
        rest = member.unused_data if member.eof else member.unconsumed_tail
    if not member.eof:
        raise EOFError


def _most(packed: int) -> int:
    return min(
        max(packed * limits.RATIO, limits.RATIO_FROM_BYTES), limits.UNPACKED_BYTES
    )


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := _piece(file):
        yield piece


def _piece(file: BinaryIO, size: int | None = None) -> bytes:
    try:
        return file.read(size or limits.CHUNK_BYTES)
    except BROKEN:
        raise
    except OSError as error:
        raise _failed(error) from None


_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _as_utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    first = next(chunks, b"")
    if not first.startswith(_BOMS[1:]):
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder("utf-16")()
    try:
        yield decoder.decode(first).encode()
        for chunk in chunks:
            yield decoder.decode(chunk).encode()
        decoder.decode(b"", final=True)
    except UnicodeError:
        raise UnreadableError("not-utf8") from None
