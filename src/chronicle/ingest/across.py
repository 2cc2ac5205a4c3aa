"""Between the passes: what no bucket can tell, because it names no patient or several.

A deletion and a Medication do not say whose they are. And a resource whose versions
name different patients lies in several buckets, of which only one may keep it. Each is
decided here once, some of them at a time, so that memory is bounded.
"""

import polars as pl

from chronicle.ingest.batch import DELETIONS, GONE, SEEN, WHERE
from chronicle.ingest.fates import parted
from chronicle.ingest.layout import ALL, NAME, Layout

STRAYS = 100_000  # resources of a slice
STRAYED = {"provenance": pl.String()} | WHERE
CODES = {"medication_id": pl.String(), "codes": pl.List(pl.String())}


def decide(layout: Layout) -> pl.DataFrame:
    """Lay out the codes of Medications (`CODES`) and where strays stay (`STRAYED`).

    A stray is a resource with versions of several patients; its row in `STRAYED` says
    which version stays, if any does.

    Returns:
        The versions of strays that do not stay, as `batch.GONE`.
    """
    for bucket in layout.all_buckets():
        _medications(layout, bucket)
    suspects = layout.shared("names")
    gone = [pl.DataFrame(schema=GONE)]
    for number, some in enumerate(suspects.to_frame().iter_slices(STRAYS)):
        gone.append(_strays(layout, some, str(number)))
    return pl.concat(gone)


def name_deletions(layout: Layout) -> None:
    """Turn each deletion that names an identifier into those of all that bear it.

    Of any version: which of them the server had then, nobody says. They are not counted
    again, as the word itself was.
    """
    asked = layout.scan("deletions", ALL).drop_nulls("label").collect()
    if asked.is_empty():
        return
    bear = layout.scan("labels").select("provenance", "label")
    bear = bear.join(asked.lazy().drop("provenance"), on="label")
    told = bear.with_columns(fate=pl.lit(None, pl.String())).select(*DELETIONS)
    layout.lay(told.unique().collect(engine="streaming"), "deletions", ALL, "named")


def deletions(layout: Layout, seen: pl.DataFrame) -> pl.DataFrame:
    """Return the deletions that concern some resources."""
    names = seen.lazy().select("provenance")
    found = layout.scan("deletions", ALL).join(names, on="provenance", how="semi")
    return found.collect(engine="streaming")


def codes(layout: Layout, orders: pl.DataFrame) -> pl.DataFrame:
    """Return the codes of the Medications to which some orders refer."""
    files = layout.files("codes", ALL)
    if not files:
        return pl.DataFrame(schema=CODES)
    names = orders.lazy().select("medication_id")
    found = pl.scan_parquet(files).join(names, on="medication_id", how="semi")
    return found.collect(engine="streaming")


def strays(layout: Layout, seen: pl.DataFrame) -> pl.DataFrame:
    """Return which of some resources are strays, as `STRAYED`."""
    files = layout.files("strayed", ALL)
    if not files:
        return pl.DataFrame(schema=STRAYED)
    names = seen.lazy().select("provenance")
    found = pl.scan_parquet(files).join(names, on="provenance", how="semi")
    return found.collect(engine="streaming")


def _medications(layout: Layout, bucket: int) -> None:
    found = layout.scan("medications", bucket).collect()
    if found.is_empty():
        return
    known, _ = parted(found, deletions(layout, found))
    told = known.select(medication_id="provenance", codes="codes")
    layout.lay(told, "codes", ALL, str(bucket))


def _strays(layout: Layout, suspects: pl.DataFrame, name: str) -> pl.DataFrame:
    """Decide on the resources of some names, of which patients may be one by now."""
    subject = pl.col("subject_id")
    seen = layout.scan("seen").with_columns(telling=NAME)
    whose = subject.fill_null("telling")
    seen = seen.join(suspects.lazy(), on="telling", how="semi")
    names = (
        seen.group_by("provenance")
        .agg(low=whose.min(), high=whose.max())
        .filter(pl.col("low") != pl.col("high"))
        .select("provenance")
        .collect(engine="streaming")
    )
    if names.is_empty():
        return pl.DataFrame(schema=GONE)
    versions = seen.join(names.lazy(), on="provenance", how="semi").select(*SEEN)
    found = versions.collect(engine="streaming").sort(*WHERE)
    newest, gone = parted(found, deletions(layout, found))
    kept = newest.select("provenance", *WHERE)
    layout.lay(
        names.join(kept, on="provenance", how="left").select(*STRAYED),
        "strayed",
        ALL,
        name,
    )
    layout.lay(gone, "gone", f"strays-{name}", ALL)
    return gone
