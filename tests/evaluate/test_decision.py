import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.evaluate import decision
from chronicle.evaluate.sample import Judged
from chronicle.evaluate.table import exact

OUTCOME = np.array([1.0, 0.0, 1.0, 0.0, 0.0])
RISK = np.array([0.9, 0.6, 0.4, 0.2, 0.1])


def judged(outcome, risk):
    table = exact(outcome, risk, np.ones((1, len(outcome))))
    return Judged(table, table)


def benefit(outcome, risk, threshold):
    given = judged(outcome, risk)
    (found,) = decision.curve(given, thresholds=(threshold,), percent=95)
    return found["model"]["value"]


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [
        pytest.param(0.05, (2 - 3 * 0.05 / 0.95) / 5, id="acting on all"),
        pytest.param(0.5, (1 - 1) / 5, id="one right, one needless, of equal weight"),
        pytest.param(0.9, 1 / 5, id="the threshold itself is acted on"),
        pytest.param(0.95, 0, id="acting on nobody"),
    ],
)
def test_net_benefit_weighs_needless_acts_at_the_odds_of_the_threshold(
    threshold, expected
):
    assert benefit(OUTCOME, RISK, threshold) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("capacity", "lowest", "sensitivity", "ppv"),
    [
        pytest.param(20, 0.9, 0.5, 1, id="room for one"),
        pytest.param(59, 0.6, 0.5, 0.5, id="room for nearly three is room for two"),
        pytest.param(60, 0.4, 1, 2 / 3, id="room for three"),
        pytest.param(1, 0.9, 0.5, 1, id="somebody is always seen"),
    ],
)
def test_capacity_goes_to_the_highest_risks(capacity, lowest, sensitivity, ppv):
    (found,) = decision.at_capacity(
        judged(OUTCOME, RISK), percents=(capacity,), percent=95
    )
    assert found["lowest_risk"] == lowest
    assert found["sensitivity"]["value"] == pytest.approx(sensitivity)
    assert found["ppv"]["value"] == pytest.approx(ppv)
    assert found["needed_to_screen"]["value"] == pytest.approx(1 / ppv)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=1, max_size=30),
    st.floats(0.01, 0.99),
)
def test_no_benefit_is_above_that_of_knowing_the_future(people, threshold):
    outcome, risk = (np.array(each, float) for each in zip(*people, strict=True))
    ideal = benefit(outcome, outcome, threshold)
    assert benefit(outcome, risk / 20, threshold) <= ideal + 1e-12
    assert ideal == pytest.approx(outcome.mean())


def test_acting_on_everybody_is_told_beside_the_model():
    (found,) = decision.curve(judged(OUTCOME, RISK), thresholds=(0.05,), percent=95)
    assert found["everybody"] == pytest.approx(found["model"]["value"])


def test_a_line_that_moves_up_flags_fewer_and_finds_no_more():
    found = decision.movable(judged(OUTCOME, RISK), percent=95)
    assert [each["risk"] for each in found] == sorted(RISK)
    assert [each["flagged"] for each in found] == [1, 0.8, 0.6, 0.4, 0.2]
    found_of_all = [each["sensitivity"]["value"] for each in found]
    assert found_of_all == [1, 1, 1, 0.5, 0.5]
