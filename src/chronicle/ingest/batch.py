"""Rows that wait in columns until there are enough of them to write.

A resource is one row of `seen`; what it says hangs on that row by its number, so that
what all its events share (whose, where, in which encounter) is stored once and spread
by polars.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

import polars as pl

from chronicle.core.declaration import Table
from chronicle.core.tables import EVENTS, PATIENTS, TIME
from chronicle.ingest.identifiers import Identifier, Link
from chronicle.ingest.patient import Person
from chronicle.ingest.source import Event

Schema = dict[str, pl.DataType]
ROWS_IN_MEMORY = 50_000

WHERE: Schema = {"file": pl.Int32(), "entry": pl.Int64()}
SEEN: Schema = WHERE | {
    "subject_id": pl.Int64(),
    "provenance": pl.String(),
    "resource_type": pl.String(),
    "updated": TIME,
    "version": pl.String(),
    "content": pl.Binary(),
    "told": pl.Binary(),  # what it says, whatever its id: see facts.measured
    "size": pl.Int64(),  # bytes of its text
}
ALL_EVENTS_SHARE: Schema = {"status": pl.String(), "encounter_id": pl.String()}
REFUSALS: Schema = WHERE | {
    "resource_type": pl.String(),
    "reason": pl.String(),
    "detail": pl.String(),
    "size": pl.Int64(),
}
DELETIONS: Schema = WHERE | {
    "resource_type": pl.String(),
    "provenance": pl.String(),
    "at": TIME,
}
IDENTIFIERS: Schema = WHERE | {
    "subject_id": pl.Int64(),
    "token": pl.Int64(),
    "typed": pl.Boolean(),
    "old": pl.Boolean(),
    "born": pl.Int64(),
    "nearly": pl.List(pl.Int64()),
    "gender": pl.Int64(),
    "given": pl.Int64(),
    "family": pl.Int64(),
}
LINKS: Schema = WHERE | {
    "subject_id": pl.Int64(),
    "other": pl.Int64(),
    "type": pl.String(),
}
GONE: Schema = WHERE | {
    "resource_type": pl.String(),
    "fate": pl.String(),
    "kept_file": pl.Int32(),
    "kept_entry": pl.Int64(),
}


def _unplaced(table: Table) -> Schema:
    """Return a table's columns without the site, which the file alone knows."""
    return {name: kind for name, kind in table.schema.items() if name != "site"}


SCHEMAS: dict[str, Schema] = {
    "events": WHERE | _unplaced(EVENTS) | {"medication_id": pl.String()},
    "patients": WHERE | _unplaced(PATIENTS),
    "seen": SEEN,
    "medications": SEEN | {"codes": pl.List(pl.String())},
    "identifiers": IDENTIFIERS,
    "links": LINKS,
    "refusals": REFUSALS,
    "deletions": DELETIONS,
    "gone": GONE,
}
Rows = list[tuple[Any, ...]]
OWN: dict[str, tuple[str, ...]] = {
    "events": Event._fields,
    "patients": Person._fields,
    "medications": ("codes",),
    "identifiers": Identifier._fields,
    "links": Link._fields,
}


@dataclass
class Batch:
    """Rows that wait to be written, and what was counted on the way.

    Args:
        parts: Where rows are laid out: `<table>/<shard>/<name>-<n>.parquet`.
        name: Of the batch, unique among batches.
        shards: How many.
        seen: One row a resource: `SEEN` and `ALL_EVENTS_SHARE`.
        events, patients, medications, identifiers, links: What resources say.
        owners: For each of those five, the rows of `seen` that say it.
        refusals: What may not enter.
        deletions: What the source says is gone.
        counts: Resources by (type, fate).
        values: What happened to measured values.
    """

    parts: Path
    name: str
    shards: int
    seen: Rows = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    patients: Rows = field(default_factory=list)
    medications: Rows = field(default_factory=list)
    identifiers: Rows = field(default_factory=list)
    links: Rows = field(default_factory=list)
    owners: dict[str, list[int]] = field(
        default_factory=lambda: {table: [] for table in OWN}
    )
    refusals: Rows = field(default_factory=list)
    deletions: Rows = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    flushed: int = 0

    def is_full(self) -> bool:
        """Tell whether it is time to write."""
        waiting = len(self.events) + len(self.seen)
        waiting += len(self.refusals) + len(self.deletions)
        return waiting >= ROWS_IN_MEMORY

    def flush(self) -> None:
        """Write the rows that wait: one file a table and shard."""
        seen = _frame(self.seen, SEEN | ALL_EVENTS_SHARE)
        self._write("seen", seen)
        for table, rows in (
            ("events", self.events),
            ("patients", self.patients),
            ("medications", self.medications),
            ("identifiers", self.identifiers),
            ("links", self.links),
        ):
            schema = SCHEMAS[table]
            shared = [name for name in seen.columns if name in schema]
            owners = seen.select(shared)[self.owners[table]]
            own = {name: schema[name] for name in OWN[table]}
            self._write(table, owners.hstack(_frame(rows, own)))
            rows.clear()
            self.owners[table].clear()
        self._write("refusals", _frame(self.refusals, REFUSALS))
        self._write("deletions", _frame(self.deletions, DELETIONS))
        for rows in (self.seen, self.refusals, self.deletions):
            rows.clear()
        self.flushed += 1

    def _write(self, table: str, frame: pl.DataFrame) -> None:
        if frame.is_empty():
            return
        for shard, part in self._by_shard(frame.select(*SCHEMAS[table])):
            path = self.parts / table / str(shard) / f"{self.name}-{self.flushed}"
            path.parent.mkdir(parents=True, exist_ok=True)
            # Read once, a moment later, and deleted: not worth compressing well.
            part.write_parquet(
                path.with_suffix(".parquet"), compression="lz4", statistics=False
            )

    def _by_shard(self, frame: pl.DataFrame) -> list[tuple[int, pl.DataFrame]]:
        if "subject_id" not in frame.columns:
            return [(0, frame)]
        shard = (frame["subject_id"].fill_null(0) % self.shards).alias("shard")
        parts = frame.with_columns(shard).partition_by(
            "shard", as_dict=True, include_key=False
        )
        return [(int(key[0]), part) for key, part in parts.items()]


def _frame(rows: Sequence[tuple[Any, ...]], schema: Schema) -> pl.DataFrame:
    # Column by column: `zip(*rows)` walks all rows at once, and costs five times that.
    return pl.DataFrame(
        [
            _series(name, kind, list(map(itemgetter(at), rows)))
            for at, (name, kind) in enumerate(schema.items())
        ]
    )


def _series(name: str, kind: pl.DataType, values: list[Any]) -> pl.Series:
    if kind == TIME:  # as microseconds already
        return pl.Series(name, values, pl.Int64()).cast(kind)
    return pl.Series(name, values, kind)
