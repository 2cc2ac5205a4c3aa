"""Who is at risk at which index time, and what came of it.

Intervals: prevalent is a sign known at index, or in the gap (index, index + gap]; the
outcome is an onset in (index + gap, index + horizon]. What ends the time at risk first
decides the status. Whoever is out before the gap is out by what was known at the index
time.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from chronicle.core.codes import recorded
from chronicle.core.disease import Disease
from chronicle.select import onset
from chronicle.select.evidence import Words, relevant

KEY = ["subject_id", "prediction_time"]
AHEAD = ("late", "gap")  # conditions that look past the index time
DAYS_A_YEAR = 365.2425
Counts = Counter[tuple[str, str]]


@dataclass(frozen=True)
class Sight:
    """How long people are seen.

    Args:
        lost_after_days: Follow-up ends so long after a patient's last record, if that
            is later than the index time; else it ends there,
        end: and here at the latest, UTC: the end of the data (`core/until.py`), less
            what dates are blurred by. Null only where there is no event.
    """

    lost_after_days: int
    end: datetime | None


def cohort(
    patients: pl.DataFrame,
    events: pl.DataFrame,
    index: pl.DataFrame,
    disease: Disease,
    said: Words,
    sight: Sight,
) -> tuple[pl.DataFrame, Counts]:
    """Draw the cohort of some patients.

    Args:
        patients: `patients` table.
        events: `events` table of the same patients.
        index: `index` table of the rule by which the disease is asked.
        disease: What is asked.
        said: What its names stand for.
        sight: How long people are seen.

    Returns:
        Rows with `subject_id`, `prediction_time`, `status`, `time_days`,
        `boolean_value` (null where censored), and what censoring may depend on:
        `seen_days` (from the index time to the end of all sight), `age_years`,
        `gender`, `site`; and what each step left, by (step, patients or index_times).
    """
    steps: Counts = Counter({("all", "patients"): patients.height})
    found = relevant(events, disease, said)
    rows = index.join(patients, on="subject_id").join(_seen(events), on="subject_id")
    rows = _with_onset(rows, found, disease, said).with_columns(
        age_years=_age(), admin=pl.lit(sight.end, pl.Datetime("us"))
    )
    _count(steps, "index", rows)
    for step, keep in _eligible(disease).items():
        rows = rows.filter(keep.fill_null(False))
        _count(steps, step, rows)
    seen, asked_at = pl.col("last_seen"), pl.col("prediction_time")
    # Of who never came back, nothing is known but that day: not that all stayed well.
    stays = pl.duration(days=sight.lost_after_days)
    lost = pl.when(seen > asked_at).then(seen + stays).otherwise(asked_at)
    rows = rows.with_columns(end=pl.min_horizontal(lost, "admin"))
    return _outcome(rows, disease), steps


def today(
    patients: pl.DataFrame,
    events: pl.DataFrame,
    index: pl.DataFrame,
    disease: Disease,
    said: Words,
) -> pl.DataFrame:
    """Say who of some patients is at risk at the last index time that there is.

    The conditions of `cohort`, but for those that look ahead; and whose death is known,
    of whenever, is dead.

    Returns:
        `subject_id`, `prediction_time`, and `out`, the first condition that is not met;
        null where all are.
    """
    found = relevant(events, disease, said)
    rows = index.join(patients, on="subject_id").join(_seen(events), on="subject_id")
    rows = _with_onset(rows, found, disease, said).with_columns(age_years=_age())
    known = {k: keep for k, keep in _eligible(disease).items() if k not in AHEAD}
    # A day of death ends with that day, after the last record: nobody dead is asked.
    dead = pl.col("deceased").fill_null(False) | pl.col("death_time").is_not_null()
    known["alive"] = ~dead
    out = pl.coalesce(
        pl.when(~keep.fill_null(False)).then(pl.lit(step))
        for step, keep in known.items()
    )
    return rows.select(*KEY, out=out)


def _with_onset(
    rows: pl.DataFrame, found: pl.DataFrame, disease: Disease, said: Words
) -> pl.DataFrame:
    """Add `onset`, the next one that may count, and `sign`, the first hint of it."""
    criteria = disease.onset.any_of
    if not disease.onset.recurrent:
        signs = onset.first_met(found, (*criteria, *disease.prevalent), said)
        met = onset.first_met(found, criteria, said)
        return rows.join(
            met.rename({"met": "onset"}), on="subject_id", how="left"
        ).join(signs.rename({"met": "sign"}), on="subject_id", how="left")
    each = onset.each_time(found, criteria, said).with_columns(onset="met")
    after = pl.col("prediction_time") + pl.duration(days=disease.gap_days)
    return (
        rows.with_columns(after=after)
        .sort("after")
        .join_asof(
            each.sort("met"), left_on="after", right_on="met", by="subject_id",
            strategy="forward", allow_exact_matches=False, check_sortedness=False,
        )
        .with_columns(sign=pl.lit(None, pl.Datetime("us")))
    )  # fmt: skip


def _seen(events: pl.DataFrame) -> pl.DataFrame:
    """Return the first and the last sight of each patient.

    The first is when something was first known: what was back-dated to long before is
    no history that anybody watched.
    """
    known = pl.max_horizontal("time", "available_time")
    return (
        events.filter(recorded())
        .group_by("subject_id")
        .agg(first_seen=known.min(), last_seen=pl.col("time").max())
    )


def _age() -> pl.Expr:
    born = pl.col("birth_date").cast(pl.Datetime("us"))
    return (pl.col("prediction_time") - born).dt.total_days() / DAYS_A_YEAR


def _eligible(disease: Disease) -> dict[str, pl.Expr]:
    """Return the conditions in the order in which they are counted."""
    index, sign = pl.col("prediction_time"), pl.col("sign")
    wanted = disease.eligible
    history = pl.duration(days=wanted.min_history_days)
    gap = pl.duration(days=disease.gap_days)
    any_sex = pl.lit(wanted.sex == "any")
    return {
        "birth": pl.col("birth_date").is_not_null(),
        "age": pl.col("age_years").is_between(
            wanted.min_age_years, wanted.max_age_years
        ),
        "sex": any_sex | (pl.col("gender") == wanted.sex),
        "alive": pl.col("death_time").is_null() | (pl.col("death_time") > index),
        "history": pl.col("first_seen") + history <= index,
        "prevalent": sign.is_null() | (sign > index),
        "late": pl.col("admin") > index + gap,
        "gap": sign.is_null() | (sign > index + gap),
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
        "age_years",
        "gender",
        "site",
        status=status,
        time_days=(first - index).dt.total_seconds() / 86400,
        seen_days=(pl.col("admin") - index).dt.total_seconds() / 86400,
    ).with_columns(
        boolean_value=pl.when(pl.col("status") != "censored").then(
            pl.col("status") == "onset"
        )
    )


def _count(steps: Counts, step: str, rows: pl.DataFrame) -> None:
    steps[step, "patients"] += rows["subject_id"].n_unique()
    steps[step, "index_times"] += rows.height
