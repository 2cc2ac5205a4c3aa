"""One fact under several ids: which resources say just what another one says.

Two resources are one fact if they are of one type, patient and status, all their events
are the same, and so is all the rest that they say: what our tables do not hold (a dose,
a clinic) may tell two facts apart. The rest does not matter for what was measured at a
known instant, since nobody measures the same twice at once. ADR 17 has the reasons.
"""

import polars as pl

from chronicle.ingest.batch import GONE
from chronicle.ingest.fates import WHERE
from chronicle.ingest.source import Event

OF_EVENT = [
    "code", "time", "end_time", "numeric_value", "unit", "source_value", "source_unit",
    "comparator", "text_value", "value_fate",
]  # fmt: skip
OF_VALUE = [
    "numeric_value", "unit", "source_value", "source_unit", "comparator", "value_fate",
]  # fmt: skip
ONE_TIME = ["subject_id", "resource_type", "status", "code", "time"]
NEAR = 0.01  # of a value: what is lost where another unit is rounded
SAME = ["subject_id", "resource_type", "status", "said", "rest", "visit"]
MEASURED = b""
DAY = 86_400_000_000  # microseconds
NAMES = {"provenance": pl.String(), "kept": pl.String()}


def measured(kind: str, events: list[Event]) -> bool:
    """Tell whether a resource is all numbers, measured at a known instant.

    Then its events say all that there is to say, and `seen.told` is `MEASURED`.
    """
    if kind != "Observation":
        return False
    for each in events:
        if (
            each.time is None
            or each.time % DAY == 0
            or (each.source_value is None and each.numeric_value is None)
            or each.code.startswith("UNCODED//")
        ):
            return False
    return True


def doubled(events: pl.DataFrame, resources: pl.DataFrame) -> pl.DataFrame:
    """Return the resources that say again what another one says.

    Args:
        events: Of those resources, all events of each, as `batch.SCHEMAS["events"]`,
            under the subject_id that stays, with times and codes settled.
        resources: Those that stay, as `batch.SEEN`; one under each provenance.

    Returns:
        As `batch.GONE`, of fate `duplicate`, with the `provenance` of what goes and of
        what is `kept`: what was known first, then the least provenance. What is kept
        does not go itself.
    """
    again = _repeated(events)
    visit = pl.col("resource_type") == "Encounter"
    # A visit is in no other one, though it bears its own name as that of its visit.
    visits = _of(again.filter(visit).with_columns(encounter_id=None), resources)
    return pl.concat([visits, _of(_moved(again.filter(~visit), visits), resources)])


def once(events: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """Leave out the events of what is `doubled`; what was in its visits stays there."""
    if gone.is_empty():
        return events
    return _moved(events.join(gone, on=WHERE, how="anti"), gone)


def _moved(events: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    visit = pl.col("encounter_id").replace(gone["provenance"], gone["kept"])
    return events.with_columns(visit)


def _of(events: pl.DataFrame, resources: pl.DataFrame) -> pl.DataFrame:
    rest = resources.select(*WHERE, rest="told")
    said = _said(events).join(rest, on=WHERE)
    # Where all who name a visit name the same one, the others are of that one, too.
    visits = pl.col("encounter_id").drop_nulls().n_unique().over(SAME[:-1])
    apart = (visits > 1) & (pl.col("rest") != MEASURED)
    said = said.with_columns(visit=pl.when(apart).then("encounter_id"))
    said = said.sort("known", "provenance")
    first = said.unique(SAME, keep="first", maintain_order=True)
    kept = first.select(*SAME, kept="provenance", kept_file="file", kept_entry="entry")
    return (
        said.join(first, on=WHERE, how="anti")
        .join(kept, on=SAME, nulls_equal=True, maintain_order="left")
        .with_columns(fate=pl.lit("duplicate"))
        .select(*GONE, *NAMES)
    )


def _repeated(events: pl.DataFrame) -> pl.DataFrame:
    """Return the events of resources that may be doubled.

    Cheap first: nearly all that happens, happens once, and is not looked at closely.
    """
    again = pl.struct("subject_id", "time", "code", "resource_type").is_duplicated()
    kind, day = pl.col("resource_type"), pl.col("time").dt.truncate("1d")
    # Two visits on one day, of which only the day is known, may well be two.
    vague = (kind == "Encounter") & (day == pl.col("time"))
    some = events.filter(kind != "Patient", ~vague, again)
    alone = events.join(some, on=WHERE, how="semi").filter(~again)
    return some.join(alone, on=WHERE, how="anti")


def _in_one_unit(events: pl.DataFrame) -> pl.DataFrame:
    """Let a result in another unit say what the one says that was known first.

    As long as both were turned into one unit and are the same there but for rounding.
    Two numbers in one unit are two results, however near.
    """
    first = pl.col(OF_VALUE).first().over(ONE_TIME).name.prefix("first_")
    ranked = events.sort("available_time", "provenance", *OF_VALUE).with_columns(first)
    value, stated = pl.col("numeric_value"), pl.col("first_numeric_value")
    again = (
        pl.col("source_unit").ne_missing(pl.col("first_source_unit"))
        & (pl.col("unit") == pl.col("first_unit"))
        & pl.col("comparator").eq_missing(pl.col("first_comparator"))
        & ((value - stated).abs() <= NEAR * stated.abs())
    )
    told = [
        pl.when(again.fill_null(value=False))
        .then(f"first_{name}")
        .otherwise(name)
        .alias(name)
        for name in OF_VALUE
    ]
    return ranked.with_columns(told).select(events.columns)


def _said(events: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each resource: what all its events say, as one text."""
    events = _in_one_unit(events)
    numbers = events.select(OF_EVENT).unique().with_row_index("number")
    return (
        events.join(numbers, on=OF_EVENT, nulls_equal=True)
        .group_by(WHERE)
        .agg(
            pl.col(*SAME[:3], "provenance", "encounter_id").first(),
            said=pl.col("number").sort().cast(pl.String()).str.join(","),
            known=pl.col("available_time").min(),
        )
    )
