"""What Great Expectations is given says what the table said."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.core.expect.frame import to_pandas
from tests.drawn import day


def back(frame: pl.DataFrame, name: str) -> list[object]:
    column = to_pandas(frame)[name]
    nulls = column.isna()
    return [None if nulls[n] else each for n, each in enumerate(column)]


@given(st.lists(st.none() | st.sampled_from("abc") | st.text(max_size=3)))
def test_words_and_their_nulls_come_through(words):
    assert back(pl.DataFrame({"x": words}, {"x": pl.String}), "x") == words


@given(st.lists(st.none() | st.integers(-(2**62), 2**62)))
def test_a_long_number_keeps_every_digit_beside_a_null(numbers):
    assert back(pl.DataFrame({"x": numbers}, {"x": pl.Int64}), "x") == numbers


def test_times_beyond_2262_and_before_1677_keep_their_order():
    times = [day(-200_000), None, day(400_000)]
    column = to_pandas(pl.DataFrame({"x": times}, {"x": pl.Datetime("us")}))["x"]
    assert (column[0] < column[2], column.isna().tolist()) == (
        True,
        [False, True, False],
    )


@pytest.mark.parametrize(("number", "seen"), [(None, None), (1.5, 1.5)])
def test_a_null_stays_null_and_a_number_that_is_none_becomes_infinite(number, seen):
    frame = pl.DataFrame({"x": [number, float("nan")]}, {"x": pl.Float32})
    assert back(frame, "x") == [seen, float("inf")]


def test_a_table_without_a_row_or_a_column_still_counts():
    assert len(to_pandas(pl.DataFrame({"x": [1, 2]}))) == 2
    assert len(to_pandas(pl.DataFrame(schema={"x": pl.String}))) == 0
