"""A table's rows with what else is known of their patient, while they are asked.

`entry.BESIDES` lists the columns that are added here. They are never written.
"""

import polars as pl

from chronicle.core.tables import TIME

IN_PERSON_AFTER_DEATH = pl.duration(days=60)  # reports and claims may lag behind
DAY = pl.duration(days=1)
MOST = "90y"  # nobody is told to be older: docs/decisions/0014-privacy-at-the-door.md
YEAR_DAYS = 365.25
VISIT = ["subject_id", "encounter_id"]
ORDER = ("subject_id", "code", "time", "provenance", "numeric_value", "text_value")


def patients(
    frame: pl.DataFrame, events: pl.LazyFrame, extracted: pl.DataFrame
) -> pl.DataFrame:
    """Add to each patient what the events say of him, save those of the future.

    `events` and `encounters` are counts, `age_at_last` is in years at the last event
    or at death, `encounters_after_death` are those of more than 60 days after it,
    `share_before_birth` is of events more than a day before the birth, null of who is
    told to be of the highest age, since the true birth is earlier.
    """
    told = _told(frame, events, extracted)
    counts = pl.col("events", "encounters").fill_null(0)
    last = pl.coalesce("death_time", "last_time") - pl.col("birth_date").cast(TIME)
    return (
        frame.with_row_index("row")
        .join(told, on="subject_id", how="left", maintain_order="left")
        .with_columns(counts, age_at_last=last.dt.total_days() / YEAR_DAYS)
        .with_columns(resource_type=pl.lit("Patient"), time="last_time")
    )


def _told(
    frame: pl.DataFrame, events: pl.LazyFrame, extracted: pl.DataFrame
) -> pl.DataFrame:
    born, time = pl.col("birth_date").cast(TIME), pl.col("time")
    theirs = (
        frame.lazy()
        .join(extracted.lazy(), on="site")
        .select("subject_id", "birth_date", "death_time", "extracted")
    )
    visit = pl.col("resource_type") == "Encounter"
    late = visit & (time > pl.col("death_time") + IN_PERSON_AFTER_DEATH)
    return (
        events.filter(pl.col("resource_type") != "Patient")
        .select("subject_id", "time", "end_time", "available_time", "resource_type")
        .join(theirs, on="subject_id")
        .filter(time <= pl.col("extracted"))
        .group_by("subject_id")
        .agg(
            events=pl.len(),
            encounters=visit.sum(),
            first_time=time.min(),
            last_time=time.max(),
            encounters_after_death=late.sum(),
            share_before_birth=(time < born - DAY).mean(),
            oldest=_at_most(born, "death_time").any(),
        )
        .with_columns(pl.when(~pl.col("oldest")).then("share_before_birth"))
        .drop("oldest")
        .collect(engine="streaming")
    )


def events(
    frame: pl.DataFrame, patients: pl.DataFrame, extracted: pl.DataFrame
) -> pl.DataFrame:
    """Add to each event its patient and its encounter, sorted for `within.py`.

    Args:
        frame: Events with a column `row`; all of each patient's.
        patients: Theirs.
        extracted: Site -> the time at which its data end (`extracted`).

    `encounter` is found or missing, null where the event names none; `age` is in
    years at the event; `born` is null of who is told to be of the highest age.
    """
    theirs = patients.select(
        "subject_id",
        "gender",
        born=pl.col("birth_date").cast(TIME),
        died="death_time",
    )
    found = (
        frame.sort(ORDER)
        .join(theirs, on="subject_id", how="left", maintain_order="left")
        .join(_visits(frame), on=VISIT, how="left", maintain_order="left")
        .join(extracted, on="site", how="left", maintain_order="left")
    )
    visit = pl.col("resource_type") == "Encounter"
    named = pl.when(pl.col("encounter_id").is_not_null())
    past = pl.when(pl.col("time") <= pl.col("extracted")).then("time")
    return found.with_columns(
        encounter=named.then(pl.col("encounter").fill_null("missing")),
        encounters=visit.sum().over("subject_id"),
        last_time=past.max().over("subject_id"),
        age=(pl.col("time") - pl.col("born")).dt.total_days() / YEAR_DAYS,
        born=pl.when(~_at_most(pl.col("born"), "died").any().over("subject_id")).then(
            "born"
        ),
    )


def _at_most(born: pl.Expr, died: str) -> pl.Expr:
    """Return whether ingest brought the birth to 90 years before this, the last day."""
    last = pl.max_horizontal("time", "available_time", "end_time", died)
    oldest = born.dt.offset_by(MOST)
    return last.is_between(oldest, oldest + 2 * DAY).fill_null(False)


def _visits(frame: pl.DataFrame) -> pl.DataFrame:
    visits = frame.filter(pl.col("resource_type") == "Encounter")
    return visits.unique("provenance", keep="first", maintain_order=True).select(
        "subject_id",
        encounter_id="provenance",
        encounter_start="time",
        encounter_end="end_time",
        encounter=pl.lit("found"),
    )
