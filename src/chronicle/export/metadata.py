"""What a MEDS data set says of itself: its codes, its splits, its columns."""

from collections.abc import Iterable
from importlib.metadata import version

import polars as pl

from chronicle.core.declaration import Column, Table
from chronicle.export.data import KEYS, MODIFIERS, SITES, WHEN_IT_HAPPENED

MEDS_VERSION = "0.4.1"
SPLIT = {"train": "train", "test": "held_out"}  # MEDS has a word of its own

CODES = Table(
    "MEDS codes",
    "one code",
    {
        "code": Column(pl.String(), "as in the data"),
        "description": Column(pl.String(), "none: displays are not kept", True),
        "parent_codes": Column(pl.List(pl.String()), "none", True),
    },
    order=("code",),
)
SPLITS = Table(
    "MEDS splits",
    "one subject",
    {
        "subject_id": Column(pl.Int64(), "as in the data"),
        "split": Column(pl.String(), "train or held_out"),
    },
    order=("subject_id",),
)


def splits(patients: pl.DataFrame, cohorts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return the split of each patient; who is in no cohort has no label: train.

    Args:
        patients: `subject_id` of all.
        cohorts: `cohort` tables; a patient is in one split in all of them.
    """
    none = pl.DataFrame(schema=SPLITS.schema)
    known = pl.concat([none, *(each.select(SPLITS.schema.keys()) for each in cohorts)])
    return patients.join(known.unique(), on="subject_id", how="left").with_columns(
        split=pl.col("split").replace_strict(SPLIT, default="train")
    )


def about() -> dict[str, str | list[str]]:
    """Return `dataset.json`; without a date: same data, same bytes."""
    return {
        "dataset_name": "chronicle",
        "etl_name": "chronicle",
        "etl_version": version("chronicle"),
        "meds_version": MEDS_VERSION,
        "code_modifier_columns": [*MODIFIERS],
        "raw_source_id_columns": [*KEYS],
        "site_id_columns": [*SITES],
        "other_extension_columns": [WHEN_IT_HAPPENED],
    }
