"""The model beside risks that somebody else gave, on the rows that both judge."""

from functools import partial
from typing import Any

import polars as pl

from chronicle.evaluate import calibrated, score
from chronicle.evaluate.bootstrap import Interval, interval, replicates
from chronicle.evaluate.score import Floats

SCORES = {
    "auroc": score.auroc,
    "auprc": score.auprc,
    "brier": score.brier,
    "observed_expected": score.observed_expected,
    "calibration_slope": calibrated.slope,
}
NOTHING: Interval = {"value": None, "low": None, "high": None}


def compare(
    rows: pl.DataFrame,
    risk: Floats,
    given: pl.DataFrame,
    *,
    bootstrap_replicates: int,
    interval_percent: float,
    seed: int,
    min_outcome_patients: int,
) -> list[dict[str, Any]]:
    """Judge the model and each comparator on the same rows.

    Args:
        rows: Cohort rows with a known outcome, n of them.
        risk: The model's risks, shape (n,).
        given: Rows of `comparators` of this disease.
        bootstrap_replicates: How often patients are drawn again.
        interval_percent: Coverage of every interval.
        seed: Of the draws.
        min_outcome_patients: With fewer in common, all is null.

    Returns:
        For each name, in their order: `index_times`, `patients` and
        `outcome_patients`; the scores of `model` and `comparator`; and
        `auroc_difference`, model less comparator, on the same replicates.
    """
    judged = rows.with_columns(model=pl.Series(risk, dtype=pl.Float64))
    return [
        beside(
            str(name),
            meet(judged, theirs),
            bootstrap_replicates=bootstrap_replicates,
            interval_percent=interval_percent,
            seed=seed,
            min_outcome_patients=min_outcome_patients,
        )
        for (name,), theirs in given.sort("name").group_by("name", maintain_order=True)
    ]


def beside(
    name: str,
    both: pl.DataFrame,
    *,
    bootstrap_replicates: int,
    interval_percent: float,
    seed: int,
    min_outcome_patients: int,
) -> dict[str, Any]:
    """Judge two on the same rows: cohort rows with the columns `model` and `risk`."""
    cases = both.filter("boolean_value")
    counts = {
        "index_times": both.height,
        "patients": both["subject_id"].n_unique(),
        "outcome_patients": cases["subject_id"].n_unique(),
    }
    few = counts["outcome_patients"] < min_outcome_patients
    # Without controls there is as little to compare as without cases.
    if few or cases.height == both.height:
        scores = _unknown()
    else:
        scores = _scores(both, bootstrap_replicates, interval_percent, seed)
    return {"name": name, **counts, **scores}


def meet(rows: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    """Return the rows at whose index time one of `theirs` holds, with their `risk`."""
    # Spans do not overlap (ingest sees to it), so the last that began is the only one.
    last = rows.sort("prediction_time").join_asof(
        theirs.select("subject_id", "from_time", "until_time", "risk").sort(
            "from_time"
        ),
        left_on="prediction_time",
        right_on="from_time",
        by="subject_id",
        strategy="backward",
        check_sortedness=False,  # within patients it cannot be checked, only warned of
    )
    held = last.filter(pl.col("prediction_time") < pl.col("until_time"))
    return held.sort("subject_id", "prediction_time")


def _scores(
    both: pl.DataFrame, number: int, percent: float, seed: int
) -> dict[str, Any]:
    outcome = both["boolean_value"].cast(pl.Float64).to_numpy()
    subjects, weight = both["subject_id"].to_numpy(), both["weight"].to_numpy()
    blocks = list(replicates(subjects, weight, number=number, seed=seed))
    between = partial(interval, blocks=blocks, percent=percent)
    model, theirs = both["model"].to_numpy(), both["risk"].to_numpy()

    def difference(weights: Floats) -> Floats:
        return score.auroc(outcome, model, weights) - score.auroc(
            outcome, theirs, weights
        )

    return {
        whose: {
            name: between(partial(each, outcome, risk)) for name, each in SCORES.items()
        }
        for whose, risk in (("model", model), ("comparator", theirs))
    } | {"auroc_difference": between(difference)}


def _unknown() -> dict[str, Any]:
    return {
        "model": dict.fromkeys(SCORES, NOTHING),
        "comparator": dict.fromkeys(SCORES, NOTHING),
        "auroc_difference": NOTHING,
    }
