import numpy as np
import pandas as pd
import pytest

from chronicle.train import boost
from chronicle.train.enough import too_few

SETTINGS = {"rounds": 20, "num_leaves": 4, "min_data_in_leaf": 5, "seed": 1}


def model(monkeypatch, *, threads: int, seed: int = 1) -> str:
    monkeypatch.setattr(boost, "ROWS_A_THREAD", 1)
    monkeypatch.setattr(boost.os, "cpu_count", lambda: threads)
    draw = np.random.default_rng(0)
    features = pd.DataFrame(draw.normal(size=(400, 5)), columns=list("abcde"))
    features.iloc[::3, 1] = np.nan
    outcome = (features["a"] + draw.normal(size=400) > 0).to_numpy().astype(float)
    settings = SETTINGS | {"seed": seed, "feature_fraction": 0.6}
    data = boost.bins(features, max_bin=63)
    aim = boost.Aim(outcome, np.ones(400), np.zeros(400))
    return boost.text(boost.grow(data, np.ones(400, dtype=bool), aim, settings))


def test_the_number_of_threads_does_not_change_a_byte(monkeypatch):
    alone = model(monkeypatch, threads=1)
    assert alone == model(monkeypatch, threads=2) == model(monkeypatch, threads=4)


def test_another_seed_gives_another_model(monkeypatch):
    assert model(monkeypatch, threads=1) != model(monkeypatch, threads=1, seed=2)


def test_rows_left_out_are_not_learnt_from():
    draw = np.random.default_rng(0)
    features = pd.DataFrame(draw.normal(size=(400, 2)), columns=list("ab"))
    outcome, rows = (features["a"] > 0).to_numpy(float), np.arange(400) < 200
    data = boost.bins(features, max_bin=63)

    def grown(outcome):
        aim = boost.Aim(outcome, np.ones(400), np.zeros(400))
        return boost.text(boost.grow(data, rows, aim, SETTINGS))

    assert grown(outcome) == grown(np.where(rows, outcome, 1 - outcome))
    assert grown(outcome) != grown(1 - outcome)


def test_trees_added_later_are_those_of_a_model_of_so_many():
    draw = np.random.default_rng(0)
    features = pd.DataFrame(draw.normal(size=(400, 2)), columns=list("ab"))
    aim = boost.Aim((features["a"] > 0).to_numpy(float), np.ones(400), np.zeros(400))
    data, rows = boost.bins(features, max_bin=63), np.ones(400, dtype=bool)
    whole = boost.grow(data, rows, aim, SETTINGS).predict(features, raw_score=True)
    grown = boost.grow(data, rows, aim, SETTINGS | {"rounds": 5}, on=True)
    told = boost.added(grown, features, 0, 5)
    while grown.current_iteration() < SETTINGS["rounds"]:
        grown.update()
    assert told + boost.added(grown, features, 5, 20) == pytest.approx(whole)


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
