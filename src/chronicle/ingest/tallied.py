"""What became of the resources of a bucket, counted by person, and summed up."""

from collections import Counter

import polars as pl

from chronicle.ingest import mentioned
from chronicle.ingest.batch import REFUSALS
from chronicle.ingest.kept import WRITTEN
from chronicle.ingest.layout import whose
from chronicle.ingest.shelf import COUNTED, Frames

# What is counted of each person.
COUNTS = ("accepted", "value", "fact", "row", "mention")
ACCEPTED, VALUE, FACT, ROW, MENTION = COUNTS
Settled = tuple[
    Counter[tuple[str, str]],
    pl.DataFrame,
    dict[str, int],
    Counter[str],
    int,
    Counter[str],
]


def counted(
    accepted: pl.DataFrame, values: pl.DataFrame, doubled: pl.DataFrame, rows: Frames
) -> pl.DataFrame:
    """Count what became of each person's resources, as `shelf.COUNTED`."""
    word, copied = pl.lit, pl.col("again")
    fate = (
        pl.when(copied).then(word(mentioned.COPIED)).otherwise(word(mentioned.COUNTED))
    )
    told = [
        (ACCEPTED, accepted.with_columns(whose(accepted)), pl.col("resource_type")),
        (VALUE, values, pl.col("value_fate")),
        (FACT, doubled, word("again")),
        (MENTION, rows["mentions"], fate),
        *((ROW, each, word(table)) for table, each in rows.items()),
    ]
    return pl.concat(
        each.select("subject_id", what=pl.lit(what), word=word)
        .group_by("subject_id", "what", "word")
        .agg(n=pl.len().cast(pl.Int64))
        for what, each, word in told
    ).select(*COUNTED)


def told(rows: Frames) -> Settled:
    """Sum up what became of a bucket."""
    counts: dict[str, Counter[str]] = {each: Counter() for each in COUNTS}
    summed = rows["counted"].group_by("what", "word").agg(pl.col("n").sum())
    for what, word, n in summed.iter_rows():
        counts[what][word] = n
    fates = tally(rows["gone"], refused=rows["refusals"])
    fates.update({(kind, ACCEPTED): n for kind, n in counts[ACCEPTED].items()})
    refused = rows["refusals"].select(*REFUSALS)
    others = (counts[VALUE], counts[FACT].total(), counts[MENTION])
    written = {table.name: counts[ROW][table.name] for table in WRITTEN}
    return fates, refused, written, *others


def tally(gone: pl.DataFrame, **others: pl.DataFrame) -> Counter[tuple[str, str]]:
    """Count resources by (type, fate): those that are gone, and others by their fate.

    Args:
        gone: As `batch.GONE`.
        others: By fate.
    """
    fates = (
        *((str(fate), each) for (fate,), each in gone.group_by("fate")),
        *others.items(),
    )
    return Counter(
        {
            (kind, fate): n
            for fate, frame in fates
            for kind, n in frame["resource_type"].value_counts().iter_rows()
        }
    )
