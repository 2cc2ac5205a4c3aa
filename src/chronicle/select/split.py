"""Train, test or neither, in three ways: by patient, by time, by site.

By patient: a hash, never a row, never an order. By time: what is learnt ends before the
first index time that is asked, and no patient is on both sides. By site: some sites are
kept apart whole.
"""

from collections.abc import Collection
from datetime import datetime
from hashlib import blake2b

import polars as pl

SPAN = 2.0**64


def by_patient(rows: pl.DataFrame, test_fraction: float, *, salt: int) -> pl.DataFrame:
    """Add `split`: all rows of a patient are in the same one."""
    subjects = rows["subject_id"].unique()
    tested = [each for each in subjects if _share(each, salt) < test_fraction]
    return rows.with_columns(
        split=pl.when(pl.col("subject_id").is_in(tested))
        .then(pl.lit("test"))
        .otherwise(pl.lit("train"))
    )


def by_time(
    rows: pl.DataFrame, since: datetime, *, horizon_days: int, blur_days: int
) -> pl.DataFrame:
    """Add `split_temporal` to rows that have `split`; null: in neither.

    Args:
        rows: `prediction_time`, `split`.
        since: UTC. Patients of the test split are asked from then on; those of the
            train split as long as their horizon ends before.
        horizon_days: As the disease file says.
        blur_days: Dates may be shifted back by so much: training ends as much earlier,
            so that in true dates too nothing that is learnt comes after what is asked.
    """
    index, split = pl.col("prediction_time"), pl.col("split")
    label_end = index + pl.duration(days=horizon_days + blur_days)
    return rows.with_columns(
        split_temporal=pl.when(split == "train", label_end <= since)
        .then(pl.lit("train"))
        .when(split == "test", index >= since)
        .then(pl.lit("test"))
    )


def by_site(rows: pl.DataFrame, held_out: Collection[str]) -> pl.DataFrame:
    """Add `split_site`: test where the patient's site is held out."""
    return rows.with_columns(
        split_site=pl.when(pl.col("site").is_in(list(held_out)))
        .then(pl.lit("test"))
        .otherwise(pl.lit("train"))
    )


def sites(rows: pl.DataFrame) -> list[str]:
    """Return the sites that rows are of."""
    return sorted(rows["site"].drop_nulls().unique())


def _share(subject_id: int, salt: int) -> float:
    digest = blake2b(f"{salt}/{subject_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / SPAN
