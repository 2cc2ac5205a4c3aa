"""What was known of each patient at each index time: the one door to the past."""

import polars as pl

from chronicle.core.disease import Disease
from chronicle.core.tables import asserted, has_code

KEY = ["subject_id", "prediction_time"]
DAY = 24 * 60 * 60
# What summaries read; the other columns would be copied for every index time.
READ = ("time", "available_time", "code", "numeric_value", "text_value", "provenance")


def known(rows: pl.DataFrame, events: pl.DataFrame, disease: Disease) -> pl.DataFrame:
    """Pair index times with the events that were known by then.

    An event is known when it has happened and has been recorded:
    `max(time, available_time) <= prediction_time`. Events that are the disease's own
    definition, work-up or treatment are not paired at all.

    Args:
        rows: `subject_id`, `prediction_time`.
        events: `events` of the same patients.
        disease: Its codes and `leaks` are left out.

    Returns:
        `subject_id`, `prediction_time`, the columns `READ`, and `age_days`: how long
        before the index time it happened, at least 0.
    """
    usable = events.filter(asserted(), has_code(disease.own).not_()).select(
        "subject_id", *READ
    )
    index = pl.col("prediction_time")
    return (
        rows.select(KEY)
        .join(usable, on="subject_id")
        .filter(pl.max_horizontal("time", "available_time") <= index)
        .with_columns(age_days=(index - pl.col("time")).dt.total_seconds() / DAY)
    )


def having(pairs: pl.DataFrame, codes: tuple[str, ...]) -> pl.DataFrame:
    """Return the pairs with one of these codes; each different code is read once."""
    found = pairs.select(pl.col("code").unique()).filter(has_code(codes))["code"]
    return pairs.filter(pl.col("code").is_in(found.to_list()))
