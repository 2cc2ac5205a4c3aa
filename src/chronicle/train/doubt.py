"""How sure a risk is, and of whom the model should say nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.isotonic import IsotonicRegression

from chronicle.core.model import share_outside
from chronicle.train.data import Data
from chronicle.train.folds import Floats

POINTS = 40  # of the table; between two, bounds lie on a line
FAR = 0.005  # of the training rows lie lower than a usual value, and as many higher
RARE = 0.01  # missing more seldom is unusual
BANDS = 10  # of people, by risk: each is held against those of its own


def bounds(data: Data, risk: Floats) -> dict[str, list[float]]:
    """Return Venn-Abers bounds of a risk, as a table.

    Among people of one score, the share of outcomes lies between what isotonic
    regression says if one more of them is a control, and if one more is a case.

    Args:
        data: What happened to people whom the model had not seen.
        risk: What it said of them, shape (n,).

    Returns:
        `risk`, ascending, and its `low` and `high`.

    Source:
        Vovk V, Petej I. Venn-Abers predictors. UAI 2014:829-838.
    """
    order = np.argsort(risk, kind="stable")
    known = risk[order], data.outcome[order], data.weight[order]
    shares = np.linspace(0, 1, POINTS)
    points = np.unique(np.quantile(risk, shares, method="nearest").round(6))
    return {
        "risk": [float(each) for each in points],
        "low": [_share(*known, float(each), 0.0) for each in points],
        "high": [_share(*known, float(each), 1.0) for each in points],
    }


def _share(
    risk: Floats, outcome: Floats, weight: Floats, point: float, its: float
) -> float:
    fitted = IsotonicRegression(out_of_bounds="clip").fit(
        np.append(risk, point), np.append(outcome, its), np.append(weight, 1.0)
    )
    return float(fitted.predict([point])[0])


def sets(data: Data, risk: Floats, percent: float) -> dict[str, float]:
    """Return from which risk on a case may be, and up to which risk a control.

    Each class has a limit of its own, so each is held as often as is said: of a rare
    outcome one limit for both would leave out the cases.

    Args:
        data: What happened to people whom the model had not seen.
        risk: What it said of them, shape (n,).
        percent: Of cases, and of controls, that lie within.

    Returns:
        `percent`, `case_from` and `control_to`.

    Source:
        Vovk V. Conditional validity of inductive conformal predictors. Mach Learn
        2013;92:349-376.
    """
    case = data.outcome > 0
    out = 1 - percent / 100
    return {
        "percent": percent,
        "case_from": _limit(risk[case], data.weight[case], out, none=0.0),
        "control_to": -_limit(-risk[~case], data.weight[~case], out, none=-1.0),
    }


def _limit(risk: Floats, weight: Floats, out: float, none: float) -> float:
    """Return a risk below which so small a share lies, one more person counted."""
    order = np.argsort(risk, kind="stable")
    reached = np.cumsum(weight[order]) <= out * (weight.sum() + weight.mean())
    return float(risk[order][reached][-1]) if reached.any() else none


def likeness(
    features: pd.DataFrame, read: Sequence[str], risk: Floats, abstain_percent: float
) -> dict[str, Any]:
    """Return what is usual, and from when on somebody is too unlike to be judged.

    Who is ill has unusual values. So people are held against those of about the same
    risk: one limit for all would leave out those for whom the model is made.

    Args:
        features: Of those whom the model learnt from, shape (n, k).
        read: Those that it reads.
        risk: What a model that had not seen them said, shape (n,).
        abstain_percent: Share of these very people who are as unlike.

    Returns:
        `usual`: for each feature the lowest and highest value and whether it may be
        missing; `from`: the lowest risk of each band of risks but the first; `most`:
        for each band the largest share of values that may be unusual.
    """
    values = features[list(read)]
    ends = values.quantile([FAR, 1 - FAR]).to_numpy(float)
    missing = values.isna().mean().to_numpy()
    usual: Mapping[str, Any] = {
        name: [float(low), float(high), bool(share >= RARE)]
        for name, low, high, share in zip(read, *ends, missing, strict=True)
        if np.isfinite(low)
    }
    shares = share_outside(features, usual)
    inner = np.linspace(0, 1, BANDS + 1)[1:-1]
    edges = np.unique(np.quantile(risk, inner, method="nearest").round(6))
    band = np.searchsorted(edges, risk, side="right")
    far = 1 - abstain_percent / 100
    # A band that rounding has emptied holds nobody back.
    held = [shares[band == each] for each in range(len(edges) + 1)]
    return {
        "usual": usual,
        "from": [float(each) for each in edges],
        "most": [
            float(np.quantile(e, far, method="higher")) if e.size else 1.0 for e in held
        ],
    }
