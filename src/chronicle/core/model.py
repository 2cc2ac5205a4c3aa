"""A saved model and a feature matrix into risks and reasons.

`train` writes models; whoever uses one reads it here, so that all get the same risks.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def predict(
    model: Path, features: pd.DataFrame, about: Mapping[str, Any]
) -> tuple[Floats, Floats]:
    """Return risks, shape (n,), and what each feature adds in log-odds, shape (n, k).

    What a feature adds is its TreeSHAP value and its term of the baseline that the
    trees start from, both times the slope of the calibration: the sum, and a number
    that is the same for everybody, is the logit of the risk.

    Args:
        model: LightGBM's text form.
        features: Shape (n, k), the columns in any order.
        about: `model.json`: its `start` and `calibration`.
    """
    booster = lgb.Booster(model_file=model)
    # With fewer rows for each, threads wait for each other longer than they work.
    threads: Any = {
        "num_threads": min(os.cpu_count() or 1, 1 + len(features) // 20_000)
    }
    read = features[booster.feature_name()]
    # Without the check, columns in another order give wrong numbers silently.
    told = booster.predict(read, validate_features=True, pred_contrib=True, **threads)
    parts = pd.DataFrame(0.0, index=range(len(read)), columns=list(features))
    parts[booster.feature_name()] = np.asarray(told)[:, :-1]
    score = np.asarray(
        booster.predict(read, validate_features=True, raw_score=True, **threads)
    )
    for name, part in _terms(about["start"], features):
        parts[name] += part
        score += part
    slope, level = (about["calibration"][each] for each in ("slope", "intercept"))
    risk = _expit(level + slope * (about["start"]["intercept"] + score))
    return risk, slope * parts.to_numpy()


def score_of_trees(
    model: Path, features: pd.DataFrame, about: Mapping[str, Any]
) -> Floats:
    """Return what the trees add to the logit of the risk, shape (n,); as `predict`."""
    booster = lgb.Booster(model_file=model)
    read = features[booster.feature_name()]
    score = booster.predict(read, validate_features=True, raw_score=True, num_threads=1)
    return float(about["calibration"]["slope"]) * np.asarray(score)


def doubt(
    features: pd.DataFrame, risk: Floats, about: Mapping[str, Any]
) -> tuple[Floats, Floats, Bools]:
    """Return bounds of the risks, shape (n,), and of whom nothing should be said.

    Args:
        features: Shape (n, k).
        risk: From `predict`.
        about: `model.json`: its `bounds` (Venn-Abers) and `likeness`: people are too
            unlike those whom the model learnt from, if too many of their values are
            unusual.
    """
    table = about["bounds"]
    low, high = (
        np.interp(risk, table["risk"], table[each]) for each in ("low", "high")
    )
    like = about["likeness"]
    # A model that was kept from an earlier run has one limit for every risk.
    band = np.searchsorted(like.get("from", []), risk, side="right")
    most = np.atleast_1d(like["most"])[band]
    return low, high, share_outside(features, like["usual"]) > most


def share_outside(features: pd.DataFrame, usual: Mapping[str, Any]) -> Floats:
    """Return the share of each row's values that are unusual, shape (n,).

    Args:
        features: Shape (n, k).
        usual: By feature: lowest, highest, and whether it may be missing.

    >>> share_outside(pd.DataFrame({"sbp": [120.0]}), {}).tolist()
    [0.0]
    """
    if not usual:
        return np.zeros(len(features))
    values = features[list(usual)].to_numpy(float)
    low, high, may_miss = (np.array(each) for each in zip(*usual.values(), strict=True))
    outside = np.where(np.isnan(values), ~may_miss, (values < low) | (values > high))
    return np.asarray(outside.mean(axis=1))


def of_baseline(baseline: Mapping[str, Any], features: pd.DataFrame) -> Floats:
    """Return the risks of a logistic regression that `train` kept as numbers."""
    return _expit(score_of_baseline(baseline, features))


def score_of_baseline(baseline: Mapping[str, Any], features: pd.DataFrame) -> Floats:
    """Return its scores in log-odds, shape (n,)."""
    score = np.full(len(features), baseline["intercept"])
    for _, part in _terms(baseline, features):
        score += part
    return score


def _terms(
    baseline: Mapping[str, Any], features: pd.DataFrame
) -> Iterator[tuple[str, Floats]]:
    limit = baseline["limit"]
    for term in baseline["terms"]:
        value = features[term["feature"]].to_numpy(float)
        far = np.clip((value - term["mean"]) / term["scale"], -limit, limit)
        part = term["coefficient"] * far
        yield term["feature"], np.where(np.isfinite(value), part, term["missing"])


def _expit(score: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-score)))
