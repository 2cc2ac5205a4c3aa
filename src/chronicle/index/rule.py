"""When a score would be shown: index times that depend on the past alone.

Dates of a patient may be shifted (`ingest`): a calendar year is then the one to which
they are shifted, and the same day is not the same day for two patients.
"""

from datetime import datetime, timedelta

import polars as pl
from pydantic import Field, model_validator

from chronicle.core.codes import asserted, has_code, recorded
from chronicle.core.disease import Code
from chronicle.core.params import Params
from chronicle.core.tables import INDEX

READ = ["subject_id", "code", "available_time", "status"]
KEY = ["subject_id", "prediction_time"]
LAST = "last"
# Of every year: no 29 February. Or the last that is known of a patient.
DAY = r"^(last|(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8]))$"


class Rule(Params):
    """One index rule: a section of `index`.

    Args:
        codes: Visits.
        day: Month and day, as 01-01: that day of each year, 0:00 UTC, is an index time.
            `last`: when something last became known of a patient, which is the present
            of whoever is in care. Without it, the end of the first visit in each
            calendar year is.
        within_days: With `day`: a visit must have ended so short a time before; with
            `last`, before the end of the data.
    """

    codes: tuple[Code, ...] = Field(min_length=1)
    day: str | None = Field(default=None, pattern=DAY)
    within_days: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _both_or_neither(self) -> "Rule":
        if (self.day is None) != (self.within_days is None):
            raise ValueError("day and within_days belong together")
        return self


def index_times(
    events: pl.DataFrame, rule: Rule, data_end: datetime | None
) -> pl.DataFrame:
    """Return the index times of some patients.

    Args:
        events: `events` table of these patients.
        rule: Which times are index times.
        data_end: End of the day on which the data end (`core/until.py`), UTC: no
            score was shown later. Null only where there is no event.

    Returns:
        `subject_id`, `prediction_time`. What happened or became known after an index
        time has no part in whether it is one; but for `last`, which is one because
        nothing did.
    """
    if data_end is None:
        return INDEX.empty()
    ends = events.filter(asserted(), has_code(rule.codes)).select(
        "subject_id", prediction_time="available_time"
    )
    if rule.day is None or rule.within_days is None:
        found = _first_of_each_year(ends)
    elif rule.day == LAST:
        since = data_end - timedelta(days=rule.within_days)
        # What is dated behind the end keeps nobody in care.
        lately = pl.col("prediction_time").is_between(since, data_end, closed="right")
        known = _last(events.filter(pl.col("available_time") <= data_end))
        found = known.join(ends.filter(lately), on="subject_id", how="semi")
    else:
        found = _days(ends, rule.day, timedelta(days=rule.within_days))
    return found.filter(pl.col("prediction_time") <= data_end).sort(KEY)


def _first_of_each_year(ends: pl.DataFrame) -> pl.DataFrame:
    """Return the end of the first visit: what was measured during it is known then."""
    return (
        ends.group_by("subject_id", year=pl.col("prediction_time").dt.year())
        .agg(pl.col("prediction_time").min())
        .select(KEY)
    )


def _last(events: pl.DataFrame) -> pl.DataFrame:
    """Return when each patient was last heard of."""
    return (
        events.filter(recorded())
        .group_by("subject_id")
        .agg(prediction_time=pl.col("available_time").max())
    )


def _days(ends: pl.DataFrame, day: str, within: timedelta) -> pl.DataFrame:
    """Return the day in each year for which a visit ended in (day - within, day]."""
    month, of_month = map(int, day.split("-"))
    end, year = pl.col("prediction_time"), pl.col("prediction_time").dt.year()
    years = pl.int_ranges(year, year + 2 + within.days // 365)
    return (
        ends.with_columns(end=end, year=years)
        .explode("year")
        .with_columns(
            prediction_time=pl.datetime(pl.col("year"), month, of_month, time_unit="us")
        )
        .filter(end >= pl.col("end"), end < pl.col("end") + within)
        .select(KEY)
        .unique()
    )
