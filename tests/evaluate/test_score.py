import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from chronicle.evaluate import score
from chronicle.evaluate.table import exact

PEOPLE = st.lists(
    st.tuples(st.booleans(), st.integers(0, 10), st.integers(1, 5)),
    min_size=2,
    max_size=40,
).filter(lambda people: len({outcome for outcome, _, _ in people}) == 2)


def arrays(people) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    outcome, risk, weight = (
        np.array(each, float) for each in zip(*people, strict=True)
    )
    return outcome, risk / 10, weight


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (score.auroc, roc_auc_score),
        (score.auprc, average_precision_score),
        (score.brier, brier_score_loss),
    ],
    ids=["auroc", "auprc", "brier"],
)
@given(people=PEOPLE)
def test_a_score_equals_scikit_learns_with_ties_and_weights(ours, theirs, people):
    outcome, risk, weight = arrays(people)
    expected = theirs(outcome, risk, sample_weight=weight)
    assert ours(exact(outcome, risk, weight[None, :]))[0] == pytest.approx(expected)


@given(people=PEOPLE)
def test_replicates_are_scored_as_if_each_were_alone(people):
    outcome, risk, weight = arrays(people)
    other = weight[::-1] + 1
    together = score.auroc(exact(outcome, risk, np.stack([weight, other])))
    alone = [
        score.auroc(exact(outcome, risk, each[None, :]))[0] for each in (weight, other)
    ]
    assert together.tolist() == alone


def test_a_replicate_of_cases_alone_has_no_auroc():
    weights = np.array([[1.0, 0.0]])
    table = exact(np.array([1.0, 0]), np.array([0.9, 0.1]), weights)
    assert np.isnan(score.auroc(table))


def test_risks_that_are_half_of_the_truth_show_twice_the_outcomes():
    outcome, risk = np.array([1.0, 0.0]), np.array([0.25, 0.25])
    assert score.observed_expected(exact(outcome, risk, np.ones((1, 2))))[0] == 2


@given(people=PEOPLE)
def test_a_scaled_brier_score_is_one_for_the_truth_and_nought_for_the_average(people):
    outcome, _, weight = arrays(people)
    average = np.full(len(outcome), np.average(outcome, weights=weight))
    even = weight[None, :]
    assert score.scaled_brier(exact(outcome, outcome, even))[0] == 1
    found = score.scaled_brier(exact(outcome, average, even))[0]
    assert found == pytest.approx(0, abs=1e-9)
