"""Censored people are neither cases nor controls: those like them count for more.

Source: Graf E et al. Assessment and comparison of prognostic classification schemes for
survival data. Stat Med 1999;18:2529-2545 (inverse probability of censoring weights).
"""

import polars as pl

# Nobody counts for more than so many: one late survivor must not decide a model.
MAX_WEIGHT = 10.0


def by_censoring(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `weight`: 1 / P(uncensored just before `time_days`); 0 where censored.

    The probability is Kaplan and Meier's, with being censored as the event.
    """
    return (
        rows.join(_uncensored(rows), on="time_days", how="left", maintain_order="left")
        .with_columns(
            weight=pl.when(pl.col("status") == "censored")
            .then(0.0)
            .otherwise((1 / pl.col("uncensored")).clip(1.0, MAX_WEIGHT))
        )
        .drop("uncensored")
    )


def _uncensored(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the share still uncensored just before each time.

    >>> rows = pl.DataFrame({"time_days": [1.0, 2.0], "status": ["censored", "onset"]})
    >>> _uncensored(rows)["uncensored"].to_list()
    [1.0, 0.5]
    """
    times = (
        rows.group_by("time_days")
        .agg(n=pl.len(), lost=(pl.col("status") == "censored").sum())
        .sort("time_days")
    )
    # Who ends and who is lost at one time: the ends come first, as is the convention.
    at_risk = pl.col("n").sum() - pl.col("n").cum_sum() + pl.col("lost")
    stay = pl.when(pl.col("lost") > 0).then(1 - pl.col("lost") / at_risk).otherwise(1.0)
    share = stay.cum_prod().shift(1, fill_value=1.0)
    return times.select("time_days", uncensored=share)
