from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.select.loss import ratios
from chronicle.select.weigh import by_censoring
from tests.drawn import INDEX

STATUS = st.sampled_from(["onset", "death", "horizon", "censored"])


def weights(*rows: tuple[float, str]) -> list[float]:
    return by_censoring(people(rows))["weight"].to_list()


def people(rows: Sequence[tuple[float, str]], seen: float = 9999) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "subject_id": range(len(rows)),
            "prediction_time": [INDEX] * len(rows),
            "time_days": [float(t) for t, _ in rows],
            "status": [s for _, s in rows],
            "seen_days": [float(seen)] * len(rows),
            "age_years": [50.0] * len(rows),
            "gender": ["female"] * len(rows),
            "site": ["-"] * len(rows),
        }
    )


def test_who_stays_counts_for_those_who_left_before():
    assert weights((10, "censored"), (20, "onset")) == [0.0, 2.0]


def test_who_ended_before_anybody_left_counts_once():
    assert weights((5, "onset"), (10, "censored"), (20, "horizon")) == [1.0, 0.0, 2.0]


@given(st.lists(st.tuples(st.integers(0, 50), STATUS), min_size=1, max_size=40))
def test_weights_stand_for_everybody_while_none_is_capped(rows):
    made = weights(*rows)
    last = max(t for t, _ in rows)
    left_last = any(t == last and s == "censored" for t, s in rows)
    if max(made) < 10 and not left_last:
        # Those who leave hand their weight on to the ones who stay.
        assert sum(made) == pytest.approx(len(rows), rel=1e-6)


@given(st.lists(st.tuples(st.integers(0, 50), STATUS), min_size=1, max_size=40))
def test_the_censored_weigh_nothing_and_the_others_at_least_one(rows):
    for (_, status), weight in zip(rows, weights(*rows), strict=True):
        assert weight == 0 if status == "censored" else 1 <= weight <= 10


def test_who_is_asked_late_stands_for_nobody_and_others_for_them():
    # Half are asked so late that ten days of them are seen.
    early = people([(20, "horizon")] * 2, seen=30)
    late = people([(10, "censored")] * 2, seen=10)
    rows = pl.concat([early, late]).with_columns(subject_id=pl.Series(range(4)))
    assert by_censoring(rows)["weight"].to_list() == [2.0, 2.0, 0.0, 0.0]


def mixed(seed: int = 1, n: int = 4000) -> pl.DataFrame:
    """Draw people of whom the old are ill more often, and lost more often."""
    chance = np.random.default_rng(seed)
    old, ill = chance.random(n) < 0.5, chance.random(n)
    sick = ill < np.where(old, 0.5, 0.1)
    lost = chance.exponential(np.where(old, 700.0, 7000.0))
    time = np.minimum(np.where(sick, chance.uniform(0, 730, n), 730.0), lost)
    status = np.where(time == lost, "censored", np.where(sick, "onset", "horizon"))
    return people([(0.0, "")] * n).with_columns(
        subject_id=pl.Series(range(n)),
        age_years=pl.Series(np.where(old, 75.0, 45.0)),
        time_days=pl.Series(time),
        status=pl.Series(status),
    )


def share_of_onsets(rows: pl.DataFrame) -> float:
    ill = rows.filter(pl.col("status") == "onset")["weight"].sum()
    return ill / rows["weight"].sum()


def test_where_those_who_are_ill_are_lost_weights_by_kind_of_person_find_the_truth():
    rows = mixed()
    assert share_of_onsets(by_censoring(rows)) == pytest.approx(0.30, abs=0.02)
    # What one weight for all, or none, would say.
    alike = by_censoring(rows.with_columns(age_years=pl.lit(50.0)))
    stays = (pl.col("status") != "censored").cast(pl.Float64)
    assert share_of_onsets(alike) < 0.28
    assert share_of_onsets(rows.with_columns(weight=stays)) > 0.27


def test_the_ratios_of_loss_are_found():
    rows = mixed()
    found = ratios(rows, (rows["status"] == "censored"))
    old = rows["age_years"].to_numpy() > 60
    assert found[old].mean() / found[~old].mean() == pytest.approx(10, rel=0.2)


def test_the_order_of_rows_changes_no_weight():
    rows = mixed(n=500)
    shuffled = rows.sample(fraction=1.0, shuffle=True, seed=3)
    assert by_censoring(shuffled).equals(by_censoring(rows))


def test_nobody_at_all_can_be_weighed():
    assert by_censoring(mixed().clear())["weight"].to_list() == []
