"""What MEDS calls labels: of one subject at one prediction time."""

import polars as pl

from chronicle.core.declaration import Table
from chronicle.core.tables import COHORT

NAMES = ("subject_id", "prediction_time", "boolean_value")
LABELS = Table(
    "MEDS labels",
    "one subject at one prediction time",
    {name: COHORT.columns[name] for name in NAMES},
    order=("subject_id", "prediction_time"),
)


def labels(cohort: pl.DataFrame) -> pl.DataFrame:
    """Return what came of a cohort; MEDS has no word for those lost before."""
    return cohort.select(NAMES).drop_nulls("boolean_value")
