"""Which version of a resource stays, and what becomes of the others.

A resource is its `Type/id`. What was deleted goes, and so does what a version of it
calls entered in error; of the rest the newest stays; the others are older than it, or
the same again. Never does the order of files decide, save between copies that are equal
to the byte.
"""

import polars as pl

from chronicle.ingest.batch import GONE

WHERE = ["file", "entry"]


def parted(
    seen: pl.DataFrame, deletions: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part what stays from what does not.

    Args:
        seen: Resources, as `batch.SEEN`.
        deletions: What the source says is gone, as `batch.DELETIONS`.

    Returns:
        The rows of `seen` that stay; and the others, as `batch.GONE`.
    """
    rest, deleted = _undeleted(seen, deletions)
    newest = _newest(rest)
    stays = newest.select(
        "provenance", kept_file="file", kept_entry="entry", stays="content"
    )
    others = rest.join(newest, on=WHERE, how="anti").join(stays, on="provenance")
    copy = pl.col("content") == pl.col("stays")
    fate = pl.when(copy).then(pl.lit("duplicate")).otherwise(pl.lit("superseded"))
    nowhere = {name: pl.lit(None, GONE[name]) for name in ("kept_file", "kept_entry")}
    gone = [
        others.with_columns(fate=fate),
        deleted.with_columns(fate=pl.lit("deleted"), **nowhere),
    ]
    return newest, pl.concat([each.select(*GONE) for each in gone])


def _undeleted(
    seen: pl.DataFrame, deletions: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split off what was not updated since it was deleted.

    Where the deletion or the resource has no time, the deletion wins: what was taken
    back is worse in a table than what is missing there.
    """
    if deletions.is_empty():
        return seen, seen.clear()
    last = (
        deletions.drop_nulls("provenance")
        .group_by("provenance")
        .agg(pl.col("at").max(), timeless=pl.col("at").is_null().any())
    )
    later = pl.col("updated") > pl.col("at")
    gone = seen.join(last, on="provenance").filter(
        pl.col("timeless") | later.is_null() | ~later
    )
    return (
        seen.join(gone, on=WHERE, how="anti"),
        seen.join(gone, on=WHERE, how="semi"),
    )


def _newest(seen: pl.DataFrame) -> pl.DataFrame:
    """Keep the newest of each: by lastUpdated, then versionId, then content."""
    ranked = seen.sort(
        pl.col("updated"),
        pl.col("version").cast(pl.Int64, strict=False),
        "version",
        "content",
        *WHERE,
        nulls_last=False,
    )
    return ranked.unique("provenance", keep="last", maintain_order=True)
