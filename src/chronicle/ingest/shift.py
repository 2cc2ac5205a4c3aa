"""Dates that tell nobody's calendar, and no age above 90.

All dates of a patient move back by the same whole number of weeks, so that intervals
and weekdays stay as they were. It follows from the key and the patient alone: every
run and every file moves them alike, and who has no key cannot move them back.
"""

from datetime import date

import polars as pl

from chronicle.core.tables import TIME
from chronicle.ingest.deidentify import digest
from chronicle.ingest.keys import Keys

MOST_YEARS = 90  # 45 CFR 164.514(b)(2)(i)(C): all ages over 89 as one
OLDEST_YEARS = 123  # nobody was older: J. Calment, 122 years and 164 days
FIRST = date(1, 1, 1)  # before it, Python has no dates
BIRTH = "MEDS_BIRTH"
SUBJECT, WEEKS = "subject_id", "weeks"


def protected(
    patients: pl.DataFrame, events: pl.DataFrame, keys: Keys, weeks: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Move the dates of some patients, and bring births nearer that lie too far back.

    Args:
        patients: Rows of `patients`, all that the events belong to.
        events: Rows of `events`.
        keys: `shift` decides how far.
        weeks: At most so many; 0: dates stay true, ages are capped all the same.
    """
    patients, events = _capped(patients, events)
    if not weeks:
        return patients, events
    moves = by_subject(patients[SUBJECT].unique(), keys, weeks)
    return moved(patients, moves), moved(events, moves)


def by_subject(subjects: pl.Series, keys: Keys, weeks: int) -> pl.DataFrame:
    """Return `subject_id` and `weeks`, 1 to `weeks`, for each of `subjects`."""
    drawn = [
        1 + int.from_bytes(digest(str(each), keys.shift)[:8], "big") % weeks
        for each in subjects.to_list()
    ]
    return pl.DataFrame(
        {SUBJECT: subjects, WEEKS: drawn}, {SUBJECT: pl.Int64, WEEKS: pl.Int64}
    )


def shifted(rows: pl.DataFrame, keys: Keys, weeks: int) -> pl.DataFrame:
    """Move all dates of the rows, each as its patient's."""
    if not weeks:
        return rows
    return moved(rows, by_subject(rows[SUBJECT].unique(), keys, weeks))


def moved(rows: pl.DataFrame, moves: pl.DataFrame) -> pl.DataFrame:
    """Move every date and time of the rows back, each by its patient's weeks."""
    dated = {name: kind for name, kind in rows.schema.items() if kind.is_temporal()}
    back = pl.duration(weeks=WEEKS)
    return (
        rows.join(moves, on=SUBJECT, how="left", maintain_order="left")
        .with_columns((pl.col(name) - back).cast(kind) for name, kind in dated.items())
        .with_columns(pl.col(name).clip(FIRST) for name in dated)
        .drop(WEEKS)
    )


def _old(patients: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Return `subject_id` of who is 90 or older, and the `nearer` birth."""
    born = patients.select(SUBJECT, "death_time", born=pl.col("birth_date").cast(TIME))
    ends = {
        each: pl.col("born").dt.offset_by(f"{each}y")
        for each in (MOST_YEARS, OLDEST_YEARS)
    }
    times = ("time", "available_time", "end_time", "death_time")
    # A death at 70 says no age above 90, though another date of the patient seems to.
    within = [
        pl.when(pl.col(each).is_between("capped", "oldest")).then(each)
        for each in times
    ]
    last = pl.max_horizontal(within)
    return (
        events.select(SUBJECT, *times[:3])
        .join(born, on=SUBJECT)
        .with_columns(capped=ends[MOST_YEARS], oldest=ends[OLDEST_YEARS])
        .filter(pl.any_horizontal(pl.col(each) >= pl.col("capped") for each in times))
        .group_by(SUBJECT)
        .agg(last=last.max())
        .drop_nulls("last")
        .select(
            SUBJECT,
            nearer=pl.col("last").dt.offset_by(f"-{MOST_YEARS}y").dt.truncate("1d"),
        )
    )


def _capped(
    patients: pl.DataFrame, events: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Bring the birth of who is over 89 to 90 years before the last that is told.

    The last is the death or the last thing that is dated in a lifetime: what would make
    somebody older than anybody was is a mistake, and tells no age.
    """
    old = _old(patients, events)
    if old.is_empty():
        return patients, events
    nearer, birth = pl.col("nearer"), pl.col("code") == BIRTH
    return (
        patients.join(old, on=SUBJECT, how="left", maintain_order="left")
        .with_columns(birth_date=pl.coalesce(nearer.cast(pl.Date), "birth_date"))
        .drop("nearer"),
        events.join(old, on=SUBJECT, how="left", maintain_order="left")
        .with_columns(
            pl.when(birth).then(pl.coalesce(nearer, name)).otherwise(name).alias(name)
            for name in ("time", "available_time")
        )
        .drop("nearer"),
    )
