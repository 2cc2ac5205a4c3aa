"""When the data end, where some patients have a record that is dated ahead."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.core.errors import TableError
from chronicle.core.until import AHEAD, MANY, SLIPS, keep, kept, last_of_most
from tests.drawn import day

SEEN = [0] * MANY  # a hospital of enough patients


def end(days: list[float]):
    return last_of_most(pl.Series([day(each) for each in days], dtype=pl.Datetime))


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        pytest.param([700], 0, id="a slip of the year"),
        pytest.param([364, 700], 0, id="two of them"),
        pytest.param([700, 701, 702], 702, id="so many are no slip"),
        pytest.param([AHEAD.days], AHEAD.days, id="near enough to be true"),
        pytest.param([AHEAD.days, 700], AHEAD.days, id="and one that is not"),
    ],
)
def test_the_data_end_where_more_than_a_few_patients_are(ahead, expected):
    assert end(SEEN + ahead) == day(expected)


def test_of_few_patients_the_last_record_is_the_end():
    assert end([0, 0, 0, 700]) == day(700)
    assert end([]) is None


@pytest.mark.parametrize("when", [day(0.123456), day(3), None])
def test_the_end_that_is_kept_is_read_again_to_the_microsecond(tmp_path, when):
    keep(when, tmp_path)
    assert kept(tmp_path) == when


def test_index_times_from_before_the_end_was_kept_say_which_stage_to_run(tmp_path):
    (tmp_path / "0.parquet").touch()
    with pytest.raises(TableError, match="when the data end"):
        kept(tmp_path)


@given(
    st.lists(st.integers(-3000, 0), min_size=MANY, max_size=3 * MANY),
    st.lists(st.integers(1000, 9000), max_size=SLIPS),
)
def test_slips_never_move_the_end_behind_the_true_one(seen, ahead):
    assert end(seen + ahead) <= day(max(seen))
