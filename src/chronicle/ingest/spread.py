"""Second pass, part by part: rows get their file's number and lie down by bucket.

A bucket holds the patients of one shard whose subject_id lies in one range, as many as
fit into memory. How many buckets there are changes no byte of any table.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from chronicle.ingest import part
from chronicle.ingest.batch import (
    OWN,
    PARTS,
    SCHEMAS,
    WHERE,
    Chunk,
    frame,
)
from chronicle.ingest.keys import Keys
from chronicle.ingest.ledger import Counts

ROWS = 100_000  # laid out at a time
BUCKET_BYTES = 1_500_000  # of parts: about fifty thousand events
IDS = 1 << 63  # subject_ids are below
BY_SUBJECT = (
    "seen", "events", "patients", "identifiers", "links", "medications", "mentions",
)  # fmt: skip
# The name of a resource as a number: the end of a keyed hash, so as good as random.
NAME = pl.col("provenance").str.slice(-15).str.to_integer(base=16, strict=False)
# Laid out once more by what is told, whoever it is told of: who tell the same lie
# together there, and nobody has to hold all names to see which are told of several.
TOLD = {"seen": ("names", NAME), "identifiers": ("tokens", pl.col("token"))}
MOVING = ("seen", "events", "mentions", "patients")  # what follows a person
MERGED, MOVED = "merged", "moved-"
ALL = "all"  # the one bucket of what names no subject
Spread = tuple[Counts, Counter[str], Counter[str]]


@dataclass(frozen=True)
class Layout:
    """Where rows lie: `<rows>/<table>/<bucket>/<name>.parquet`.

    Args:
        rows: A folder of its own, which ends with the run.
        shards: Files per table.
        ranges: Buckets per shard.
    """

    rows: Path
    shards: int
    ranges: int

    def buckets(self, shard: int) -> list[int]:
        """Return the buckets of a shard, in the order of their subject_ids."""
        return list(range(shard * self.ranges, (shard + 1) * self.ranges))

    def all_buckets(self) -> list[int]:
        """Return the buckets of all shards."""
        return list(range(self.shards * self.ranges))

    def files(self, table: str, bucket: int | str) -> list[Path]:
        """Return what lies in a bucket; `*` is all of them."""
        return sorted((self.rows / table).glob(f"{bucket}/*.parquet"))

    def lay(self, frame: pl.DataFrame, table: str, bucket: object, name: str) -> None:
        """Add rows to a bucket."""
        path = self.rows / table / str(bucket) / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        # Read a moment later, and deleted: not worth compressing well.
        frame.write_parquet(path, compression="lz4", statistics=False)

    def sites(self, *, shown: bool = False) -> pl.DataFrame:
        """Return who sent each file: `file`, and `site` as it is or as tables say."""
        (path,) = self.files("files", ALL)
        site = "shown" if shown else "site"
        return pl.read_parquet(path, columns=["file", site]).rename({site: "site"})

    def scan(self, table: str, bucket: int | str = "*") -> pl.LazyFrame:
        """Return the rows of a bucket, or of all; none where it is empty.

        Each person's are under the id that stays; those of `patients` also say under
        which they came, `own`.
        """
        rows = self._found(table, bucket)
        if table == "patients":
            rows = rows.with_columns(own="subject_id")
        if table not in MOVING or not (merged := self.files(MERGED, ALL)):
            return rows
        given_up = pl.scan_parquet(merged)
        rows = rows.join(given_up, on="subject_id", how="anti")
        if moved := self.files(f"{MOVED}{table}", bucket):
            names = rows.collect_schema().names()
            rows = pl.concat([rows, pl.scan_parquet(moved).select(names)])
        return rows

    def _found(self, table: str, bucket: int | str) -> pl.LazyFrame:
        files = self.files(table, bucket)
        if not files:
            return pl.LazyFrame(schema=SCHEMAS[table])
        return pl.scan_parquet(files)

    def spread(self, rows: pl.DataFrame, table: str, name: str) -> None:
        """Add rows to the buckets of their patients."""
        placed = self.placed(rows).partition_by(
            "bucket", as_dict=True, include_key=False
        )
        for (bucket,), some in placed.items():
            self.lay(some, table, bucket, name)

    def shared(self, table: str) -> pl.Series:
        """Return what of `names` or of `tokens` is told of several subjects."""
        subject = pl.col("subject_id")
        found = [pl.Series("telling", [], pl.Int64)]
        for bucket in self.all_buckets():
            if files := self.files(table, bucket):
                ends = (
                    pl.scan_parquet(files)
                    .group_by("telling")
                    .agg(low=subject.min(), high=subject.max())
                )
                apart = ends.filter(pl.col("low") != pl.col("high"))
                found.append(apart.select("telling").collect()["telling"])
        return pl.concat(found)

    def placed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return rows with the `bucket` of each."""
        if "telling" in rows.columns:
            bucket = pl.col("telling") % (self.shards * self.ranges)
            return rows.with_columns(bucket=bucket.fill_null(0))
        subject = pl.col("subject_id")
        if "provenance" in rows.columns:
            # What has no subject (Medication) goes by its own name.
            subject = subject.fill_null(NAME)
        width = -(-IDS // self.ranges)
        bucket = subject % self.shards * self.ranges + subject // width
        return rows.with_columns(bucket=bucket.fill_null(0))


def ranges(sizes: list[int], shards: int) -> int:
    """Return how many buckets each shard has, by the sizes of the parts in bytes.

    >>> ranges([100], 4), ranges([BUCKET_BYTES] * 10, 4)
    (1, 3)
    """
    return max(1, -(-sum(sizes) // (BUCKET_BYTES * shards)))


def spread(files: list[tuple[int, Path]], *, layout: Layout, keys: Keys) -> Spread:
    """Lay out the rows of some files.

    Args:
        files: Number in the list of all files, and path of the part.
        layout: Where to.
        keys: Open the parts.

    Returns:
        Resources by (type, fate) as they were counted when they were parsed, what
        happened to measured values, and what to the texts of notes.
    """
    waiting = _Waiting(layout, str(files[0][0]))
    for chunk in part.joined(files, keys):
        waiting.add(chunk)
    waiting.flush()
    return waiting.counts, waiting.values, waiting.notes


@dataclass
class _Waiting:
    """Chunks that wait until laying them out is worth while."""

    layout: Layout
    name: str
    counts: Counts = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    flushed: int = 0
    frames: list[dict[str, pl.DataFrame]] = field(default_factory=list)

    def add(self, chunk: Chunk) -> None:
        for kind, fate, n in _rows(chunk, "counts"):
            self.counts[kind, fate] += n
        for fate, n in _rows(chunk, "values"):
            self.values[fate] += n
        for fate, n in _rows(chunk, "notes"):
            self.notes[fate] += n
        frames = {table: frame(table, columns) for table, columns in chunk.items()}
        self.frames.append(frames)
        self.rows += sum(each.height for each in frames.values())
        if self.rows >= ROWS:
            self.flush()

    def flush(self) -> None:
        if not self.frames:
            return
        seen = self._whole("seen")
        self._lay("seen", seen)
        for table in OWN:
            shared = [name for name in seen.columns if name in SCHEMAS[table]]
            owners, rows = self._owned(table)
            self._lay(table, seen.select(shared)[owners].hstack(rows))
        for table in ("refusals", "deletions"):
            self._lay(table, self._whole(table))
        self.frames.clear()
        self.rows = 0
        self.flushed += 1

    def _whole(self, table: str) -> pl.DataFrame:
        """Return the rows of a table that wait."""
        held = [each[table] for each in self.frames if table in each]
        if held:
            return pl.concat(held, rechunk=True)
        return pl.DataFrame(schema=PARTS[table] | ({} if table in OWN else WHERE))

    def _owned(self, table: str) -> tuple[pl.Series, pl.DataFrame]:
        """Return the rows of a table that wait, and which of `seen` says each."""
        owners, before = [pl.Series("row", [], pl.UInt32)], 0
        for each in self.frames:
            if table in each:
                owners.append(each[table]["row"] + before)
            before += _height(each, "seen")
        return pl.concat(owners), self._whole(table).drop("row")

    def _lay(self, table: str, frame: pl.DataFrame) -> None:
        if frame.is_empty():
            return
        frame = frame.select(*SCHEMAS[table])
        name = f"{self.name}-{self.flushed}"
        if table not in BY_SUBJECT:
            self.layout.lay(frame, table, ALL, name)
            return
        self.layout.spread(frame, table, name)
        if table in TOLD:
            told, telling = TOLD[table]
            self.layout.spread(frame.select("subject_id", telling=telling), told, name)


def _height(frames: dict[str, pl.DataFrame], table: str) -> int:
    return frames[table].height if table in frames else 0


def _rows(chunk: Chunk, table: str) -> Iterator[tuple[Any, ...]]:
    columns = chunk.pop(table, {})
    return zip(*(columns[name] for name in PARTS[table] if columns), strict=True)
