"""Where rows lie between the passes: by bucket, so that no pass holds all of them.

A bucket holds the patients of one shard whose subject_id lies in one range, as many as
fit into memory. How many buckets there are changes no byte of any table.

Rows come a few at a time to many buckets: those of all tables are added to one file a
bucket, as streams of Arrow one after the other. To make a Parquet file of each few took
longer than all else that is done with them.
"""

import io
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from chronicle.ingest.batch import SCHEMAS, WHERE, Schema

BUCKET_BYTES = 1_500_000  # of parts, at most: about twenty-five thousand events
PACK_FILES = 16_384  # what is counted of so many, at most, is held at a time
IDS = 1 << 63  # subject_ids are below
# The name of a resource as a number: the end of a keyed hash, so as good as random.
NAME = pl.col("provenance").str.slice(-15).str.to_integer(base=16, strict=False)
FAT = ("events", "mentions")  # most of all rows, and nothing but `settle` asks for them
# What the passes before it ask of events: values and their units, and orders.
THIN: dict[str, tuple[str, ...]] = {
    "values": (
        *("subject_id", "provenance", "code", "time"),
        *("source_value", "source_unit", "value_fate"),
    ),
    "orders": ("subject_id", "medication_id"),
}
MOVING = ("seen", "patients", *THIN, *FAT)  # what follows a person
MERGED, MOVED = "merged", "moved-"
PEOPLE = "people"  # who is in a bucket, and a hash of all that decides on his rows
# Whose rows are made anew, by bucket; and in `ALL`, under which numbers they came.
ANEW = "anew"
ALL = "all"  # the one bucket of what names no subject
LAID: dict[str, Schema] = SCHEMAS | {
    table: WHERE | {name: SCHEMAS["events"][name] for name in names}
    for table, names in THIN.items()
}
LAID[ANEW] = {"own": pl.Int64()}
ADDED = "added"
HEAD = struct.Struct("<BQ")  # how long a table's name is, and a stream; both follow
# What was counted of each file: resources by (type, fate), values and texts by fate.
LAID["counted"] = {
    "file": pl.Int32(),
    "what": pl.String(),
    "resource_type": pl.String(),
    "fate": pl.String(),
    "n": pl.Int64(),
}


def whose(rows: pl.DataFrame) -> pl.Expr:
    """Return whose a row is; what has no subject (Medication) goes by its own name."""
    subject = pl.col("subject_id")
    return subject.fill_null(NAME) if "provenance" in rows.columns else subject


