"""Of whom the model says nothing, and whether its bounds hold on test patients."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from chronicle.core.model import doubt
from chronicle.evaluate.sample import Sample
from chronicle.evaluate.table import Floats, ratio

Bools = npt.NDArray[np.bool_]


def doubted(
    sample: Sample,
    features: pd.DataFrame,
    risk: Floats,
    about: Mapping[str, Any],
    percent: float,
) -> dict[str, Any]:
    """Judge what the model says of its own doubt.

    Args:
        sample: Rows with a known outcome, n of them.
        features: What the model reads, shape (n, k).
        risk: Predicted, shape (n,).
        about: `model.json`.
        percent: Coverage of intervals.

    Returns:
        `silent`: of whom nothing would be said. `bounds`: how far they are apart, and
        outcomes at the least and at the most, beside those `observed`: all as shares.
        `sets`: the share of cases, and of controls, whom the limit of their class
        holds, and of those who may be either; null for a model without limits.
    """
    low, high, silent = doubt(features, risk, about)
    mean = sample.weight / sample.weight.sum()
    return {
        "silent": sample.only(silent).counts() | {"share": float(mean[silent].sum())},
        "bounds": {
            "apart": float(((high - low) * mean).sum()),
            "low": float((low * mean).sum()),
            "high": float((high * mean).sum()),
            "observed": float((sample.outcome * mean).sum()),
        },
        "sets": _sets(sample, risk, about.get("sets"), percent),
    }


def _sets(
    sample: Sample, risk: Floats, limits: Mapping[str, float] | None, percent: float
) -> dict[str, Any] | None:
    if limits is None:
        return None
    case, control = risk >= limits["case_from"], risk <= limits["control_to"]
    outcome = sample.outcome
    return dict(limits) | {
        "cases": _held(sample, case, outcome, percent),
        "controls": _held(sample, control, 1 - outcome, percent),
        "either": _held(sample, case & control, np.ones(len(risk)), percent),
    }


def _held(
    sample: Sample, inside: Bools, whose: Floats, percent: float
) -> dict[str, float | None]:
    """Return the share of `whose` weight that lies inside, with its interval."""
    weight = sample.weight * whose
    value = ratio(weight[inside].sum(), weight.sum())
    sums = sample.sums(inside.astype(np.intp), 2, whose)
    shares = ratio(sums[:, 1], sums.sum(axis=1))
    tail = (100 - percent) / 2
    ends = np.nanpercentile(shares, [tail, 100 - tail])
    told = zip(("value", "low", "high"), (float(value), *ends.tolist()), strict=True)
    return {name: each if np.isfinite(each) else None for name, each in told}
