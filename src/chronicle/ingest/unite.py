"""Between the passes: who is one person, and his rows to where he stays.

Rows were laid out under the ids that they came with. Those of an id that is given up
are laid out again, in the bucket and under the id of the one who stays; where they lay
before, nobody sees them any more (`Layout.scan`).
"""

import polars as pl

from chronicle.ingest import across, persons
from chronicle.ingest.batch import WHERE
from chronicle.ingest.fates import parted
from chronicle.ingest.layout import ALL, FAT, MERGED, MOVED, MOVING, Layout

AT = list(WHERE)


def unite(layout: Layout) -> persons.Merges:
    """Decide who is one person, from all Patients that stay, and move rows."""
    buckets = layout.all_buckets()
    shared = layout.shared("tokens")  # a number that one alone has says nothing
    told = [_told(layout, each, shared) for each in buckets]
    people, identifiers, links = (pl.concat(each) for each in zip(*told, strict=True))
    merges = persons.merged(people, identifiers, links)
    if not merges.merged.is_empty():
        for bucket in buckets:
            _move(layout, bucket, merges.merged, MOVING)
        layout.lay(merges.merged, MERGED, ALL, ALL)
    return merges


def follow(layout: Layout, merged: pl.DataFrame) -> None:
    """Move the rows that were laid out after it was decided who is one person."""
    if not merged.is_empty():
        for bucket in layout.all_buckets():
            _move(layout, bucket, merged, FAT)


def _told(
    layout: Layout, bucket: int, shared: pl.Series
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return subject_ids, identifiers and links of the Patients that stay."""
    patient = pl.col("resource_type") == "Patient"
    seen = layout.scan("seen", bucket).filter(patient).collect()
    stays, _ = parted(seen, across.deletions(layout, seen))
    numbers = layout.scan("identifiers", bucket).join(
        shared.to_frame("token").lazy(), on="token", how="semi"
    )
    return (
        stays.select("subject_id"),
        numbers.collect().join(stays, on=AT, how="semi"),
        layout.scan("links", bucket).collect().join(stays, on=AT, how="semi"),
    )


def _move(
    layout: Layout, bucket: int, merged: pl.DataFrame, tables: tuple[str, ...]
) -> None:
    into = merged.lazy().select("subject_id", "into")
    for table in tables:
        found = layout.found(table, bucket).join(into, on="subject_id").collect()
        if found.is_empty():
            continue
        if table == "patients":
            found = found.with_columns(own="subject_id")
        moved = found.with_columns(subject_id="into").drop("into")
        for into_bucket, some in layout.parted(moved):
            layout.lay(some, f"{MOVED}{table}", into_bucket, str(bucket))
