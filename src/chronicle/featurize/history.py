"""What was ever recorded, how often lately, and the last answer to a question."""

import polars as pl

from chronicle.featurize.known import KEY, having


def ever(pairs: pl.DataFrame, codes: tuple[str, ...], name: str) -> pl.DataFrame:
    """Return 1 for each index time by which one of `codes` had been recorded."""
    return (
        having(pairs, codes)
        .select(KEY)
        .unique()
        .with_columns(pl.lit(1).alias(f"{name}_ever"))
    )


def how_often(
    pairs: pl.DataFrame, codes: tuple[str, ...], name: str, windows: tuple[int, ...]
) -> pl.DataFrame:
    """Count the resources with one of `codes` in each window, each once."""
    inside = pl.col("provenance")
    return (
        having(pairs, codes)
        .group_by(KEY)
        .agg(
            inside.filter(pl.col("age_days") < days).n_unique().alias(f"{name}_{days}d")
            for days in windows
        )
    )


def last_answer(
    pairs: pl.DataFrame, question: str, answers: tuple[str, ...], name: str
) -> pl.DataFrame:
    """Return 1 where the last answer is one of `answers`, 0 where it is another."""
    return (
        having(pairs, (question,))
        .filter(pl.col("text_value").is_not_null())
        .sort(*KEY, "time", "text_value")
        .group_by(KEY, maintain_order=True)
        .agg(pl.col("text_value").last().is_in(answers).alias(name))
    )
