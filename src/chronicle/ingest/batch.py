"""Rows that wait in columns until there are enough of them to write.

A resource is one row of `seen`; what it says hangs on that row by its number, so that
what all its events share (whose, where, in which encounter) is stored once and spread
by polars.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter, itemgetter
from typing import Any

import polars as pl

from chronicle.core.declaration import Table
from chronicle.core.tables import EVENTS, MENTIONS, PATIENTS, TIME
from chronicle.ingest.entry import Entry
from chronicle.ingest.identifiers import Identifier, Link
from chronicle.ingest.note import Said
from chronicle.ingest.patient import Person
from chronicle.ingest.source import Event

Schema = dict[str, pl.DataType]
Columns = dict[str, list[Any]]
Chunk = dict[str, Columns]
ROWS_IN_MEMORY = 50_000
TEXT_IN_MEMORY = 16_000_000  # bytes, of what is refused

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
    "fate": pl.String(),  # of the word itself; null where that is counted elsewhere
    "label": pl.Int64(),  # of the identifier that it names, where it names no resource
}
# What a deletion may call a resource, beside its id.
LABELS: Schema = {each: SEEN[each] for each in ("file", "subject_id", "provenance")}
LABELS |= {"label": pl.Int64()}
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
SAID: Schema = WHERE | {
    "subject_id": pl.Int64(),
    **{name: MENTIONS.schema.get(name, TIME) for name in Said._fields},
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


# Rows as they are laid out, and settled.
SCHEMAS: dict[str, Schema] = {
    "events": WHERE | _unplaced(EVENTS) | {"medication_id": pl.String()},
    "patients": WHERE | _unplaced(PATIENTS) | {"linked": pl.Binary()},
    "seen": SEEN,
    "medications": SEEN | {"codes": pl.List(pl.String())},
    "identifiers": IDENTIFIERS,
    "links": LINKS,
    "labels": LABELS,
    "mentions": SAID,
    "refusals": REFUSALS,
    "deletions": DELETIONS,
    "gone": GONE,
}
Rows = list[tuple[Any, ...]]
OWN: dict[str, tuple[str, ...]] = {
    "events": Event.__struct_fields__,
    "patients": Person._fields,
    "medications": ("codes",),
    "identifiers": Identifier._fields,
    "links": Link._fields,
    "labels": ("label",),
    "mentions": Said._fields,
}
ROW: Schema = {"row": pl.UInt32()}  # of `seen`, in the same chunk


def _fileless(schema: Schema) -> Schema:
    return {name: kind for name, kind in schema.items() if name != "file"}


# The text of each refusal, null where none was read; it is opened by `keep` alone.
TEXTS: Schema = {"entry": pl.Int64(), "text": pl.Binary()}
# Rows as a part holds them: they do not know what their file is called.
PARTS: dict[str, Schema] = {
    "seen": _fileless(SEEN | ALL_EVENTS_SHARE),
    **{
        table: ROW | {name: SCHEMAS[table][name] for name in own}
        for table, own in OWN.items()
    },
    "refusals": _fileless(REFUSALS),
    "texts": TEXTS,
    "deletions": _fileless(DELETIONS),
    "counts": {"resource_type": pl.String(), "fate": pl.String(), "n": pl.Int64()},
    "values": {"fate": pl.String(), "n": pl.Int64()},
    "notes": {"fate": pl.String(), "n": pl.Int64()},
}


@dataclass
class Batch:
    """Rows that wait to be written, and what was counted on the way.

    Args:
        seen: One row a resource: `SEEN` and `ALL_EVENTS_SHARE`, without the file.
        events, patients … mentions: What they say, a list for each table of `OWN`.
        owners: For each of those, the rows of `seen` that say it.
        refusals: What may not enter.
        texts: Those of the refusals, for whoever mends and sends them again.
        text_bytes: How long these are.
        deletions: What the source says is gone.
        counts: Resources by (type, fate).
        values: What happened to measured values.
        notes: What became of the texts of notes.
    """

    seen: Rows = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    patients: Rows = field(default_factory=list)
    medications: Rows = field(default_factory=list)
    identifiers: Rows = field(default_factory=list)
    links: Rows = field(default_factory=list)
    labels: Rows = field(default_factory=list)
    mentions: list[Said] = field(default_factory=list)
    owners: dict[str, list[int]] = field(
        default_factory=lambda: {table: [] for table in OWN}
    )
    refusals: Rows = field(default_factory=list)
    texts: Rows = field(default_factory=list)
    text_bytes: int = 0
    deletions: Rows = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)

    def is_full(self) -> bool:
        """Tell whether it is time to write."""
        waiting = len(self.events) + len(self.seen) + len(self.mentions)
        waiting += len(self.refusals) + len(self.deletions)
        return waiting >= ROWS_IN_MEMORY or self.text_bytes >= TEXT_IN_MEMORY

    def refuse(self, entry: Entry, kind: str, reason: str, detail: str) -> None:
        """Keep out what may not enter, and keep its text."""
        self.counts[kind, "refused"] += 1
        # Of what is no entry of its file, the file is the text.
        text = None if entry.raw is None or entry.number < 0 else bytes(entry.raw)
        size = len(entry.raw or b"")
        self.refusals.append((entry.number, kind, reason, detail or None, size))
        self.texts.append((entry.number, text))
        self.text_bytes += len(text or b"")

    def flushed(self) -> Chunk:
        """Return what waits as `PARTS` says, and wait for more.

        In columns of plain values: a frame costs a fifth of a millisecond however few
        rows it has, and files are small. Tables without a row are left out.
        """
        rows: dict[str, Any] = {
            **{table: getattr(self, table) for table in ("seen", *OWN)},
            "refusals": self.refusals,
            "texts": self.texts,
            "deletions": self.deletions,
            "counts": sorted((*key, n) for key, n in self.counts.items()),
            "values": sorted(self.values.items()),
            "notes": sorted(self.notes.items()),
        }
        chunk = {
            table: _columns(some, OWN.get(table) or PARTS[table])
            for table, some in rows.items()
            if some
        }
        for table, owners in self.owners.items():
            if owners:
                chunk[table]["row"] = [*owners]
                owners.clear()
        # A reader of values holds on to its counter, so it stays the same one.
        for each in (*rows.values(), self.counts, self.values, self.notes):
            each.clear()
        self.text_bytes = 0
        return chunk


def frame(table: str, columns: Columns) -> pl.DataFrame:
    """Return columns of a table of `PARTS` as a frame; `file` may be one of them."""
    kinds = PARTS[table] | WHERE
    return pl.DataFrame(
        [_series(name, kinds[name], values) for name, values in columns.items()]
    )


def height(chunk: Chunk, table: str) -> int:
    """Return how many rows of a table a chunk has."""
    return len(next(iter(chunk[table].values()))) if table in chunk else 0


def _columns(rows: Rows | list[Event], names: Iterable[str]) -> Columns:
    # Column by column: `zip(*rows)` walks all rows at once, and costs five times that.
    if isinstance(rows[0], Event):
        return {name: list(map(attrgetter(name), rows)) for name in names}
    return {name: list(map(itemgetter(at), rows)) for at, name in enumerate(names)}


def _series(name: str, kind: pl.DataType, values: list[Any]) -> pl.Series:
    if kind == TIME:  # as microseconds already
        return pl.Series(name, values, pl.Int64()).cast(kind)
    if kind == pl.Date:  # as parts write it
        return pl.Series(name, values, pl.String()).str.to_date("%Y-%m-%d")
    return pl.Series(name, values, kind)
