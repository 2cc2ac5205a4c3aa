"""Second pass, shard by shard: what only many files together can tell.

All resources of a patient lie in one shard, whatever file they came in. So here the
newest version of each is kept, orphans are found, and events that state no time of
their own take their encounter's. Deletions do not say whose a resource was, so each
shard reads all of them.
"""

from collections import Counter
from pathlib import Path

import polars as pl

from chronicle.core import store
from chronicle.core.tables import EVENTS, PATIENTS
from chronicle.ingest import harmonise, shift
from chronicle.ingest.batch import REFUSALS, SCHEMAS
from chronicle.ingest.fates import WHERE, parted
from chronicle.ingest.keys import Keys
from chronicle.ingest.types import ANYBODYS

Settled = tuple[Counter[tuple[str, str]], pl.DataFrame, dict[str, int], Counter[str]]


def settle(
    shard: int, *, parts: Path, tables: Path, sites: list[str], keys: Keys, weeks: int
) -> Settled:
    """Write one shard of `patients` and `events`.

    Args:
        shard: Its number.
        parts: Where rows were laid out.
        tables: Where the tables go.
        sites: Who sent each file, as tables say it, by the file's number.
        keys: Say how far each patient's dates move.
        weeks: At most so many.

    Returns:
        Resources by (type, fate), where the fate is `accepted`, `duplicate`,
        `superseded`, `deleted` or `refused`; the refusals; how many rows each table
        got; and what happened to the values in them.
    """
    deletions = _part(parts, "deletions", 0)
    newest, gone = parted(_part(parts, "seen", shard), deletions)
    # An older version, too, may have a time or a code to give: it has no say any more.
    events = _united(parts, shard).join(newest, on=WHERE, how="semi")
    events = _timed(_coded(events, parts))
    refused = _refusals(newest, events)
    accepted = newest.join(refused, on=WHERE, how="anti")
    _lay(gone, parts / "gone" / str(shard))
    counts = _counts(gone, refused, accepted)
    patients = _part(parts, "patients", shard).join(accepted, on=WHERE, how="semi")
    events, values = harmonise.harmonised(
        events.join(accepted, on=WHERE, how="semi"), patients
    )
    patients, events = shift.protected(patients, events, keys, weeks)
    rows = {"patients": patients, "events": events}
    name = f"{shard:04d}.parquet"
    for table in (PATIENTS, EVENTS):
        frame = _placed(rows[table.name], sites).select(*table.columns)
        store.write(table, frame, tables / table.name / name)
    written = {table: frame.height for table, frame in rows.items()}
    return counts, refused, written, values


def _counts(
    gone: pl.DataFrame, refused: pl.DataFrame, accepted: pl.DataFrame
) -> Counter[tuple[str, str]]:
    fates = (
        *((str(fate), each) for (fate,), each in gone.group_by("fate")),
        ("refused", refused),
        ("accepted", accepted),
    )
    return Counter(
        {
            (kind, fate): n
            for fate, frame in fates
            for kind, n in frame["resource_type"].value_counts().iter_rows()
        }
    )


def _placed(rows: pl.DataFrame, sites: list[str]) -> pl.DataFrame:
    sent = pl.Series("site", sites, pl.String)
    return rows.with_columns(sent.gather(rows["file"]))


def _part(parts: Path, table: str, shard: int) -> pl.DataFrame:
    files = sorted((parts / table / str(shard)).glob("*.parquet"))
    empty = pl.DataFrame(schema=SCHEMAS[table])
    return pl.concat([empty, *(pl.read_parquet(file) for file in files)])


def _lay(gone: pl.DataFrame, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    gone.write_parquet(folder / "all.parquet", compression="lz4", statistics=False)


def _united(parts: Path, shard: int) -> pl.DataFrame:
    """Return the shard's events, with the units that were inferred."""
    return harmonise.restored(_part(parts, "events", shard), parts)


def _coded(events: pl.DataFrame, parts: Path) -> pl.DataFrame:
    """Give orders that refer to a Medication its codes; null where it is not there."""
    direct = events.filter(pl.col("medication_id").is_null())
    orders = events.filter(pl.col("medication_id").is_not_null())
    if orders.is_empty():
        return events
    medications = _part(parts, "medications", 0)
    known, _ = parted(medications, _part(parts, "deletions", 0))
    codes = known.select(medication_id="provenance", codes="codes").explode("codes")
    found = orders.join(codes, on="medication_id", how="left")
    return pl.concat([direct, found.with_columns(code="codes").drop("codes")])


def _timed(events: pl.DataFrame) -> pl.DataFrame:
    """Settle `time` and `available_time`, with the encounter's where none is stated.

    Nothing is known before it happened; a diagnosis without a recording date is known
    when its encounter begins.
    """
    met = events.filter(pl.col("resource_type") == "Encounter").select(
        encounter_id="provenance", met="time"
    )
    met = met.drop_nulls().unique("encounter_id", keep="first", maintain_order=True)
    time = pl.coalesce("time", "met")
    known = pl.coalesce("available_time", "met", "time")
    return (
        events.join(met, on="encounter_id", how="left", maintain_order="left")
        .with_columns(time=time, available_time=pl.max_horizontal(known, time))
        .drop("met")
    )


def _refusals(newest: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Return what cannot enter, with the first reason that applies."""
    patients = newest.filter(pl.col("resource_type") == "Patient")
    theirs = newest.filter(~pl.col("resource_type").is_in(ANYBODYS))
    orphans = theirs.join(patients, on="subject_id", how="anti")
    untimed = events.filter(
        pl.col("time").is_null() | pl.col("available_time").is_null()
    )
    uncoded = events.filter(pl.col("code").is_null())
    reasons = [
        newest.join(frame, on=WHERE, how="semi").with_columns(reason=pl.lit(reason))
        for reason, frame in (
            ("orphan", orphans),
            ("no-time", untimed),
            ("no-medication", uncoded),
        )
    ]
    return (
        pl.concat(reasons)
        .unique(WHERE, keep="first", maintain_order=True)
        .with_columns(detail=pl.lit(None, pl.String()))
        .select(*REFUSALS)
    )
