"""Which wrong numbers can be seen in tables at all, measured on right ones.

A number can be seen to be wrong where it lies farther from what it should be like than
9,999 of 10,000 right numbers of its code do, in the same virtual patients without any
fault: from the median of the two before and the two after of the same person, from the
median of all of that person, or, where there are fewer than two others, from the
numbers of everybody. A check that went below would accuse more right numbers than wrong
ones where two in a thousand are wrong.
"""

import polars as pl

RARE = 1e-4
LEAST = 2  # others of the same person
SERIES = ["subject_id", "code"]
KEY = ["provenance", "code"]


def measured(events: pl.DataFrame) -> pl.DataFrame:
    """Return the numbers with their distances, in logarithms: `near`, `own`, `log`."""
    log = pl.col("log")
    steps = [log.shift(step).over(SERIES) for step in (-2, -1, 1, 2)]
    near = pl.concat_list(steps).list.drop_nulls().list.median()
    others = pl.len().over(SERIES) - 1
    return (
        events.filter(
            pl.col("numeric_value") > 0, ~pl.col("code").str.starts_with("LOCAL//")
        )
        .sort(*SERIES, "time")
        .with_columns(log=pl.col("numeric_value").cast(pl.Float64).log())
        .with_columns(others=others, near=(log - near).abs())
        .with_columns(own=(log - log.median().over(SERIES)).abs())
    )


def limits(right: pl.DataFrame) -> pl.DataFrame:
    """Return by code how far right numbers lie: `near_most`, `own_most`, `low`, `high`.

    Args:
        right: `events` without a fault.
    """
    told = measured(right)
    several = pl.col("others") >= LEAST
    return told.group_by("code").agg(
        near_most=pl.col("near").filter(several).quantile(1 - RARE, "higher"),
        own_most=pl.col("own").filter(several).quantile(1 - RARE, "higher"),
        low=pl.col("log").quantile(RARE, "lower"),
        high=pl.col("log").quantile(1 - RARE, "higher"),
    )


def visible(events: pl.DataFrame, right: pl.DataFrame) -> set[str]:
    """Return the resources with a number that lies beyond these limits."""
    # Of two values that differ, nothing says which is wrong, save what nobody has.
    beyond = (pl.col("others") >= LEAST) & (
        (pl.col("near") > pl.col("near_most")) | (pl.col("own") > pl.col("own_most"))
    )
    log = pl.col("log")
    strange = (log < pl.col("low")) | (log > pl.col("high"))
    told = measured(events).join(limits(right), on="code")
    return set(told.filter(beyond.fill_null(False) | strange)["provenance"])
