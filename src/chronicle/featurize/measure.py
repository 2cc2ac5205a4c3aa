"""Numbers: last, mean, min, max, count in each window, and the time since."""

from collections.abc import Mapping

import polars as pl

from chronicle.featurize.known import KEY, having

SUMMARIES = ("last", "mean", "min", "max", "count")


def measure_columns(
    measures: Mapping[str, object], windows: tuple[int, ...]
) -> list[str]:
    """Return the columns that `measures` makes, in their order."""
    return [
        column
        for name in measures
        for column in (
            *(f"{name}_{what}_{days}d" for days in windows for what in SUMMARIES),
            f"{name}_since_days",
        )
    ]


def summarise(
    pairs: pl.DataFrame, codes: tuple[str, ...], name: str, windows: tuple[int, ...]
) -> pl.DataFrame:
    """Summarise one measure for each index time.

    Args:
        pairs: From `known`.
        codes: The codes of the measure.
        name: Prefix of the columns.
        windows: Days; a window is (index - n days, index].

    Returns:
        A row for each index time at which the measure was known. A summary is null
        where its window is empty; the count is 0. Of several values at one instant,
        the largest is the last: row order must not matter.
    """
    mine = having(pairs, codes).filter(pl.col("numeric_value").is_not_null())
    value = pl.col("numeric_value")
    kinds: list[pl.Expr] = []
    for days in windows:
        inside = value.filter(pl.col("age_days") < days)
        made = {
            "last": inside.last(),
            "mean": inside.mean(),
            "min": inside.min(),
            "max": inside.max(),
            "count": inside.count(),
        }
        kinds += [made[what].alias(f"{name}_{what}_{days}d") for what in SUMMARIES]
    since = pl.col("age_days").min().alias(f"{name}_since_days")
    return (
        mine.sort(*KEY, "time", "numeric_value")
        .group_by(KEY, maintain_order=True)
        .agg(*kinds, since)
    )
