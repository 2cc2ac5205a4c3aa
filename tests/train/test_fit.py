import numpy as np
import pandas as pd

from chronicle.train.fit import Data, fit, log_loss
from chronicle.train.folds import folds

START = {"name": "age", "columns": ["age_years"], "inverse_penalty": 1.0}
SETTINGS = {"rounds": 60, "num_leaves": 4, "min_data_in_leaf": 20, "seed": 1}


def data(effect: float, number: int = 1500) -> Data:
    """Draw people whose risk depends on age, and by `effect` on whether bmi is high."""
    draw = np.random.default_rng(9)
    features = pd.DataFrame(
        {"age_years": draw.normal(0, 1, number), "bmi": draw.normal(0, 1, number)}
    )
    logit = -1.5 + features["age_years"] + effect * (features["bmi"] > 0)
    outcome = (draw.random(number) < 1 / (1 + np.exp(-logit))).to_numpy().astype(float)
    return Data(features, outcome, np.ones(number), np.arange(number) // 2)


def fitted(effect: float):
    given = data(effect)
    return fit(given, list(folds(given.subjects, 4, 1)), START, SETTINGS)


def test_where_trees_find_nothing_hardly_any_is_kept():
    assert fitted(effect=0).rounds == 1


def test_where_trees_find_something_they_are_kept():
    assert fitted(effect=2).rounds >= 20


def test_two_fits_of_the_same_rows_are_the_same_bytes():
    assert fitted(effect=1) == fitted(effect=1)


def test_the_loss_of_a_sure_score_is_nought_or_the_score():
    scores = np.array([[50.0, 0.0], [-50.0, 0.0]])
    loss = log_loss(scores, np.array([1.0, 1.0]), np.ones(2))
    assert np.allclose(loss, [25, np.log(2)])
