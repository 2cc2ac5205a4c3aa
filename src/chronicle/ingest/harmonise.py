"""Second pass over values: what only many of them, or their patient, can tell.

Between the passes, units that sources left out are inferred from all files together.
Then, shard by shard, those units are put in, limits that hold for adults are applied,
and what is preliminary gives way to what is final.
"""

from collections import Counter
from functools import cache
from pathlib import Path

import polars as pl

from chronicle.core.tables import TIME
from chronicle.ingest import infer, measures

INFERRED = "inferred.parquet"
MISSING = "unit-missing"
VALUE = ["file", "code", "month", "source_value"]
MONTH = pl.col("time").dt.truncate("1mo").dt.date()
ADULT = "18y"
# Source: HL7 FHIR R4, value set observation-status.
FINAL = ("final", "amended", "corrected")
SAME_FACT = ["subject_id", "code", "time"]


def infer_units(parts: Path, sites: list[str]) -> None:
    """Decide what units were left out, from all that was gathered; see `infer.py`.

    Args:
        parts: Where events are laid out; the answer is laid beside them.
        sites: Who sent each file, in the order of the files' numbers.
    """
    if not (parts / "events").is_dir():
        return
    read = pl.scan_parquet(parts / "events" / "*" / "*.parquet").filter(
        pl.col("value_fate").is_not_null(), pl.col("time").is_not_null()
    )
    sent = pl.DataFrame({"file": range(len(sites)), "site": sites}).lazy()
    told = read.with_columns(month=MONTH).join(sent.cast({"file": pl.Int32}), on="file")
    lost = (
        told.filter(pl.col("value_fate") == MISSING)
        .select("provenance", "site", *VALUE)
        .unique()
        .collect(engine="streaming")
    )
    # The same resource in two files is one value.
    once = lost.unique(["provenance", *infer.VALUE])
    counted = once.group_by(infer.VALUE).agg(n=pl.len())
    found = infer.infer(counted, _stated(told, counted))
    lost.select("site", *VALUE).unique().join(found, on=infer.VALUE).drop(
        "site"
    ).write_parquet(parts / INFERRED)


def _stated(told: pl.LazyFrame, counted: pl.DataFrame) -> pl.DataFrame:
    batches = counted.select(infer.BATCH).unique().lazy()
    return (
        told.filter(
            pl.col("value_fate") != MISSING, pl.col("source_unit").is_not_null()
        )
        .join(batches, on=infer.BATCH, how="semi")
        .group_by(*infer.BATCH, "source_unit")
        .agg(n=pl.n_unique("provenance"))
        .collect(engine="streaming")
    )


def restored(events: pl.DataFrame, parts: Path) -> pl.DataFrame:
    """Give the events of a shard the units that were inferred."""
    missing = events.filter(pl.col("value_fate") == MISSING)
    if missing.is_empty() or not (parts / INFERRED).exists():
        return events
    files = missing["file"].unique().to_list()
    found = pl.scan_parquet(parts / INFERRED).filter(pl.col("file").is_in(files))
    known = (
        missing.with_columns(month=MONTH)
        .drop("numeric_value", "unit", "value_fate")
        .join(found.collect(), on=VALUE, how="left")
        .with_columns(pl.col("value_fate").fill_null(MISSING))
        .select(pl.col(name).cast(kind) for name, kind in events.schema.items())
    )
    others = pl.col("value_fate").ne_missing(MISSING)
    return pl.concat([events.filter(others), known])


def harmonised(
    events: pl.DataFrame, patients: pl.DataFrame
) -> tuple[pl.DataFrame, Counter[str]]:
    """Apply what holds among the accepted; return the events, and values by fate.

    `kept` is counted, and null in the table: there most values are.
    """
    all_ = events.height
    events = _final(events)
    fates = Counter({"preliminary": all_ - events.height})
    events = _within_adult_limits(events, patients)
    fates.update(dict(events["value_fate"].drop_nulls().value_counts().iter_rows()))
    told = pl.when(pl.col("value_fate") != "kept").then("value_fate")
    return events.with_columns(value_fate=told), +fates


def _final(events: pl.DataFrame) -> pl.DataFrame:
    """Drop what is preliminary where the same fact is there in its final form."""
    status, observed = pl.col("status"), pl.col("resource_type") == "Observation"
    facts = events.lazy().filter(observed)
    early = facts.filter(status == "preliminary").select("file", "entry", *SAME_FACT)
    final = facts.filter(status.is_in(FINAL)).select(SAME_FACT)
    gone = early.join(final, on=SAME_FACT, how="semi").collect()
    if gone.is_empty():
        return events
    return events.join(gone, on=gone.columns, how="anti")


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
