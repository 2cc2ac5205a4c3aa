"""Who is at risk at which index time, and what came of it.

Intervals: prevalent is onset <= index + gap; the outcome is onset in
(index + gap, index + horizon]. What ends the time at risk first decides the status.
"""

from collections import Counter
from datetime import datetime

import polars as pl

from chronicle.core.disease import Disease, Onset
from chronicle.core.tables import asserted, has_code

KEY = ["subject_id", "prediction_time"]
DAYS_A_YEAR = 365.2425
Counts = Counter[tuple[str, str]]


def cohort(
    patients: pl.DataFrame,
    events: pl.DataFrame,
    index: pl.DataFrame,
    disease: Disease,
    *,
    lost_after_days: int,
    data_end: datetime | None,
) -> tuple[pl.DataFrame, Counts]:
    """Draw the cohort of some patients.

    Args:
        patients: `patients` table.
        events: `events` table of the same patients.
        index: `index` table of the rule by which the disease is asked.
        disease: What is asked.
        lost_after_days: Follow-up ends so long after the last record, at `data_end` at
            the latest.
        data_end: Last record of anybody, UTC; null only where there is no event.

    Returns:
        Rows with `subject_id`, `prediction_time`, `status`, `time_days` and
        `boolean_value` (null where censored); and what each step left, by
        (step, patients or index_times).
    """
    events = events.filter(asserted())
    steps: Counts = Counter({("all", "patients"): patients.height})
    rows = (
        index.join(patients, on="subject_id")
        .join(_seen(events), on="subject_id")
        .join(onset(events, disease.onset), on="subject_id", how="left")
        .join(_prevalent(events, disease), on="subject_id", how="left")
    )
    _count(steps, "index", rows)
    for step, keep in _eligible(disease).items():
        rows = rows.filter(keep.fill_null(False))
        _count(steps, step, rows)
    end = pl.min_horizontal(
        pl.col("last_seen") + pl.duration(days=lost_after_days), pl.lit(data_end)
    )
    return _outcome(rows.with_columns(end=end), disease), steps


def onset(events: pl.DataFrame, definition: Onset) -> pl.DataFrame:
    """Return when the disease began, for those in whom it is believed to have."""
    return (
        events.filter(has_code(definition.codes))
        .group_by("subject_id")
        .agg(onset=pl.col("time").min(), records=pl.col("time").dt.date().n_unique())
        .filter(pl.col("records") >= definition.min_records)
        .select("subject_id", "onset")
    )


def _prevalent(events: pl.DataFrame, disease: Disease) -> pl.DataFrame:
    """Return the first sign of the disease: one soft record is enough to exclude."""
    signs = (*disease.onset.codes, *disease.prevalent)
    return (
        events.filter(has_code(signs))
        .group_by("subject_id")
        .agg(first_sign=pl.col("time").min())
    )


def _seen(events: pl.DataFrame) -> pl.DataFrame:
    return (
        events.filter(pl.col("code") != "MEDS_BIRTH")
        .group_by("subject_id")
        .agg(first_seen=pl.col("time").min(), last_seen=pl.col("time").max())
    )


def _eligible(disease: Disease) -> dict[str, pl.Expr]:
    """Return the conditions in the order in which they are counted."""
    index = pl.col("prediction_time")
    age = (index - pl.col("birth_date").cast(pl.Datetime("us"))).dt.total_days()
    age_years = age / DAYS_A_YEAR
    wanted = disease.eligible
    history = pl.duration(days=wanted.min_history_days)
    gap = pl.duration(days=disease.gap_days)
    return {
        "birth": pl.col("birth_date").is_not_null(),
        "age": age_years.is_between(wanted.min_age_years, wanted.max_age_years),
        "alive": pl.col("death_time").is_null() | (pl.col("death_time") > index),
        "history": pl.col("first_seen") + history <= index,
        "free": pl.col("first_sign").is_null() | (pl.col("first_sign") > index + gap),
    }


def _outcome(rows: pl.DataFrame, disease: Disease) -> pl.DataFrame:
    index = pl.col("prediction_time")
    horizon = index + pl.duration(days=disease.horizon_days)
    ends = {
        "onset": pl.col("onset"),
        "death": pl.col("death_time"),
        "horizon": horizon,
        "censored": pl.max_horizontal("end", index),
    }
    first = pl.min_horizontal(*ends.values())
    status = pl.coalesce(
        pl.when(end == first).then(pl.lit(name)) for name, end in ends.items()
    )
    return rows.select(
        *KEY,
        status=status,
        time_days=(first - index).dt.total_seconds() / 86400,
    ).with_columns(
        boolean_value=pl.when(pl.col("status") != "censored").then(
            pl.col("status") == "onset"
        )
    )


def _count(steps: Counts, step: str, rows: pl.DataFrame) -> None:
    steps[step, "patients"] += rows["subject_id"].n_unique()
    steps[step, "index_times"] += rows.height
