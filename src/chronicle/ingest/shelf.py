"""What was settled, kept from run to run: a bucket a file, sealed, beside the parts.

Its name is a hash of what holds for everybody (code, key, parameters, how many buckets
there are). In it, each person's rows are kept beside a hash of all else that decides
them (`anew`): where that is the same, they are right.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import msgspec
import polars as pl

from chronicle.core import store
from chronicle.core.errors import KeyRefused, PartError
from chronicle.ingest import naming
from chronicle.ingest.batch import GONE, REFUSALS, Schema
from chronicle.ingest.keys import Keys
from chronicle.ingest.layout import Layout
from chronicle.ingest.part import taken_away
from chronicle.ingest.seal import seal, unseal

SUFFIX = ".settled"
WHO = "subject_id"
PEOPLE: Schema = {WHO: pl.Int64(), "decided_by": pl.String()}
# What was decided on, beside rows of tables: how often, of whom.
COUNTED: Schema = {
    WHO: pl.Int64(),
    "what": pl.String(),
    "word": pl.String(),
    "n": pl.Int64(),
}
# Files have another number in each run, and keep their key.
KEYED = {"gone": ("file", "kept_file"), "refusals": ("file",)}
SMALL: dict[str, Schema] = {
    "counted": COUNTED,
    "gone": {WHO: pl.Int64()} | GONE,
    "refusals": {WHO: pl.Int64()} | REFUSALS,
}
Frames = dict[str, pl.DataFrame]
Files = dict[str, bytes]  # Parquet, by name


def opened(path: Path, keys: Keys) -> bytes:
    """Return what `put` kept.

    Raises:
        PartError: It is not what was written.
    """
    try:
        return unseal(path.read_bytes(), keys, path.name)
    except FileNotFoundError:  # it was asked for a moment ago
        raise taken_away(path) from None
    except KeyRefused:  # another key has other names for what is kept
        raise PartError(
            "what was kept of a run is not what was written.",
            where=str(path),
            do="delete it; the next run makes it anew",
        ) from None


def put(path: Path, plain: bytes, keys: Keys) -> None:
    """Keep something sealed, visible only when it is whole."""
    with store.beside(path) as partial:
        partial.write_bytes(seal(plain, keys, path.name))


@dataclass(frozen=True)
class Shelf:
    """Where settled buckets are kept.

    Args:
        parts: The folder of parts.
        rules: A hash of what decides on everybody alike.
        keys: Seal them.
        suffix: Ends the name of each.
    """

    parts: Path
    rules: str
    keys: Keys
    suffix: str = SUFFIX

    def path(self, bucket: int | str) -> Path:
        """Return where a bucket is kept, or would be."""
        return self.parts / naming.named(self.rules, str(bucket), suffix=self.suffix)

    def read(self, bucket: int | str) -> Files:
        """Return what is kept of a bucket; nothing where there is none.

        Raises:
            PartError: It is not what was written.
        """
        path = self.path(bucket)
        if not path.exists():
            return {}
        return msgspec.msgpack.decode(opened(path, self.keys), type=Files)

    def people(self, bucket: int) -> pl.DataFrame:
        """Return who is kept in a bucket, as `PEOPLE`."""
        return frame(self.read(bucket), "people", PEOPLE)

    def write(self, bucket: int | str, files: Files) -> None:
        """Keep a bucket, visible only when it is whole."""
        put(self.path(bucket), msgspec.msgpack.encode(files), self.keys)


def frame(files: Files, name: str, schema: Schema) -> pl.DataFrame:
    """Return one of the files as a frame."""
    if name not in files:
        return pl.DataFrame(schema=schema)
    return pl.read_parquet(io.BytesIO(files[name]))


def packed(rows: pl.DataFrame) -> bytes:
    """Return rows as a file: the same rows, the same bytes."""
    buffer = io.BytesIO()
    rows.sort(pl.all()).write_parquet(buffer, **store.WRITER)
    return buffer.getvalue()


def numbered(files: Files, layout: Layout) -> Frames:
    """Return what is kept beside tables, with the numbers that files have now."""
    keys = layout.file_keys()
    return {
        name: _replaced(
            frame(files, name, _keyed(name)), name, keys["key"], keys["file"]
        ).select(pl.col(each).cast(kind) for each, kind in schema.items())
        for name, schema in SMALL.items()
    }


def keyed(frames: Frames, layout: Layout) -> Files:
    """Return what is kept beside tables, with the keys of files for their numbers."""
    keys = layout.file_keys()
    return {
        name: packed(_replaced(frames[name], name, keys["file"], keys["key"]))
        for name in SMALL
    }


def _keyed(name: str) -> Schema:
    return SMALL[name] | {each: pl.String() for each in KEYED.get(name, ())}


def _replaced(
    rows: pl.DataFrame, name: str, old: pl.Series, new: pl.Series
) -> pl.DataFrame:
    columns = KEYED.get(name, ())
    return rows.with_columns(
        pl.col(each).replace_strict(old, new, default=None, return_dtype=new.dtype)
        for each in columns
    )
