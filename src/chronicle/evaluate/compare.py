"""The model beside other risks, each time on the rows that both judge."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from chronicle.evaluate import calibrated, score
from chronicle.evaluate.bootstrap import NOTHING, Scored, scored
from chronicle.evaluate.sample import Sample
from chronicle.evaluate.table import Floats

SCORES = {
    "auroc": score.auroc,
    "auprc": score.auprc,
    "brier": score.brier,
    "scaled_brier": score.scaled_brier,
    "observed_expected": score.observed_expected,
    "calibration_slope": calibrated.slope,
}
# Of these a difference means something: more is better of each, or less of each.
DIFFERENCES = ("auroc", "auprc", "brier", "scaled_brier")


def compare(
    sample: Sample,
    risk: Floats,
    others: Mapping[str, Mapping[str, Floats]],
    *,
    percent: float,
    min_outcome_patients: int,
) -> dict[str, list[dict[str, Any]]]:
    """Judge the model and each of the others on the same rows.

    Args:
        sample: The rows, n of them.
        risk: The model's risks, shape (n,).
        others: Theirs by kind and name, shape (n,) each; NaN where they give none.
        percent: Coverage of every interval.
        min_outcome_patients: With fewer in common, all is null.

    Returns:
        By kind, for each: `name`; `index_times`, `patients` and `outcome_patients` in
        common; `index_times_without`; the scores of `model` and `comparator`; and
        `differences`, model less comparator, taken within each resample.
    """
    whole = scored(sample.judged(risk), SCORES, percent=percent)

    def beside(name: str, theirs: Floats) -> dict[str, Any]:
        keep = np.isfinite(theirs)
        both = sample.only(keep)
        counts = both.counts() | {"index_times_without": int((~keep).sum())}
        told = {"name": name, **counts}
        # Without controls there is as little to compare as without cases.
        few = counts["outcome_patients"] < min_outcome_patients
        if few or both.outcome.min() > 0:
            return told | _unknown()
        other = scored(both.judged(theirs[keep]), SCORES, percent=percent)
        if keep.all():
            return told | _side_by_side(whole, other)
        ours = scored(both.judged(risk[keep]), SCORES, percent=percent)
        return told | _side_by_side(ours, other)

    return {
        kind: [beside(name, theirs) for name, theirs in each.items()]
        for kind, each in others.items()
    }


def held(rows: pl.DataFrame, given: pl.DataFrame) -> dict[str, Floats]:
    """Return the risks that hold at the index times of `rows`: by name, NaN for none.

    Args:
        rows: `subject_id` and `prediction_time`, n of them.
        given: Rows of `comparators` of one disease.
    """
    placed = rows.select("subject_id", "prediction_time").with_row_index("row")
    found = {}
    for (name,), theirs in given.sort("name").group_by("name", maintain_order=True):
        met = meet(placed, theirs)
        found[str(name)] = np.full(rows.height, np.nan)
        found[str(name)][met["row"].to_numpy()] = met["risk"].to_numpy()
    return found


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
    kept = last.filter(pl.col("prediction_time") < pl.col("until_time"))
    return kept.sort("subject_id", "prediction_time")


def _side_by_side(model: Scored, other: Scored) -> dict[str, Any]:
    ours, theirs = (each.only(*DIFFERENCES) for each in (model, other))
    return {
        "model": model.intervals(),
        "comparator": other.intervals(),
        "differences": ours.less(theirs),
    }


def _unknown() -> dict[str, Any]:
    return {
        "model": dict.fromkeys(SCORES, NOTHING),
        "comparator": dict.fromkeys(SCORES, NOTHING),
        "differences": dict.fromkeys(DIFFERENCES, NOTHING),
    }
