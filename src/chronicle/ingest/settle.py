"""Last pass, bucket by bucket: what only many files together can tell.

All resources of a patient lie in one bucket, whatever file they came in. So here the
newest version of each is kept, orphans are found, and events that state no time of
their own take their encounter's.
"""

from pathlib import Path

import polars as pl

from chronicle.core import store
from chronicle.ingest import (
    across,
    facts,
    harmonise,
    kept,
    mentioned,
    persons,
    shift,
    tallied,
)
from chronicle.ingest.batch import GONE, REFUSALS
from chronicle.ingest.fates import WHERE, parted
from chronicle.ingest.kept import WRITTEN, piece
from chronicle.ingest.keys import Keys
from chronicle.ingest.layout import ALL, ANEW, PEOPLE, Layout, whose
from chronicle.ingest.shelf import Frames, Shelf
from chronicle.ingest.tallied import Settled
from chronicle.ingest.types import ANYBODYS


def settle(
    bucket: int, *, layout: Layout, keys: Keys, weeks: int, shelf: Shelf
) -> Settled:
    """Write the patients, events and mentions of a bucket, as pieces of their tables.

    Args:
        bucket: Its number.
        layout: Where rows were laid out, and where pieces go.
        keys: Say how far each patient's dates move.
        weeks: At most so many.
        shelf: Where the rows are of those who are as in the run before (`anew.judge`);
            all this comes to lie there.

    Returns:
        Resources by (type, fate), where the fate is `accepted`, `duplicate`,
        `superseded`, `deleted` or `refused`; the refusals; how many rows each table
        got; what happened to the values in them; how many resources are gone that
        say again, under another id, what one says that stays; and mentions by whether
        they count.
    """
    seen = _rows(layout, "seen", bucket)
    now = layout.scan(PEOPLE, bucket).collect()
    anew = layout.scan(ANEW, bucket).collect()["own"]
    some = seen.filter(whose(seen).is_in(anew.implode()))
    made = None if some.is_empty() else _settled(bucket, some, layout, keys, weeks)
    rows = kept.united(bucket, made, anew, now, layout, shelf)
    layout.lay(rows["gone"].select(*GONE), "gone", bucket, ALL)
    return tallied.told(rows)


def _settled(
    bucket: int, seen: pl.DataFrame, layout: Layout, keys: Keys, weeks: int
) -> Frames:
    """Return the rows of tables that some resources of a bucket make, and the rest."""
    newest, gone, amended = _newest(layout, seen)
    events = _events(layout, bucket, newest)
    refused = _refusals(newest, events)
    accepted = newest.join(refused, on=WHERE, how="anti")
    patients = _rows(layout, "patients", bucket).join(accepted, on=WHERE, how="semi")
    events = events.join(accepted, on=WHERE, how="semi")
    patients, events, again, doubled = _once(patients, events, accepted)
    accepted = accepted.join(again, on=WHERE, how="anti")
    events, values = harmonise.harmonised(events, patients)
    mentions = mentioned.placed(_rows(layout, "mentions", bucket), events, amended)
    events = pl.concat([events, mentioned.events(mentions)])
    patients, events = shift.protected(patients, events, keys, weeks)
    mentions = shift.shifted(mentions, keys, weeks).rename({"provenance": "note"})
    sites = layout.sites(shown=True)
    rows = {"patients": patients, "events": events, "mentions": mentions}
    return {
        table.name: rows[table.name]
        .join(sites, on="file", how="left")
        .select(*table.columns)
        for table in WRITTEN
    } | {
        "gone": _of_whom(pl.concat([gone, again]), seen),
        "refusals": _of_whom(refused, seen),
        "counted": tallied.counted(accepted, values, _of_whom(doubled, seen), rows),
    }


def _events(layout: Layout, bucket: int, newest: pl.DataFrame) -> pl.DataFrame:
    """Return the events of what stays, with units, codes and times settled."""
    # An older version, too, may have a time or a code to give: it has no say any more.
    events = _rows(layout, "events", bucket).join(newest, on=WHERE, how="semi")
    # Step by step under one name: nobody holds the rows of a step before.
    events = harmonise.restored(events, layout)
    events = _coded(events, layout)
    return _timed(events)


def _of_whom(rows: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the `subject_id` of each, or what stands for it."""
    who = seen.select(*WHERE, subject_id=whose(seen))
    return rows.join(who, on=WHERE, maintain_order="left").select(
        "subject_id", *rows.columns
    )


def unite(shard: int, *, layout: Layout, tables: Path) -> None:
    """Write one shard of each table from its pieces."""
    for table in WRITTEN:
        pieces = [piece(layout, table, each) for each in layout.buckets(shard)]
        store.unite(pieces, tables / table.name / f"{shard:04d}.parquet")


def _newest(
    layout: Layout, seen: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return the versions that stay; those that do not, as `batch.GONE`; amendments.

    Strays are decided already: here one stays or is gone without a word.
    """
    strays = across.strays(layout, seen)
    kept = seen.join(strays, on=WHERE, how="semi")
    seen = seen.join(strays, on="provenance", how="anti")
    newest, gone = parted(seen, across.deletions(layout, seen))
    return pl.concat([newest, kept]), gone, _amended(seen, newest)


def _amended(seen: pl.DataFrame, newest: pl.DataFrame) -> pl.DataFrame:
    """Return where the versions are of which an older one says something else; when."""
    now = newest.select("provenance", now="told")
    others = seen.join(now, on="provenance").filter(pl.col("told") != pl.col("now"))
    return newest.join(others, on="provenance", how="semi").select(*WHERE, "updated")


def _once(
    patients: pl.DataFrame, events: pl.DataFrame, accepted: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Leave one row of each person and of each fact.

    Returns:
        Patients, events, the resources that are left out as `GONE`, and which of these
        for a fact.
    """
    patients, given_up = persons.united(patients)
    doubled = facts.doubled(events, accepted)
    events = persons.lives(facts.once(events, doubled), patients)
    again = pl.concat([given_up, doubled.select(*GONE)])
    return patients, events, again, doubled


def _rows(layout: Layout, table: str, bucket: int) -> pl.DataFrame:
    return layout.scan(table, bucket).collect()


def _coded(events: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Give orders that refer to a Medication its codes; null where it is not there."""
    direct = events.filter(pl.col("medication_id").is_null())
    orders = events.filter(pl.col("medication_id").is_not_null())
    if orders.is_empty():
        return events
    codes = across.codes(layout, orders).explode("codes")
    found = orders.join(codes, on="medication_id", how="left")
    return pl.concat([direct, found.with_columns(code="codes").drop("codes")])


def _timed(events: pl.DataFrame) -> pl.DataFrame:
    """Settle `time` and `available_time`, with the encounter's where none is stated.

    Nothing is known before it happened; a diagnosis without a recording date is known
    when its encounter begins.
    """
    met = events.filter(pl.col("resource_type") == "Encounter").select(
        "subject_id", encounter_id="provenance", met="time"
    )
    # Only an encounter of their own: another's may lie in another bucket, or not.
    own = ["subject_id", "encounter_id"]
    met = met.drop_nulls().unique(own, keep="first", maintain_order=True)
    time = pl.coalesce("time", "met")
    known = pl.coalesce("available_time", "met", "time")
    return (
        events.join(met, on=own, how="left", maintain_order="left")
        .with_columns(time=time, available_time=pl.max_horizontal(known, time))
        .drop("met")
    )


def _refusals(newest: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Return what cannot enter, with the first reason that applies.

    First whose it is, then when it was, then what: who has nobody's record cannot mend
    its time, and nobody looks for the code of what has no place in time.
    """
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
