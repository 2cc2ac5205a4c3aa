"""Predictions and outcomes into every number and curve of one disease."""

from typing import Any

import numpy as np
import polars as pl

from chronicle.evaluate import calibrated, curves, decision, score
from chronicle.evaluate.bootstrap import scored
from chronicle.evaluate.sample import Sample
from chronicle.evaluate.table import Floats

SCORES = {
    "auroc": score.auroc,
    "auprc": score.auprc,
    "brier": score.brier,
    "scaled_brier": score.scaled_brier,
    "observed_expected": score.observed_expected,
    "calibration_intercept": calibrated.intercept,
    "calibration_slope": calibrated.slope,
    "ici": calibrated.ici,
}
TOP_PERCENTILE = 99.5  # of the risks: where their histogram ends


def judge(
    sample: Sample,
    risk: Floats,
    *,
    percent: float,
    calibration_groups: int,
    decision_thresholds: tuple[float, ...],
    capacity_percents: tuple[float, ...],
) -> dict[str, Any]:
    """Judge predictions.

    Args:
        sample: Rows with a known outcome, n of them.
        risk: Predicted risks, shape (n,).
        percent: Coverage of every interval.
        calibration_groups: Points of the calibration plot.
        decision_thresholds: Risks at which somebody might act, 0 to 1.
        capacity_percents: Shares of people that there may be room for.

    Returns:
        `metrics` with value, low and high; `prevalence`; and the points of the curves.
    """
    alone = sample.table(risk)
    lines = [decision.lowest(alone, share) for share in capacity_percents]
    judged = sample.judged(risk, np.array([*decision_thresholds, *lines]))
    return {
        "metrics": scored(judged, SCORES, percent=percent).intervals(),
        "prevalence": float(np.average(sample.outcome, weights=sample.weight)),
        "roc": curves.roc(judged.sample),
        "roc_band": curves.roc_band(judged, percent=percent),
        "precision_recall": curves.precision_recall(judged.sample),
        "precision_recall_band": curves.precision_recall_band(judged, percent=percent),
        "calibration": curves.calibration(
            sample, risk, groups=calibration_groups, percent=percent
        ),
        "histogram": curves.histogram(
            risk, sample.outcome, top=float(np.percentile(risk, TOP_PERCENTILE))
        ),
        "decision": decision.curve(
            judged, thresholds=decision_thresholds, percent=percent
        ),
        "capacity": decision.at_capacity(
            judged, percents=capacity_percents, percent=percent
        ),
        "thresholds": decision.movable(judged, percent=percent),
    }


def reasons(
    matrix: pl.DataFrame, parts: Floats, sample: Sample
) -> list[dict[str, Any]]:
    """Return the features that moved predictions most; see `curves.features`."""
    return curves.features(matrix, parts, sample.weight)
