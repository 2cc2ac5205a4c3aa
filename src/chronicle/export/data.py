"""What MEDS calls data: a measurement of a subject at a time."""

import polars as pl

from chronicle.core.codes import asserted
from chronicle.core.declaration import Column, Table
from chronicle.core.tables import EVENTS

# MEDS says "up to and including the prediction time" of `time` alone.
WHEN_IT_HAPPENED = "event_time"
ITS_TIME = ("MEDS_BIRTH", "MEDS_DEATH")
KEPT = ("numeric_value", "text_value", "unit", "site", "encounter_id", "provenance")
MODIFIERS, SITES, KEYS = ("unit",), ("site",), ("encounter_id", "provenance")

DATA = Table(
    "MEDS data",
    "one measurement of one subject",
    {
        "subject_id": EVENTS.columns["subject_id"],
        "time": Column(pl.Datetime("us"), "when it was known; null: static", True),
        "code": EVENTS.columns["code"],
        **{name: EVENTS.columns[name] for name in KEPT if name != "provenance"},
        "provenance": Column(pl.String(), "source resource; null: static", True),
        WHEN_IT_HAPPENED: Column(pl.Datetime("us"), "when it happened", True),
    },
    order=("subject_id", "time", "code"),  # null, which is static, comes first
)


def measurements(events: pl.DataFrame, patients: pl.DataFrame) -> pl.DataFrame:
    """Return what was said to have happened, at the time at which it was known.

    Args:
        events: `events` table of some patients.
        patients: `patients` of the same.

    Returns:
        Columns of `DATA`. Gender is static. What nobody asserts (refuted, not done) is
        left out: a reader of MEDS knows no status.
    """
    its_time = pl.col("code").is_in(ITS_TIME)
    known = pl.max_horizontal("time", "available_time")
    said = events.filter(asserted()).select(
        "subject_id",
        "code",
        *KEPT,
        time=pl.when(its_time).then("time").otherwise(known),
        **{WHEN_IT_HAPPENED: pl.col("time")},
    )
    static = patients.filter(pl.col("gender").is_not_null()).select(
        "subject_id", "site", code=pl.lit("GENDER//") + pl.col("gender")
    )
    return pl.concat([static, said], how="diagonal").select(DATA.schema.keys())
