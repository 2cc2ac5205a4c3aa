"""Published equations: what is fitted of them, and on whom."""

import numpy as np
import polars as pl
import pytest

from chronicle.evaluate.published import recalibrated


def train(n: int = 20_000, *, cases: float = 1.0) -> pl.DataFrame:
    """Draw patients whose true odds are half of what the equation says."""
    dice = np.random.default_rng(3)
    given = dice.beta(1, 4, n)
    odds = cases * given / (1 - given) / 2
    return pl.DataFrame(
        {
            "boolean_value": dice.random(n) < odds / (1 + odds),
            "weight": 1.0,
            "score_x": given,
        }
    )


def test_an_equation_of_another_place_is_put_right_by_training_patients():
    found = recalibrated(train(), "score_x", pl.Series([0.2, 0.5]))
    assert found == pytest.approx([1 / 9, 1 / 3], abs=0.02)


def test_of_few_outcomes_nothing_is_fitted():
    rare = train(2000, cases=0.01)
    assert recalibrated(rare, "score_x", pl.Series([0.2, 0.5])).tolist() == [0.2, 0.5]


def test_where_there_is_no_score_there_is_no_risk_and_nothing_is_learnt_from_it():
    known = train()
    more = known.with_columns(score_x=pl.Series([None, float("nan")] * 10_000))
    given = pl.Series([None, float("nan"), 0.2])
    found = recalibrated(pl.concat([known, more]), "score_x", given)
    assert np.isnan(found[:2]).all()
    assert found[2] == recalibrated(known, "score_x", given)[2]
