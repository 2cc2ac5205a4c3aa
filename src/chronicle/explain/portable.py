"""A saved model as little JSON, which `model.js` makes the same risks of."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import lightgbm as lgb

from chronicle.explain.change import Proposal

START = ("intercept", "limit", "terms")


def portable(model: Path, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes a risk of columns.

    Args:
        model: LightGBM's text form.
        about: `model.json`: its `start` and `calibration`.

    Returns:
        `trees`: a number is a leaf; a list is column, threshold, 1 where a missing
        value goes left, left, right. `start`: the baseline's terms. `slope` and
        `level`: of the calibration.
    """
    booster = lgb.Booster(model_file=model)
    names = booster.feature_name()
    trees = [
        _node(each["tree_structure"], names)
        for each in booster.dump_model()["tree_info"]
    ]
    return {
        "trees": trees,
        "start": {
            each: about["start"][each] for each in ("intercept", "limit", "terms")
        },
        "slope": about["calibration"]["slope"],
        "level": about["calibration"]["intercept"],
    }


def movable(proposal: Proposal) -> dict[str, Any]:
    """Return a change as JSON: what each column becomes."""
    return {
        "name": proposal.name,
        "today": proposal.today,
        "then": proposal.then,
        "moves": [
            {"column": m.column, "factor": m.factor, "low": m.low, "to": m.to}
            for m in proposal.moves
        ],
    }


def columns_of(model: Mapping[str, Any]) -> set[str]:
    """Return the columns that a portable model reads."""
    read = {each["feature"] for each in model["start"]["terms"]}
    nodes: list[Any] = list(model["trees"])
    while nodes:
        node = nodes.pop()
        if isinstance(node, list):
            read.add(node[0])
            nodes += node[3:]
    return read


def in_script(value: object) -> str:
    """Return JSON that may stand in a page: no text can end the script."""
    return json.dumps(value, allow_nan=False).replace("<", "\\u003c")


def _node(told: Mapping[str, Any], names: Sequence[str]) -> Any:
    if "leaf_value" in told:
        return told["leaf_value"]
    threshold = told["threshold"]
    # Where the training data had no gap, LightGBM takes a missing value for nought.
    left = told["default_left"] if told["missing_type"] == "NaN" else threshold >= 0
    branches = [_node(told[f"{side}_child"], names) for side in ("left", "right")]
    return [names[told["split_feature"]], threshold, int(left), *branches]
