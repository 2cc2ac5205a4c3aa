"""Second pass over values: what only many of them, or their patient, can tell.

Between the passes, units that sources left out are inferred from all files together.
Then, bucket by bucket, those units are put in, limits that hold for adults are applied,
and what is preliminary gives way to what is final.
"""

from collections.abc import Iterable
from functools import cache, reduce

import polars as pl

from chronicle.core.tables import TIME
from chronicle.ingest import infer, measures
from chronicle.ingest.layout import ALL, Layout

INFERRED = "inferred"
UNIT = "unit"
PRELIMINARY = "preliminary"
MISSING = "unit-missing"
ONE = ["subject_id", "provenance"]  # what makes a resource one
MONTH = pl.col("time").dt.truncate("1mo").dt.date()
ADULT = "18y"
# Source: HL7 FHIR R4, value set observation-status.
FINAL = ("final", "amended", "corrected")
SAME_FACT = ["subject_id", "code", "time"]


def infer_units(layout: Layout) -> None:
    """Decide what units were left out, from all that was gathered; see `infer.py`.

    Bucket by bucket, and the sums of all: no resource lies in two.
    """
    buckets = layout.all_buckets()
    counted = _sums((_lost(layout, each) for each in buckets), infer.VALUE)
    if counted.is_empty():
        return
    batches = counted.select(infer.BATCH).unique()
    stated = (_stated(layout, each, batches) for each in buckets)
    found = infer.infer(counted, _sums(stated, [*infer.BATCH, "source_unit"]))
    layout.lay(found, INFERRED, ALL, "all")


def _told(layout: Layout, bucket: int) -> pl.LazyFrame:
    """Return the values of a bucket, with their site and month."""
    return (
        layout.scan("values", bucket)
        .with_columns(month=MONTH)
        .join(layout.sites().lazy(), on="file")
    )


def _lost(layout: Layout, bucket: int) -> pl.DataFrame:
    told = _told(layout, bucket).filter(pl.col("value_fate") == MISSING)
    # The same resource in two files is one value.
    once = told.select(*ONE, *infer.VALUE).unique()
    return once.group_by(infer.VALUE).agg(n=pl.len()).collect(engine="streaming")


def _stated(layout: Layout, bucket: int, batches: pl.DataFrame) -> pl.DataFrame:
    by = [*infer.BATCH, "source_unit"]
    once = (
        _told(layout, bucket)
        .filter(pl.col("value_fate") != MISSING, pl.col("source_unit").is_not_null())
        .join(batches.lazy(), on=infer.BATCH, how="semi")
        .select(*ONE, *by)
        .unique()
    )
    return once.group_by(by).agg(n=pl.len()).collect(engine="streaming")


def _sums(counts: Iterable[pl.DataFrame], by: list[str]) -> pl.DataFrame:
    """Add up what was counted in each bucket: all count nearly the same things."""
    return reduce(
        lambda total, each: (
            pl.concat([total, each]).group_by(by).agg(pl.col("n").sum())
        ),
        counts,
    )


def restored(events: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Give the events of a bucket the units that were inferred."""
    missing = events.filter(pl.col("value_fate") == MISSING)
    inferred = layout.files(INFERRED, ALL)
    if missing.is_empty() or not inferred:
        return events
    told = missing.with_columns(month=MONTH).join(layout.sites(), on="file", how="left")
    here = told.lazy().select(infer.BATCH).unique()
    found = pl.scan_parquet(inferred).join(here, on=infer.BATCH, how="semi")
    known = (
        told.drop("numeric_value", "unit", "value_fate")
        .join(found.collect(), on=infer.VALUE, how="left")
        .with_columns(pl.col("value_fate").fill_null(MISSING))
        .select(pl.col(name).cast(kind) for name, kind in events.schema.items())
    )
    others = pl.col("value_fate").ne_missing(MISSING)
    return pl.concat([events.filter(others), known])


def inferred(layout: Layout, bucket: int) -> pl.DataFrame:
    """Return what `restored` gives the values of a bucket: `subject_id`, `said`."""
    files = layout.files(INFERRED, ALL)
    if not files:
        return pl.DataFrame(schema={"subject_id": pl.Int64, "said": pl.String})
    told = _told(layout, bucket).filter(pl.col("value_fate") == MISSING)
    given = pl.scan_parquet(files).rename({"value_fate": "fate"})
    found = told.drop_nulls("subject_id").join(given, on=infer.VALUE)
    names = (*infer.VALUE, "numeric_value", "unit", "fate")
    texts = [pl.col(each).cast(pl.String).fill_null("-") for each in names]
    said = pl.concat_str(pl.lit(UNIT), *texts, separator=" ")
    return found.select("subject_id", said=said).unique().collect()


def harmonised(
    events: pl.DataFrame, patients: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Apply what holds among the accepted; return the events, and values by fate.

    The latter as `subject_id` and `value_fate`, a row each. `kept` is among them, and
    null in the table: there most values are.
    """
    events, early = _final(events)
    events = _within_adult_limits(events, patients)
    fates = pl.concat(
        [
            early.select("subject_id", value_fate=pl.lit(PRELIMINARY)),
            events.select("subject_id", "value_fate").drop_nulls(),
        ]
    )
    told = pl.when(pl.col("value_fate") != "kept").then("value_fate")
    return events.with_columns(value_fate=told), fates


def _final(events: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split off what is preliminary where the same fact is there in its final form."""
    status, observed = pl.col("status"), pl.col("resource_type") == "Observation"
    facts = events.lazy().filter(observed)
    early = facts.filter(status == PRELIMINARY).select("file", "entry", *SAME_FACT)
    final = facts.filter(status.is_in(FINAL)).select(SAME_FACT)
    gone = early.join(final, on=SAME_FACT, how="semi").collect()
    if gone.is_empty():
        return events, events.clear()
    return (
        events.join(gone, on=gone.columns, how="anti"),
        events.join(gone, on=gone.columns, how="semi"),
    )


def _within_adult_limits(events: pl.DataFrame, patients: pl.DataFrame) -> pl.DataFrame:
    """Null what only a child may be; of unknown age, the limits are the wider."""
    limits = _adult_limits()
    born = patients.select("subject_id", born=pl.col("birth_date").cast(TIME))
    outside = ~pl.col("numeric_value").is_between("low", "high")
    wrong = (
        events.select("subject_id", "time", "code", "numeric_value")
        .with_row_index("row")
        .filter(pl.col("code").is_in(limits["code"].to_list()))
        .join(limits, on="code")
        .join(born.unique("subject_id"), on="subject_id")
        .filter(outside, pl.col("time") >= pl.col("born").dt.offset_by(ADULT))
    )
    if wrong.is_empty():
        return events
    here = pl.int_range(pl.len()).is_in(wrong["row"].to_list())
    return events.with_columns(
        pl.when(~here).then("numeric_value"),
        pl.when(~here).then("unit"),
        value_fate=pl.when(here).then(pl.lit("impossible")).otherwise("value_fate"),
    )


@cache
def _adult_limits() -> pl.DataFrame:
    rows = [
        (code, *measure.adult)
        for code in measures.codes()
        if (measure := measures.of(code)) and measure.adult != measure.hard
    ]
    schema = {"code": pl.String, "low": pl.Float64, "high": pl.Float64}
    return pl.DataFrame(rows, schema, orient="row")
