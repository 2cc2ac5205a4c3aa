"""Which things act together, by the definition of it: the second difference."""

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from chronicle.core.model import predict, score_of_trees
from chronicle.explain.concepts import Groups, Thing
from chronicle.explain.explained import Explained
from chronicle.explain.pairs import pairs

NAMES = ("a", "b", "c", "d")
N = 3000
VALUES = np.random.default_rng(6).integers(0, 2, (N, 4)).astype(float)


def told(score, values=VALUES, thing_of=(0, 1, 2, 3)):
    """Ask of people whose things all matter alike."""
    columns = [f"x{at}" for at in range(values.shape[1])]
    things = tuple(Thing(n, "", (n,), {n: "1"}) for n in NAMES)
    apart = tuple((at,) for at in range(4))
    groups = Groups(things, ("all",), np.array(thing_of), np.zeros(4, int), apart)
    features = pd.DataFrame(values, columns=columns)
    even = np.ones((len(values), len(columns)))
    found = Explained(groups, features, np.full(len(values), 0.1), even, -2.0)
    return pairs(
        found, np.arange(len(values)) // 2, lambda f: score(*f.to_numpy().T), 1
    )


@pytest.mark.parametrize(
    ("score", "beyond"),
    [
        pytest.param(lambda a, b, c, d: a + b + c * d, None, id="only together"),
        pytest.param(lambda a, b, c, d: a + c + d + c * d, 0.5, id="half more"),
        pytest.param(lambda a, b, c, d: b + np.maximum(c, d), -0.5, id="one will do"),
    ],
)
def test_two_that_act_together_are_named_and_nobody_else(score, beyond):
    [pair] = told(score)
    assert pair["names"] == ["c", "d"]
    # Of two people, both differ in a quarter, and then by 1.
    assert pair["log_odds"] == pytest.approx(0.25, abs=0.03)
    # Null: alone, neither does anything.
    assert pair["beyond"] == (beyond and pytest.approx(beyond))


def test_what_adds_up_has_no_pair_and_neither_have_columns_of_one_thing():
    assert told(lambda a, b, c, d: a - 2 * b + np.exp(c) + d) == []
    five = np.column_stack([VALUES, VALUES[:, 0]])
    score = lambda a, b, c, d, e: b + a * e + 0 * (c + d)  # noqa: E731
    assert told(score, five, (0, 1, 2, 3, 0)) == []


def test_trees_alone_tell_what_the_whole_model_would(tmp_path):
    # A baseline adds up in log-odds, so that it cancels.
    x = np.random.default_rng(4).normal(size=(2000, 4))
    logit = x[:, 0] * x[:, 1] + 0.5 * x[:, 2]
    sick = np.random.default_rng(5).random(2000) < 1 / (1 + np.exp(-logit))
    data = lgb.Dataset(pd.DataFrame(x, columns=NAMES), sick)
    lgb.train({"objective": "binary", "num_leaves": 6, "verbose": -1, "num_threads": 1},
              data, 30).save_model(tmp_path / "model.txt")  # fmt: skip
    term = {"feature": "d", "coefficient": 0.3, "mean": 0, "scale": 1, "missing": 0}
    about = {"start": {"intercept": 0.1, "limit": 3, "terms": [term]},
             "calibration": {"slope": 0.8, "intercept": -1}}  # fmt: skip

    def asked(how):
        def score(*columns):
            frame = pd.DataFrame(np.column_stack(columns), columns=NAMES)
            return how(tmp_path / "model.txt", frame, about)

        return told(score, x)

    def logits(*given):
        risk = predict(*given)[0]
        return np.log(risk) - np.log1p(-risk)

    some, whole = asked(score_of_trees), asked(logits)
    assert some[0]["names"] == ["a", "b"]
    assert [e["names"] for e in some] == [e["names"] for e in whole]
    for one, other in zip(some, whole, strict=True):
        assert one["log_odds"] == pytest.approx(other["log_odds"], rel=1e-6)
