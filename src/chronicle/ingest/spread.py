"""Second pass, part by part: rows get their file's number and lie down by bucket.

Most rows are events and mentions (`layout.FAT`), for which only `settle` asks. Where
most people are as in the run before, these are left out at first, and laid out later
for the others alone.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Literal

import polars as pl

from chronicle.ingest import part
from chronicle.ingest.batch import OWN, PARTS, WHERE, Chunk, frame
from chronicle.ingest.keys import Keys
from chronicle.ingest.layout import ALL, ANEW, FAT, LAID, NAME, THIN, Layout, whose
from chronicle.ingest.ledger import Counts

ROWS = 200_000  # laid out at a time: what `passes.PARTS_BYTES` of parts hold
NARROW = 2  # times as many where most columns are left out
BY_SUBJECT = (
    *("seen", "patients", "identifiers", "labels", "links", "medications"),
    *(*FAT, *THIN),
)
# Laid out once more by what is told, whoever it is told of: who tell the same lie
# together there, and nobody has to hold all names to see which are told of several.
TOLD = {"seen": ("names", NAME), "identifiers": ("tokens", pl.col("token"))}
# What is picked of events for those who ask before `settle`.
PICKED = {
    "values": pl.col("value_fate").is_not_null() & pl.col("time").is_not_null(),
    "orders": pl.col("medication_id").is_not_null(),
}
# What was counted when a part was made.
Gathered = tuple[Counts, Counter[str], Counter[str]]
COUNTS = ("counts", "values", "notes")
Which = Literal["all", "thin", "fat"]


def spread(
    files: list[tuple[int, Path]],
    *,
    layout: Layout,
    keys: Keys,
    which: Which = "all",
) -> None:
    """Lay out the rows of some files, and what was counted when they were parsed.

    Args:
        files: Number in the list of all files, and path of the part.
        layout: Where to.
        keys: Open the parts.
        which: All of them; all but `FAT`; or `FAT`, of those alone who are in `ANEW`.
    """
    # The order of names is that of files.
    packs = {number: layout.pack(path.name) for number, path in files}
    name = f"{which}-{files[0][0]:010}"
    waiting = _Waiting(layout, f"{name}-{token_hex(8)}", which, packs)
    for chunk in part.joined(files, keys, thin=which == "thin"):
        waiting.add(chunk)
    waiting.flush()
    layout.end(waiting.buckets, waiting.adder, name)


def counted(layout: Layout) -> Gathered:
    """Return what was counted of all files: resources, values and texts."""
    counts: Counts = Counter()
    values: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    if files := layout.files("counted", "*"):
        by = pl.scan_parquet(files).group_by("what", "resource_type", "fate")
        summed = by.agg(pl.sum("n")).collect(engine="streaming")
        for what, kind, fate, n in summed.iter_rows():
            if what == "counts":
                counts[kind, fate] = n
            else:
                (values if what == "values" else notes)[fate] = n
    return counts, values, notes


@dataclass
class _Waiting:
    """Chunks that wait until laying them out is worth while."""

    layout: Layout
    adder: str
    which: Which
    packs: dict[int, str]
    rows: int = 0
    buckets: set[int | str] = field(default_factory=set)
    frames: list[dict[str, pl.DataFrame]] = field(default_factory=list)

    def add(self, chunk: Chunk) -> None:
        # Plain values take ten times what frames do: a table of them goes at a time.
        frames = {table: frame(table, chunk.pop(table)) for table in [*chunk]}
        self.frames.append(frames)
        self.rows += sum(each.height for each in frames.values())
        if self.rows >= ROWS * (NARROW if self.which == "thin" else 1):
            self.flush()

    def flush(self) -> None:
        if not self.frames:
            return
        heights = [_height(each, "seen") for each in self.frames]
        seen = self._whole("seen")
        if self.which == "fat":
            self._lay_anew(seen, heights)
        else:
            self._lay("seen", seen)
            for table in OWN:
                self._lay_own(table, self._owned(table, seen, heights))
            for table in ("refusals", "deletions"):
                self._lay(table, self._whole(table))
            self._lay_counted()
        self.frames.clear()
        self.rows = 0

    def _lay_anew(self, seen: pl.DataFrame, heights: list[int]) -> None:
        anew = self.layout.scan(ANEW, ALL).collect()["own"].implode()
        for table in FAT:
            rows = self._owned(table, seen, heights)
            self._lay(table, rows.filter(whose(rows).is_in(anew)))

    def _lay_own(self, table: str, rows: pl.DataFrame) -> None:
        if table == "events":
            for picked, which in PICKED.items():
                self._lay(picked, rows.select(*LAID[picked]).filter(which))
        if self.which == "all" or table not in FAT:
            self._lay(table, rows)

    def _lay_counted(self) -> None:
        told = [self._whole(each).with_columns(what=pl.lit(each)) for each in COUNTS]
        rows = pl.concat(told, how="diagonal").select(*LAID["counted"])
        where = pl.col("file").replace_strict(self.packs, return_dtype=pl.String)
        packed = rows.with_columns(pack=where).partition_by(
            "pack", as_dict=True, include_key=False
        )
        for (pack,), some in packed.items():
            self._add(some, "counted", pack)

    def _whole(self, table: str) -> pl.DataFrame:
        """Return the rows of a table that wait, and wait no longer."""
        held = [each.pop(table) for each in self.frames if table in each]
        if held:
            return pl.concat(held, rechunk=True)
        return pl.DataFrame(schema=PARTS[table] | ({} if table in OWN else WHERE))

    def _owned(
        self, table: str, seen: pl.DataFrame, heights: list[int]
    ) -> pl.DataFrame:
        """Return the rows of a table that wait, each with what says it in `seen`."""
        shared = [name for name in seen.columns if name in LAID[table]]
        owners, before = [pl.Series("row", [], pl.UInt32)], 0
        for each, height in zip(self.frames, heights, strict=True):
            if table in each:
                owners.append(each[table]["row"] + before)
            before += height
        rows = self._whole(table).drop("row")
        return seen.select(shared)[pl.concat(owners)].hstack(rows)

    def _lay(self, table: str, frame: pl.DataFrame) -> None:
        if frame.is_empty():
            return
        frame = frame.select(*LAID[table])
        if table not in BY_SUBJECT:
            self._add(frame, table, ALL)
            return
        self._spread(frame, table)
        if table in TOLD:
            told, telling = TOLD[table]
            subject = whose(frame)
            frame = frame.select("file", subject_id=subject, telling=telling)
            self._spread(frame, told)

    def _spread(self, frame: pl.DataFrame, table: str) -> None:
        for bucket, some in self.layout.parted(frame):
            self._add(some, table, bucket)

    def _add(self, rows: pl.DataFrame, table: str, bucket: int | str) -> None:
        self.layout.add(rows, table, bucket, self.adder)
        self.buckets.add(bucket)


def _height(frames: dict[str, pl.DataFrame], table: str) -> int:
    return frames[table].height if table in frames else 0
