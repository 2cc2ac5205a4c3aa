"""Train or test, by hash of the patient: never by row, never by order."""

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


def _share(subject_id: int, salt: int) -> float:
    digest = blake2b(f"{salt}/{subject_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / SPAN
