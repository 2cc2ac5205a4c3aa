import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.select.weigh import by_censoring

STATUS = st.sampled_from(["onset", "death", "horizon", "censored"])


def weights(*rows: tuple[float, str]) -> list[float]:
    frame = pl.DataFrame(
        {"time_days": [float(t) for t, _ in rows], "status": [s for _, s in rows]}
    )
    return by_censoring(frame)["weight"].to_list()


def test_who_stays_counts_for_those_who_left_before():
    assert weights((10, "censored"), (20, "onset")) == [0.0, 2.0]


def test_who_ended_before_anybody_left_counts_once():
    assert weights((5, "onset"), (10, "censored"), (20, "horizon")) == [1.0, 0.0, 2.0]


@given(st.lists(st.tuples(st.integers(1, 50), STATUS), min_size=1, max_size=40))
def test_weights_stand_for_everybody_while_none_is_capped(rows):
    made = weights(*rows)
    last = max(t for t, _ in rows)
    left_last = any(t == last and s == "censored" for t, s in rows)
    if max(made) < 10 and not left_last:
        # Those who leave hand their weight on to the ones who stay.
        assert sum(made) == pytest.approx(len(rows))


@given(st.lists(st.tuples(st.integers(1, 50), STATUS), min_size=1, max_size=40))
def test_the_censored_weigh_nothing_and_the_others_at_least_one(rows):
    for (_, status), weight in zip(rows, weights(*rows), strict=True):
        assert weight == 0 if status == "censored" else 1 <= weight <= 10
