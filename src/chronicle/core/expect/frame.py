"""Polars into the pandas types that Great Expectations compares fast and rightly."""

from typing import Any

import pandas as pd
import polars as pl


def to_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """Convert every column; nulls stay nulls."""
    return pd.DataFrame(
        {column.name: _series(column) for column in frame},
        index=pd.RangeIndex(frame.height),
    )


def _series(column: pl.Series) -> "pd.Series[Any]":
    """Convert one column.

    Great Expectations compares float64 and times with a zone as whole columns, and
    everything else value by value; without a zone, only where they are nanoseconds,
    which end in 2262, before the calendars of de-identified sets do.
    """
    if column.dtype == pl.String:
        return _words(column)
    if column.dtype.is_temporal():
        times = column.cast(pl.Datetime("us")).to_numpy()
        return pd.Series(times).dt.tz_localize("UTC")
    if column.dtype.is_float():
        # Pandas takes NaN for null, and what is null passes every range.
        known = column.cast(pl.Float64).fill_nan(float("inf"))
        return pd.Series(known.to_numpy())
    return pd.Series(pd.array(column.to_list()))


def _words(column: pl.Series) -> "pd.Series[Any]":
    kinds = column.unique(maintain_order=True).drop_nulls()
    if 2 * len(kinds) > len(column):
        return pd.Series(column.to_list(), dtype="str")
    # A condition on a code is asked thirty times: comparing numbers is three times
    # as fast as comparing words.
    numbers = column.cast(pl.Enum(kinds)).to_physical().cast(pl.Int32).fill_null(-1)
    return pd.Series(
        pd.Categorical.from_codes(
            numbers.to_numpy(), categories=pd.Index(kinds.to_list(), dtype="str")
        )
    )