@dataclass(frozen=True)
class Layout:
    """Where rows lie: `<rows>/<table>/<bucket>/<name>.parquet`.

    What is added bit by bit lies in `<rows>/added/<bucket>/<name>`, all tables in one
    file; `FAT` lies nowhere else.

    Args:
        rows: A folder of its own, which ends with the run.
        shards: Files per table.
        ranges: Buckets per shard.
        packs: Into how many packs that is parted which is counted of files.
    """

    rows: Path
    shards: int
    ranges: int
    packs: int = 1

    def buckets(self, shard: int) -> list[int]:
        """Return the buckets of a shard, in the order of their subject_ids."""
        return list(range(shard * self.ranges, (shard + 1) * self.ranges))

    def all_buckets(self) -> list[int]:
        """Return the buckets of all shards."""
        return list(range(self.shards * self.ranges))

    def pack(self, part: str) -> str:
        """Return in which of `all_packs` that lies which is counted of a part."""
        return self.all_packs()[int(part[:8], 16) % self.packs]

    def all_packs(self) -> list[str]:
        """Return all of them; of another number, they have other names."""
        return [f"files-{each}-of-{self.packs}" for each in range(self.packs)]

    def files(self, table: str, bucket: int | str) -> list[Path]:
        """Return what lies in a bucket; `*` is all of them."""
        return sorted((self.rows / table).glob(f"{bucket}/*.parquet"))

    def add(self, rows: pl.DataFrame, table: str, bucket: object, adder: str) -> None:
        """Add rows to those of an adder in a bucket; nobody sees them until `end`."""
        stream = io.BytesIO()
        rows.write_ipc_stream(stream, compression="lz4")
        path = self.rows / ADDED / str(bucket) / f".{adder}"
        path.parent.mkdir(parents=True, exist_ok=True)
        head = HEAD.pack(len(table), stream.tell()) + table.encode()
        with path.open("ab") as file:
            file.write(head + stream.getbuffer())

    def end(self, buckets: Iterable[object], adder: str, name: str) -> None:
        """Let all see what an adder added to some buckets, under a name.

        A cluster may give the same work to two, of whom it took one for lost: what both
        did counts once.
        """
        for bucket in buckets:
            path = self.rows / ADDED / str(bucket) / name
            path.with_name(f".{adder}").replace(path)

    def added(self, table: str, bucket: object) -> list[pl.DataFrame]:
        """Return what was added to a bucket, in the order of names; `*` is all."""
        paths = sorted((self.rows / ADDED).glob(f"{bucket}/[!.]*"))
        return [some for path in paths for some in _streams(path, table)]

    def path(self, table: str, bucket: object, name: str) -> Path:
        """Return where rows of that name lie, or are to lie."""
        path = self.rows / table / str(bucket) / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def lay(self, frame: pl.DataFrame, table: str, bucket: object, name: str) -> Path:
        """Add rows to a bucket; return where they lie."""
        path = self.path(table, bucket, name)
        # Read a moment later, and deleted: not worth compressing well.
        frame.write_parquet(path, compression="lz4", statistics=False)
        return path

    def sites(self, *, shown: bool = False) -> pl.DataFrame:
        """Return who sent each file: `file`, and `site` as it is or as tables say."""
        (path,) = self.files("files", ALL)
        site = "shown" if shown else "site"
        return pl.read_parquet(path, columns=["file", site]).rename({site: "site"})

    def file_keys(self) -> pl.DataFrame:
        """Return the `key` of each `file`, which stays while nothing of it changes."""
        return pl.read_parquet(self.files("files", ALL), columns=["file", "key"])

    def scan(self, table: str, bucket: int | str = "*") -> pl.LazyFrame:
        """Return the rows of a bucket, or of all; none where it is empty.

        Each person's are under the id that stays; those of `patients` also say under
        which they came, `own`.
        """
        rows = self.found(table, bucket)
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

    def found(self, table: str, bucket: int | str) -> pl.LazyFrame:
        """Return the rows of a bucket as they came."""
        if table in FAT:
            none = pl.DataFrame(schema=LAID[table])
            return pl.concat([none, *self.added(table, bucket)]).lazy()
        files = self.files(table, bucket)
        if not files:
            return pl.LazyFrame(schema=LAID[table])
        return pl.scan_parquet(files)

    def parted(self, rows: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
        """Give the buckets of the patients of rows, and what of the rows lies there."""
        placed = self.placed(rows).select("bucket").with_row_index("row")
        lying = placed.group_by("bucket").agg("row")
        # One bucket at a time: all of them would be all rows once more.
        for bucket, some in zip(lying["bucket"], lying["row"], strict=True):
            yield bucket, rows[some]

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
        subject = whose(rows)
        width = -(-IDS // self.ranges)
        bucket = subject % self.shards * self.ranges + subject // width
        return rows.with_columns(bucket=bucket.fill_null(0))


def ranges(sizes: list[int], shards: int) -> int:
    """Return how many buckets each shard has, by the sizes of the parts in bytes.

    A power of two: when there is twice as much, and not at each drop, all are others.

    >>> ranges([100], 4), ranges([BUCKET_BYTES] * 10, 4)
    (1, 4)
    """
    return _power(-(-sum(sizes) // (BUCKET_BYTES * shards)))


def packs(files: int) -> int:
    """Return into how many packs that is parted which is counted of files.

    >>> packs(PACK_FILES), packs(PACK_FILES + 1)
    (1, 2)
    """
    return _power(-(-files // PACK_FILES))


def _power(needed: int) -> int:
    return 1 << max(0, needed - 1).bit_length()


def _streams(path: Path, table: str) -> Iterator[pl.DataFrame]:
    """Give what was added of a table, one after the other."""
    with path.open("rb") as file:
        while head := file.read(HEAD.size):
            letters, length = HEAD.unpack(head)
            if file.read(letters).decode() == table:
                yield pl.read_ipc_stream(file.read(length))
            else:
                file.seek(length, io.SEEK_CUR)
