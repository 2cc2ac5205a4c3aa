"""First pass, file by file: read, judge, turn into rows, and lay them out by shard.

Nothing here needs to know another file. What does (duplicates, orphans, times that only
the encounter knows) is settled shard by shard afterwards.
"""

import logging
from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import orjson
import polars as pl

from chronicle.core.tables import EVENTS, PATIENTS, TIME
from chronicle.ingest import accept, medication, patient, read, times, types
from chronicle.ingest.entry import MANIFEST
from chronicle.ingest.source import Row, Source

log = logging.getLogger(__name__)

ROWS_IN_MEMORY = 200_000
Gathered = tuple[Counter[tuple[str, str]], Counter[str]]
Schema = dict[str, pl.DataType]

WHERE: Schema = {"file": pl.Int32(), "entry": pl.Int64()}
SEEN: Schema = WHERE | {
    "subject_id": pl.Int64(),
    "provenance": pl.String(),
    "resource_type": pl.String(),
    "updated": TIME,
    "version": pl.String(),
    "content": pl.Binary(),
}
REFUSALS: Schema = WHERE | {
    "resource_type": pl.String(),
    "reason": pl.String(),
    "detail": pl.String(),
}
MEDICATIONS: Schema = WHERE | {"provenance": pl.String(), "codes": pl.List(pl.String())}
SCHEMAS: dict[str, Schema] = {
    "events": WHERE | EVENTS.schema | {"medication_id": pl.String()},
    "patients": WHERE | PATIENTS.schema,
    "seen": SEEN,
    "medications": MEDICATIONS,
    "refusals": REFUSALS,
}
NULLABLE: Row = dict.fromkeys(SCHEMAS["events"])


@dataclass
class Batch:
    """Rows that wait to be written, and what was counted on the way."""

    parts: Path
    name: str
    shards: int
    salt: str
    rows: dict[str, list[Row]] = field(default_factory=lambda: {k: [] for k in SCHEMAS})
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    flushed: int = 0

    def flush(self) -> None:
        """Write the rows that wait: one file a table and shard."""
        for table, rows in self.rows.items():
            frame = pl.DataFrame(rows, SCHEMAS[table], orient="row")
            for shard, part in self._by_shard(frame):
                path = self.parts / table / str(shard) / f"{self.name}-{self.flushed}"
                path.parent.mkdir(parents=True, exist_ok=True)
                part.write_parquet(path.with_suffix(".parquet"))
            rows.clear()
        self.flushed += 1

    def _by_shard(self, frame: pl.DataFrame) -> list[tuple[int, pl.DataFrame]]:
        if "subject_id" not in frame.columns:
            return [(0, frame)] if frame.height else []
        shard = (frame["subject_id"].fill_null(0) % self.shards).alias("shard")
        parts = frame.with_columns(shard).partition_by(
            "shard", as_dict=True, include_key=False
        )
        return [(int(key[0]), part) for key, part in parts.items()]


def gather(
    files: list[tuple[int, Path]], *, parts: Path, shards: int, salt: str
) -> Gathered:
    """Read some files; write their rows below `parts`.

    Args:
        files: Number in the list of all files, and path.
        parts: Where rows are laid out: `<table>/<shard>/<batch>.parquet`.
        shards: How many.
        salt: Keys the pseudonyms.

    Returns:
        Resources by (type, fate), where the fate is `read`, `not_used` or
        `refused`; and what happened to measured values.
    """
    batch = Batch(parts, str(files[0][0]), shards, salt)
    for number, path in files:
        for entry in read.entries(path):
            _take(entry, number, batch)
            if len(batch.rows["events"]) >= ROWS_IN_MEMORY:
                batch.flush()
    batch.flush()
    read_so_far = sum(n for (_, fate), n in batch.counts.items() if fate == "read")
    log.info("ingest: %d files read, %d resources", len(files), read_so_far)
    return batch.counts, batch.values


def _take(entry: read.Entry, file: int, batch: Batch) -> None:
    where = {"file": file, "entry": entry.number}
    kind = _type(entry)
    batch.counts[kind, "read"] += 1
    if kind == MANIFEST:
        batch.counts[kind, "not_used"] += 1
        return
    refusal = (entry.problem, "") if entry.problem else accept.refusal(entry.resource)
    refusal = refusal or types.refusal(entry.resource)
    refusal = refusal or _doubled(entry, kind)
    if refusal is None and kind not in types.USED:
        batch.counts[kind, "not_used"] += 1
    elif refusal is None:
        _keep(entry, where, batch)
    else:
        reason, detail = refusal
        batch.counts[kind, "refused"] += 1
        batch.rows["refusals"].append(
            where | {"resource_type": kind, "reason": reason, "detail": detail or None}
        )


def _doubled(entry: read.Entry, kind: str) -> tuple[str, str] | None:
    # Asked only where a row would be made: elsewhere nothing is read, so nothing lost.
    if kind in types.USED and entry.doubled(orjson.dumps(entry.resource)):
        return "duplicate-key", ""
    return None


def _keep(entry: read.Entry, where: Row, batch: Batch) -> None:
    content = blake2b(
        orjson.dumps(entry.resource, option=orjson.OPT_SORT_KEYS), digest_size=16
    ).digest()
    source = Source(
        entry.resource, _key(entry, content), entry.names, batch.salt, batch.values
    )
    meta = entry.resource.get("meta") or {}
    seen = where | {
        "subject_id": source.subject_id(),
        "provenance": source.provenance,
        "resource_type": source.type,
    }
    batch.rows["seen"].append(
        seen
        | {
            "updated": times.first(meta.get("lastUpdated")),
            "version": str(meta.get("versionId") or ""),
            "content": content,
        }
    )
    if source.type == "Patient":
        batch.rows["patients"].append(seen | patient.row(source))
    if source.type == "Medication":
        batch.rows["medications"].append(seen | {"codes": medication.codes(source)})
    batch.rows["events"] += [
        NULLABLE | seen | row for row in types.USED[source.type](source)
    ]


def _key(entry: read.Entry, content: bytes) -> str:
    kind, name = entry.resource["resourceType"], entry.resource.get("id")
    if name:
        return f"{kind}/{name}"
    return entry.names.get(entry.full_url or "", f"{kind}/{content.hex()}")


def _type(entry: read.Entry) -> str:
    if entry.number < 0:
        return entry.kind or "(file)"
    kind = (
        entry.resource.get("resourceType") if isinstance(entry.resource, dict) else None
    )
    known = isinstance(kind, str) and (kind in types.USED or accept.is_type(kind))
    return str(kind) if known else "(unknown)"
