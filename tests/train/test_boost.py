import numpy as np
import pandas as pd
import pytest

from chronicle.train import boost
from chronicle.train.enough import too_few

SETTINGS = {"rounds": 20, "num_leaves": 4, "min_data_in_leaf": 5, "seed": 1}


def model(*, threads: int, seed: int = 1) -> str:
    draw = np.random.default_rng(0)
    features = pd.DataFrame(draw.normal(size=(400, 5)), columns=list("abcde"))
    features.iloc[::3, 1] = np.nan
    outcome = (features["a"] + draw.normal(size=400) > 0).to_numpy().astype(float)
    settings = SETTINGS | {
        "num_threads": threads,
        "seed": seed,
        "feature_fraction": 0.6,
    }
    return boost.fit(features, outcome, np.ones(400), np.zeros(400), settings)


def test_the_number_of_threads_does_not_change_a_byte():
    assert model(threads=1) == model(threads=2) == model(threads=4)


def test_another_seed_gives_another_model():
    assert model(threads=1) != model(threads=1, seed=2)


@pytest.mark.parametrize(
    ("train", "test", "made"),
    [(5, 5, True), (4, 5, False), (5, 4, False), (0, 0, False)],
)
def test_a_model_needs_enough_patients_with_an_outcome_in_both_splits(
    train, test, made
):
    found = {"train": counted(train, of=20), "test": counted(test, of=20)}
    assert (too_few(found, {"train": 5, "test": 5}) is None) is made


def test_where_all_have_an_onset_there_is_nothing_to_tell_apart():
    found = {"train": counted(20, of=20), "test": counted(9, of=20)}
    assert "nothing to tell apart" in too_few(found, {"train": 5, "test": 5})


def counted(outcomes: int, *, of: int) -> dict[str, int]:
    return {"outcomes": outcomes, "outcome_index_times": outcomes, "index_times": of}
