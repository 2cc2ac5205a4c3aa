"""What was known of each thing at each index time, counted apart from `featurize`.

Nothing here is shared with the stage that is audited: it goes from the events to bounds
that whatever was built honestly must keep.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from chronicle.core.codes import has_code

READ = ["subject_id", "time", "available_time", "code", "numeric_value"]
KEY = ["subject_id", "prediction_time"]
BETWEEN = ("last", "mean", "min", "max")  # lie between the lowest and highest value
COUNT, DAYS = "1", "d"  # units
NEAR = 1e-4  # of a value: features are of single precision


def too_much(
    matrix: pl.DataFrame, events: pl.DataFrame, dictionary: Sequence[Mapping[str, Any]]
) -> pl.DataFrame:
    """Find index times at which a feature tells more than was known by then.

    Args:
        matrix: Features of some patients.
        events: The columns `READ`, of the same.
        dictionary: What each feature is called and which `codes` it reads.

    Returns:
        `part` (the thing), `n` (index times), `failed`.
    """
    seen = events.with_columns(known=pl.max_horizontal("time", "available_time"))
    codes = seen.select(pl.col("code").unique())
    rows = matrix.select(KEY).with_row_index("row").sort("prediction_time")
    found = []
    for thing, columns in things(dictionary).items():
        some = codes.filter(has_code(tuple(columns[0]["codes"])))["code"]
        by_then = _by_then(rows, seen.filter(pl.col("code").is_in(some.implode())))
        told = pl.concat([matrix, by_then], how="horizontal").select(
            pl.any_horizontal(_beyond(thing, each) for each in columns).sum()
        )
        found.append((thing, matrix.height, int(told.item())))
    return pl.DataFrame(
        found, {"part": pl.String, "n": pl.Int64, "failed": pl.Int64}, orient="row"
    )


def things(
    dictionary: Sequence[Mapping[str, Any]],
) -> dict[str, list[Mapping[str, Any]]]:
    """Return the columns that read events, by what they tell of."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for each in dictionary:
        if each["codes"]:
            found.setdefault(each["thing"], []).append(each)
    return found


def _by_then(rows: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Return of each index time: events known (`#n`), lowest and highest value."""
    value = pl.col("numeric_value").cast(pl.Float64).fill_nan(None)
    past = events.sort("known").select(
        "subject_id",
        "known",
        **{
            "#n": pl.int_range(1, pl.len() + 1).over("subject_id"),
            "#low": value.cum_min().forward_fill().over("subject_id"),
            "#high": value.cum_max().forward_fill().over("subject_id"),
        },
    )
    found = rows.join_asof(
        past, left_on="prediction_time", right_on="known", by="subject_id",
        check_sortedness=False,
    )  # fmt: skip
    return found.sort("row").select(pl.col("#n").fill_null(0), "#low", "#high")


def _beyond(thing: str, column: Mapping[str, Any]) -> pl.Expr:
    """Say where a feature tells more than that."""
    name, n = column["name"], pl.col("#n")
    told = pl.col(name).cast(pl.Float64)
    beyond = told.is_not_null() & (told != 0) & (n == 0)
    if column["unit"] == COUNT and name != thing:
        beyond |= told > n
    if column["unit"] == DAYS:
        beyond |= told < 0
    if name.removeprefix(f"{thing}_").split("_")[0] in BETWEEN:
        low, high = pl.col("#low"), pl.col("#high")
        beyond |= (told < low - low.abs() * NEAR) | (told > high + high.abs() * NEAR)
    return beyond.fill_null(False)
