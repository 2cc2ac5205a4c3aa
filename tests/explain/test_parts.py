"""Parts of a risk: they add up, they are the path integral, they are SHAP's."""

from itertools import combinations
from math import comb

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.explain.parts import expit, in_risk, level, secant

SOME = st.lists(st.floats(-6, 6), min_size=1, max_size=8)


@given(base=st.floats(-8, 8), parts=SOME)
def test_parts_and_the_base_risk_add_up_to_the_risk(base, parts):
    told = in_risk(base, np.array([parts]))
    risk = expit(np.array(base + np.sum(parts)))
    assert expit(np.array(base)) + told.sum() == pytest.approx(risk, abs=1e-12)


@given(
    base=st.floats(-8, 8),
    most=st.floats(0.1, 5),
    left=st.sampled_from([0, 1e-15, -1e-9, 1e-4, 9.99e-4, 1.001e-3]),
)
def test_parts_that_cancel_are_worth_the_slope_where_they_meet(base, most, left):
    told = in_risk(base, np.array([[most, left - most]]))
    slope = expit(np.array(base)) * expit(np.array(-base))
    assert told[0, 0] == pytest.approx(most * slope, rel=6e-4)


@pytest.mark.parametrize("parts", [[2.0, -0.5, 1.0], [-3.0, 0.1, 0.2], [1.0, -1.0, 0]])
def test_parts_are_the_path_integral_of_the_risk(parts):
    """Aumann-Shapley: the mean slope along the straight line, times each part."""
    base, way = -1.7, (np.arange(100_000) + 0.5) / 100_000
    at = base + way * np.sum(parts)
    slope = (expit(at) * expit(-at)).mean()
    assert in_risk(base, np.array([parts]))[0] == pytest.approx(
        slope * np.array(parts), abs=1e-9
    )


def test_what_everybody_has_is_found_again():
    parts = np.random.default_rng(1).normal(size=(50, 4))
    risk = expit(-2.5 + parts.sum(axis=1))
    assert level(risk, parts) == pytest.approx(-2.5, abs=1e-12)
    assert secant(-2.5, parts.sum(axis=1)) == pytest.approx(
        (risk - expit(np.array(-2.5))) / parts.sum(axis=1), rel=1e-9
    )


def grown(rows: int) -> tuple[lgb.Booster, pd.DataFrame]:
    """Return trees on five features with gaps, and some rows."""
    draw = np.random.default_rng(3)
    features = pd.DataFrame(draw.normal(size=(400, 5)), columns=list("abcde"))
    features = features.mask(draw.random(features.shape) < 0.2)
    sick = (features["a"].fillna(1) * features["b"].fillna(0) > 0.2).astype(float)
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1}
    booster = lgb.train(settings, lgb.Dataset(features, sick), num_boost_round=20)
    return booster, features[:rows]


def expected(node: dict, row: np.ndarray, held: frozenset[int]) -> float:
    """Return what a tree gives of whom only some features are known."""
    if "leaf_value" in node:
        return node["leaf_value"]
    ways = [node["left_child"], node["right_child"]]
    if node["split_feature"] in held:
        value = row[node["split_feature"]]
        is_left = (
            node["default_left"] if np.isnan(value) else value <= node["threshold"]
        )
        return expected(ways[not is_left], row, held)
    sizes = [each.get("leaf_count", each.get("internal_count")) for each in ways]
    return float(np.average([expected(w, row, held) for w in ways], weights=sizes))


def test_the_parts_of_the_trees_are_shapley_values_by_their_definition():
    booster, some = grown(rows=4)
    trees = [t["tree_structure"] for t in booster.dump_model()["tree_info"]]
    every = range(some.shape[1])
    groups = [frozenset(g) for n in range(6) for g in combinations(every, n)]
    for row, ours in zip(
        some.to_numpy(), booster.predict(some, pred_contrib=True), strict=True
    ):
        worth = {g: sum(expected(tree, row, g) for tree in trees) for g in groups}
        for one in every:
            without = [g for g in groups if one not in g]
            part = sum(
                (worth[g | {one}] - worth[g]) / (len(every) * comb(4, len(g)))
                for g in without
            )
            assert ours[one] == pytest.approx(part, abs=1e-9)


def test_the_parts_of_the_trees_are_those_of_shap():
    shap = pytest.importorskip("shap")
    booster, features = grown(rows=400)
    explainer = shap.TreeExplainer(booster, feature_perturbation="tree_path_dependent")
    # Asked of LightGBM's models, shap asks LightGBM: this makes it do the work itself.
    explainer.model.model_type = "internal"
    theirs = explainer.shap_values(features.to_numpy(float), check_additivity=False)
    ours = booster.predict(features, pred_contrib=True)[:, :-1]
    assert ours == pytest.approx(theirs, abs=1e-9)
