"""One fact under several ids: which resources say just what another one says.

Two resources are one fact if they are of one type, patient and status and their events
are the same, all of them: code, time, end, value as it came and as it is kept. What our
tables do not hold may differ, so where they hold too little (no code, no value, only
the day of an order) two resources are two facts. ADR 17 gives a reason for each rule.
"""

import polars as pl

from chronicle.ingest.batch import GONE
from chronicle.ingest.fates import WHERE

OF_EVENT = [
    "code", "time", "end_time", "numeric_value", "unit", "source_value", "source_unit",
    "comparator", "text_value", "value_fate",
]  # fmt: skip
OF_RESOURCE = ["subject_id", "resource_type", "status"]
# On one day, a diagnosis, an allergy or a vaccine is stated once; an order or a
# procedure may well be there twice.
DAY_SAYS_ALL = ("Condition", "AllergyIntolerance", "Immunization", "Observation")
SCHEMA = GONE | {"provenance": pl.String(), "kept": pl.String()}


def doubled(events: pl.DataFrame) -> pl.DataFrame:
    """Return the resources that say again what another one says.

    Args:
        events: Of resources that stay, all events of each, as `batch.SCHEMAS["events"]`
            with times and codes settled; one resource under each provenance.

    Returns:
        As `batch.GONE`, of fate `duplicate`, and the `provenance` of what goes and of
        what is `kept`: what was known first, then the least provenance. No row is kept
        by one that goes.
    """
    met = pl.col("resource_type") == "Encounter"
    visits = _doubled(events.filter(met).with_columns(encounter_id=None))
    others = _moved(events.filter(~met), visits)
    return pl.concat([visits, _doubled(others)])


def once(events: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """Leave out the events of what is `doubled`; its visits' are those of the kept."""
    if gone.is_empty():
        return events
    return _moved(events.join(gone, on=WHERE, how="anti"), gone)


def _moved(events: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    met = pl.col("encounter_id").replace(visits["provenance"], visits["kept"])
    return events.with_columns(met)


def _doubled(events: pl.DataFrame) -> pl.DataFrame:
    """Return what is said again within `events`; nothing of another type is moved."""
    facts = _facts(events)
    said = _said(facts)
    same = [*OF_RESOURCE, "facts"]
    # Where all who say when it was are of one visit, the others are of that one, too.
    visits = pl.col("encounter_id").drop_nulls().n_unique().over(same)
    apart = pl.when(visits > 1, ~pl.col("sure")).then("encounter_id")
    ranked = said.with_columns(apart=apart).sort("known", "provenance")
    by = [*same, "apart"]
    firsts = ranked.unique(by, keep="first", maintain_order=True)
    gone = _beside(ranked.join(firsts, on=WHERE, how="anti"), firsts, by)
    return pl.concat([gone, _within(firsts, facts)])


def _facts(events: pl.DataFrame) -> pl.DataFrame:
    """Return the events that may be doubled, with a number for what each says."""
    whole = events.with_columns(
        events=pl.len().over(WHERE), comparable=_comparable().all().over(WHERE)
    ).filter("comparable")
    # Cheap first: nearly all that happens, happens once.
    again = pl.struct("subject_id", "time", "code", "resource_type").is_duplicated()
    some = whole.filter(again)
    numbers = some.select(OF_EVENT).unique().with_row_index("fact")
    return some.join(numbers, on=OF_EVENT, nulls_equal=True)


def _comparable() -> pl.Expr:
    """Tell which events say enough of their fact to know it again."""
    kind, text = pl.col("resource_type"), pl.col("text_value")
    day = pl.col("time").dt.truncate("1d") == pl.col("time")
    coded = ~pl.col("code").str.starts_with("UNCODED//")
    number = (
        pl.col("numeric_value").is_not_null() | pl.col("source_value").is_not_null()
    )
    answer = text.is_not_null() & ~text.str.starts_with("UNCODED//").fill_null(False)
    valued = (kind != "Observation") | number | answer
    ended = (kind != "Encounter") | pl.col("end_time").is_not_null()
    dated = ~day | kind.is_in(DAY_SAYS_ALL)
    return coded & valued & ended & dated & (kind != "Patient")


def _said(facts: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each resource all of whose events are said again."""
    day = pl.col("time").dt.truncate("1d") == pl.col("time")
    value = pl.col("resource_type") == "Observation"
    return (
        facts.group_by(WHERE)
        .agg(
            pl.col(*OF_RESOURCE, "provenance", "encounter_id", "events").first(),
            facts=pl.col("fact").sort().cast(pl.String()).str.join(","),
            here=pl.len(),
            known=pl.col("available_time").min(),
            sure=(~day & value).all(),
        )
        .filter(pl.col("here") == pl.col("events"))
    )


def _within(singles: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Return resources of one event that is one of several in another resource."""
    return pl.DataFrame(schema=SCHEMA)


def _beside(gone: pl.DataFrame, kept: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    stays = kept.select(*by, kept="provenance", kept_file="file", kept_entry="entry")
    return (
        gone.join(stays, on=by, nulls_equal=True)
        .with_columns(fate=pl.lit("duplicate"))
        .select(*SCHEMA)
    )
