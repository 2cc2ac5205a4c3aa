"""Tables for `damage_arms.py`: without what is known to be wrong."""

from pathlib import Path

import polars as pl

from chronicle.core import store
from chronicle.core.tables import EVENTS

AT = ["subject_id", "time", "code"]
NUMBER = ("numeric_value", "unit")
SAME = 1e-3  # of a number: conversions round


def without_wrong(tables: Path, clean: Path, known: Path) -> None:
    """Write what the clean tables have as well, once; of other numbers, the row."""
    (known / "events").mkdir(parents=True)
    (known / "patients").symlink_to((clean / "patients").resolve())
    for path in store.shards(tables / "events"):
        right = store.read(EVENTS, clean / "events" / path.name)
        rows = _right(store.read(EVENTS, path), right)
        store.write(EVENTS, rows, known / "events" / path.name)


def _right(rows: pl.DataFrame, clean: pl.DataFrame) -> pl.DataFrame:
    there = rows.with_row_index("row").join(clean.select(AT).unique(), on=AT)
    numbers = clean.select(*AT, right="numeric_value").drop_nulls("right")
    both = there.select("row", *AT, "numeric_value").join(numbers, on=AT)
    off = (pl.col("numeric_value") - pl.col("right")).abs()
    right = both.filter(off <= SAME * pl.col("right").abs())["row"].unique()
    held = pl.when(pl.col("row").is_in(right.implode()))
    nulled = there.with_columns(held.then(each).alias(each) for each in NUMBER)
    once = nulled.unique([*AT, "numeric_value", "text_value"], keep="first")
    return once.sort("row").select(rows.columns)
