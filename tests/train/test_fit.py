from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from chronicle.core.model import score_of_baseline
from chronicle.train.baseline import Way, together
from chronicle.train.data import Data, gain, log_loss
from chronicle.train.fit import Plan, fit
from chronicle.train.folds import folds
from chronicle.train.tune import Tuning

AGE = Way("age", ("age_years",), (), (1.0,))
BOTH = Way("both", ("age_years", "bmi"), ("age_years",), (0.001, 1.0))
SETTINGS = {
    "rounds": 60, "num_leaves": 4, "min_data_in_leaf": 20, "learning_rate": 0.1,
    "max_bin": 63, "seed": 1,
}  # fmt: skip
TUNING = Tuning(
    trials=0,
    least_outcome_patients=10,
    ranges={"num_leaves": (2, 8), "learning_rate": (0.001, 0.1)},
)
COLUMNS = {"all": ["age_years", "bmi"]}
PLAN = Plan([AGE], SETTINGS, COLUMNS, {}, ["none"], TUNING, 1, 0.5, 1.0, 90.0, [30])


def data(effect: float, number: int = 1500, *, line: float = 0) -> Data:
    """Draw people whose risk depends on age, and by `effect` on whether bmi is high."""
    draw = np.random.default_rng(9)
    features = pd.DataFrame(
        {"age_years": draw.normal(0, 1, number), "bmi": draw.normal(0, 1, number)}
    )
    logit = -1.5 + features["age_years"] + effect * (features["bmi"] > 0)
    logit += line * features["bmi"]
    outcome = (draw.random(number) < 1 / (1 + np.exp(-logit))).to_numpy().astype(float)
    return Data(features, outcome, np.ones(number), np.arange(number) // 2)


def dealt(given: Data) -> list:
    return list(folds(given.subjects, given.outcome, 4, 1))


def fitted(effect: float, *, line: float = 0, **changes):
    given = data(effect, line=line)
    return fit(given, dealt(given), replace(PLAN, **changes))


def rounds(found) -> int:
    return found.chosen["settings"]["rounds"]


def test_where_trees_find_nothing_hardly_any_is_kept():
    assert rounds(fitted(effect=0)) == 1


def test_where_trees_find_something_they_are_kept():
    found = fitted(effect=2)
    assert rounds(found) >= 20
    assert found.chosen["trees"]["gain"] > 3 * found.chosen["trees"]["error"]
    some, whole = found.learning
    assert (some["percent"], whole["percent"]) == (30, 100)
    assert some["patients"] == 0.3 * whole["patients"] == 225
    assert 0.6 < some["auroc"] < whole["auroc"]


def test_a_refit_learns_from_its_rows_alone_and_few_outcomes_make_none():
    given = data(effect=2)
    some, few = np.arange(1500) < 700, np.arange(1500) < 4
    whole, half = fit(
        given, dealt(given), PLAN,
        {"all": np.ones(1500, dtype=bool), "some": some, "few": few},
    ).refits  # fmt: skip
    assert (whole.about["patients"], half.about["patients"]) == (750, 350)
    found = fitted(effect=2)
    assert (whole.text, whole.about["start"]) == (found.text, found.start)
    assert whole.about["calibration"] == pytest.approx(found.calibration)
    assert half.about["start"] != whole.about["start"]
    assert half.text != whole.text


def test_trees_start_from_the_mean_of_the_baselines():
    found = fitted(effect=0, line=1, baselines=[AGE, BOTH])
    few, both = found.baselines
    assert (few["name"], both["name"], both["inverse_penalty"]) == ("age", "both", 1)
    given = data(effect=0, line=1).features
    scores = [score_of_baseline(each, given) for each in (few, both)]
    mean = pytest.approx(np.mean(scores, 0), abs=1e-5)  # as far as it is written
    assert score_of_baseline(found.start, given) == mean
    alone = score_of_baseline(together([both]), given)
    assert alone == pytest.approx(scores[1], abs=1e-5)


def test_where_little_can_be_learnt_risks_are_still_ordered_by_age():
    given = data(effect=0)
    some = given.only(np.arange(1500) < 60)
    found = fit(some, dealt(some), PLAN)
    assert 0 < some.outcomes < 20
    assert found.calibration["slope"] > 0.5
    assert found.start["terms"][0]["coefficient"] > 0


def test_of_what_trees_add_as_much_is_taken_as_is_sure():
    none, some, much = fitted(effect=0), fitted(effect=0.9), fitted(effect=2)
    shares = [each.chosen["settings"]["share"] for each in (none, some, much)]
    assert shares[0] == 0 < shares[1] < shares[2] < 1
    features = data(effect=0).features
    added = [
        lgb.Booster(model_str=each.text).predict(features, raw_score=True)
        for each in (none, much)
    ]
    assert (added[0] == 0).all()
    told = much.chosen["trees"]
    assert shares[2] == pytest.approx(1 - (told["error"] / told["gain"]) ** 2, abs=1e-5)


def test_a_search_finds_settings_that_are_better_and_says_by_how_much():
    slow = SETTINGS | {"learning_rate": 0.001, "num_leaves": 2}
    search = TUNING.model_copy(update={"trials": 6})
    found = fitted(effect=2, settings=slow, tuning=search)
    told = found.chosen["tuning"]
    assert told["trials"] == 6
    assert told["gain"] > told["error"] > 0
    assert told["changed"]["learning_rate"] > 0.001
    assert told["changed"].items() <= found.chosen["settings"].items()
    assert fitted(effect=2, settings=slow, tuning=search) == found


def test_where_outcomes_are_few_nothing_is_searched():
    few = TUNING.model_copy(update={"trials": 6, "least_outcome_patients": 5000})
    assert fitted(effect=2, tuning=few).chosen["tuning"]["trials"] == 0


def test_methods_for_rare_outcomes_are_compared_and_leave_risks_as_high_as_they_were():
    methods = ["none", "weights", "undersampled", "focal"]
    found = fitted(effect=1, imbalance=methods)
    told = found.chosen["imbalance"]
    assert [each["method"] for each in told] == methods
    assert told[0]["gain"] == 0
    # All see the same effect: calibrated, none is far from another.
    assert all(abs(each["gain"]) < 0.02 for each in told)


@pytest.mark.parametrize("way", [1, -1])
def test_what_may_only_rise_does_not_fall(way):
    found = fitted(effect=2, monotone={"bmi": way})
    steps = pd.DataFrame({"age_years": 0.0, "bmi": np.linspace(-3, 3, 50)})
    risen = np.diff(lgb.Booster(model_str=found.text).predict(steps, raw_score=True))
    assert (way * risen >= 0).all()
    assert (risen != 0).any() == (way == 1)


def test_a_gain_is_as_sure_as_there_are_patients_not_rows():
    given = data(effect=0)
    before, after = np.zeros(1500), -given.outcome
    twice = [np.repeat(each, 2) for each in (before, after)]
    double = Data(
        given.features.loc[given.features.index.repeat(2)],
        *(np.repeat(e, 2) for e in (given.outcome, given.weight, given.subjects)),
    )
    assert gain(double, *twice) == pytest.approx(gain(given, before, after))


def test_two_fits_of_the_same_rows_are_the_same_bytes():
    assert fitted(effect=1) == fitted(effect=1)


def test_the_loss_of_a_sure_score_is_nought_or_the_score():
    scores = np.array([[50.0, 0.0], [-50.0, 0.0]])
    loss = log_loss(scores, np.array([1.0, 1.0]), np.ones(2))
    assert np.allclose(loss, [25, np.log(2)])
