"""Predictions and outcomes into every number and curve of one disease."""

from functools import partial
from typing import Any

import polars as pl

from chronicle.evaluate import calibrated, curves, decision, score
from chronicle.evaluate.bootstrap import interval, replicates
from chronicle.evaluate.score import Floats


def judge(
    rows: pl.DataFrame,
    matrix: pl.DataFrame,
    risk: Floats,
    reasons: Floats,
    *,
    bootstrap_replicates: int,
    interval_percent: float,
    calibration_groups: int,
    decision_thresholds: tuple[float, ...],
    capacity_percents: tuple[float, ...],
    seed: int,
) -> dict[str, Any]:
    """Judge predictions.

    Args:
        rows: Cohort rows with a known outcome, n of them.
        matrix: Their features, shape (n, k).
        risk: Predicted risks, shape (n,).
        reasons: Contributions in log-odds, shape (n, k).
        bootstrap_replicates: How often patients are drawn again.
        interval_percent: Coverage of every interval.
        calibration_groups: Points of the calibration plot.
        decision_thresholds: Risks at which somebody might act, 0 to 1.
        capacity_percents: Shares of people that there may be room for.
        seed: Of the draws.

    Returns:
        `metrics` with value, low and high; `prevalence`; and the points of the curves.
    """
    outcome = rows["boolean_value"].cast(pl.Float64).to_numpy()
    weight = rows["weight"].to_numpy()
    blocks = list(
        replicates(
            rows["subject_id"].to_numpy(),
            weight,
            number=bootstrap_replicates,
            seed=seed,
        )
    )
    given = (outcome, risk, blocks)
    between = partial(interval, blocks=blocks, percent=interval_percent)
    return {
        "metrics": {
            name: between(partial(each, outcome, risk)) for name, each in SCORES.items()
        },
        "prevalence": float((outcome * weight).sum() / weight.sum()),
        "roc": curves.roc(outcome, risk, weight),
        "calibration": curves.calibration(
            *given, groups=calibration_groups, percent=interval_percent
        ),
        "decision": decision.curve(
            *given, thresholds=decision_thresholds, percent=interval_percent
        ),
        "capacity": decision.at_capacity(
            *given, percents=capacity_percents, percent=interval_percent
        ),
        "features": curves.features(matrix, reasons, weight),
    }


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
