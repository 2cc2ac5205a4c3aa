"""Between the passes: who is as in the run before, and whose rows are made anew.

What becomes of a person's resources is decided by the parts of the files that tell of
him, and by what stands elsewhere and concerns him: who is united with him, deletions,
codes of Medications, units that were inferred, resources that name others as well. All
of it is hashed. Whose hash is the one of the run before has the rows of the run before.
"""

from hashlib import blake2b

import polars as pl

from chronicle.ingest import across, harmonise
from chronicle.ingest.layout import ALL, ANEW, MERGED, PEOPLE, Layout, whose
from chronicle.ingest.shelf import WHO, Shelf

NONE = "-"


def judge(bucket: int, *, layout: Layout, shelf: Shelf) -> list[int]:
    """Lay out who is in a bucket, and whose rows are made anew.

    Args:
        bucket: Its number.
        layout: Where rows lie, and where this goes: `PEOPLE` and `ANEW`.
        shelf: What was kept.

    Returns:
        The files that tell of those whose rows are made anew.
    """
    seen = layout.scan("seen", bucket).select("file", WHO, "provenance").collect()
    seen = seen.with_columns(whose(seen))
    now = _decided_by(layout, bucket, seen)
    known = shelf.people(bucket)
    others = now.join(known, on=now.columns, how="anti").select(WHO)
    layout.lay(now, PEOPLE, bucket, ALL)
    given_up = _given_up(layout, others).select(own=WHO)
    own = pl.concat([others.select(own=WHO), given_up])
    layout.lay(own, ANEW, ALL, str(bucket))
    layout.lay(others.select(own=WHO), ANEW, bucket, ALL)
    files = seen.join(others, on=WHO, how="semi")["file"]
    return files.unique().sort().to_list()


def _decided_by(layout: Layout, bucket: int, seen: pl.DataFrame) -> pl.DataFrame:
    """Return a hash of all that decides on each person of a bucket."""
    names = seen.select(WHO, "provenance").unique()
    told = [
        _files(layout, seen),
        _members(layout, seen),
        _strays(layout, names),
        _deletions(layout, names),
        _codes(layout, bucket),
        harmonise.inferred(layout, bucket),
    ]
    said = pl.concat(each.select(WHO, "said") for each in told).unique()
    one = (
        said.sort(WHO, "said")
        .group_by(WHO, maintain_order=True)
        .agg(pl.col("said").str.join("\n"))
    )
    hashes = [
        blake2b(each.encode(), digest_size=16).hexdigest() for each in one["said"]
    ]
    return one.select(WHO, decided_by=pl.Series(hashes, dtype=pl.String))


def _files(layout: Layout, seen: pl.DataFrame) -> pl.DataFrame:
    told = seen.select(WHO, "file").unique().join(layout.file_keys(), on="file")
    return told.select(WHO, said="key")


def _members(layout: Layout, seen: pl.DataFrame) -> pl.DataFrame:
    found = _given_up(layout, seen.select(WHO).unique())
    return found.select(pl.col("into").alias(WHO), said=pl.format("is {}", WHO))


def _given_up(layout: Layout, people: pl.DataFrame) -> pl.DataFrame:
    """Return the numbers that some people gave up, and `into` which."""
    if not (files := layout.files(MERGED, ALL)):
        return pl.DataFrame(schema={WHO: pl.Int64, "into": pl.Int64})
    into = people.lazy().select(into=WHO)
    found = pl.scan_parquet(files).join(into, on="into", how="semi")
    return found.select(WHO, "into").collect()


def _strays(layout: Layout, names: pl.DataFrame) -> pl.DataFrame:
    found = across.strays(layout, names).join(names, on="provenance")
    told = found.join(layout.file_keys(), on="file", how="left")
    return told.select(WHO, said=_said("stray", "provenance", "key", "entry"))


def _deletions(layout: Layout, names: pl.DataFrame) -> pl.DataFrame:
    found = across.deletions(layout, names).join(names, on="provenance")
    return found.select(WHO, said=_said("gone", "provenance", "at"))


def _codes(layout: Layout, bucket: int) -> pl.DataFrame:
    orders = layout.scan("orders", bucket).drop_nulls(WHO).collect()
    told = across.codes(layout, orders).with_columns(pl.col("codes").list.join(" "))
    found = orders.select(WHO, "medication_id").unique().join(told, on="medication_id")
    return found.select(WHO, said=_said("code", "medication_id", "codes"))


def _said(word: str, *names: str) -> pl.Expr:
    texts = [pl.col(each).cast(pl.String).fill_null(NONE) for each in names]
    return pl.concat_str(pl.lit(word), *texts, separator=" ")
