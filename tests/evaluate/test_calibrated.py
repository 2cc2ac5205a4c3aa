import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from chronicle.evaluate import calibrated, score
from chronicle.evaluate.table import exact


def test_slope_and_intercept_are_those_of_a_logistic_regression():
    draw = np.random.default_rng(3)
    logit = draw.normal(-1, 1.5, 800)
    outcome = (draw.random(800) < 1 / (1 + np.exp(-(0.4 + 0.6 * logit)))).astype(float)
    weight = draw.integers(1, 4, 800).astype(float)
    fitted = LogisticRegression(C=1e9, tol=1e-10).fit(logit[:, None], outcome, weight)
    risk = 1 / (1 + np.exp(-logit))
    slope = calibrated.slope(exact(outcome, risk, weight[None, :]))[0]
    assert slope == pytest.approx(fitted.coef_[0, 0], abs=1e-4)


def test_risks_that_are_rare_and_nearly_one_have_a_slope():
    draw = np.random.default_rng(1)
    logit = draw.normal(-6.6, 0.07, 20_000)
    chance = 1 / (1 + np.exp(-(8 * (logit + 6.6) - 5)))
    outcome = (draw.random(20_000) < chance).astype(float)
    fitted = LogisticRegression(C=1e9, tol=1e-10).fit(logit[:, None] + 6.6, outcome)
    table = exact(outcome, 1 / (1 + np.exp(-logit)), np.ones((1, 20_000)))
    assert calibrated.slope(table)[0] == pytest.approx(fitted.coef_[0, 0], rel=1e-3)


def test_true_risks_have_intercept_nought_and_slope_one():
    draw = np.random.default_rng(5)
    risk = draw.beta(1, 6, 50_000)
    outcome = (draw.random(50_000) < risk).astype(float)
    table = exact(outcome, risk, np.ones((1, 50_000)))
    assert calibrated.intercept(table)[0] == pytest.approx(0, abs=0.05)
    assert calibrated.slope(table)[0] == pytest.approx(1, abs=0.05)
    assert score.observed_expected(table)[0] == pytest.approx(1, abs=0.05)


def drawn(number: int, *, slope: float = 1.0, level: float = 0.0, seed: int = 1):
    """Draw people whose true logit is `level + slope * given`."""
    draw = np.random.default_rng(seed)
    given = draw.normal(-2, 1, number)
    true = 1 / (1 + np.exp(-(level + slope * given)))
    outcome = (draw.random(number) < true).astype(float)
    return outcome, 1 / (1 + np.exp(-given)), true


@pytest.mark.parametrize("name", ["intercept", "slope"])
def test_pooled_replicates_tell_what_each_would_alone(name):
    outcome, risk, _ = drawn(6000, slope=0.7, level=0.3)
    times = np.random.default_rng(2).poisson(1, (20, 6000)).astype(float)
    judge = getattr(calibrated, name)
    alone = [judge(exact(outcome, risk, each[None, :]))[0] for each in times]
    spread = np.std(alone)
    # What pooling changes is a small part of what resampling does.
    assert np.abs(judge(exact(outcome, risk, times)) - alone).max() < spread / 20


@pytest.mark.parametrize(("slope", "level"), [(1, 0), (0.5, 0), (1, 1), (1.5, -0.5)])
def test_the_calibration_index_is_the_mean_distance_from_the_truth(slope, level):
    outcome, risk, true = drawn(60_000, slope=slope, level=level)
    found = calibrated.ici(exact(outcome, risk, np.ones((1, 60_000))))[0]
    assert found == pytest.approx(np.abs(risk - true).mean(), abs=0.006)


def test_a_replicate_without_a_case_has_no_slope_and_spoils_no_other():
    outcome, risk, _ = drawn(50)
    weights = np.stack([1 - outcome, np.ones(50)])
    slope = calibrated.slope(exact(outcome, risk, weights))
    assert slope[1] == calibrated.slope(exact(outcome, risk, weights[1:]))[0]


@pytest.mark.parametrize("seed", range(6))
def test_a_few_at_high_risk_far_from_the_rest_do_not_make_the_slope_run_away(seed):
    draw = np.random.default_rng(seed)
    far = draw.random(1500) < 0.06
    logit = np.where(far, draw.normal(1, 1, 1500), draw.normal(-8, 1, 1500))
    risk = 1 / (1 + np.exp(-logit))
    outcome = (draw.random(1500) < risk).astype(float)
    slope = calibrated.slope(exact(outcome, risk, np.ones((1, 1500))))
    assert 0.5 < slope[0] < 2
