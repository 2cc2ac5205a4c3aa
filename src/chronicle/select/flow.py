"""The cohort flow: from all patients to those at risk, and what came of them."""

from collections import Counter
from typing import Any

import polars as pl

STEPS = {
    "index": "with an index time",
    "birth": "birth date unknown",
    "age": "outside the age limits at the index time",
    "sex": "not of the sex that is asked about",
    "alive": "dead before the index time",
    "history": "too little history before the index time",
    "prevalent": "already there: a sign of it was known at the index time",
    "late": "asked so late that nobody is seen beyond the gap",
    "gap": "found within the gap after the index time",
}


def flow(counts: Counter[tuple[str, str]], rows: pl.DataFrame) -> dict[str, Any]:
    """Return the flow as counts.

    Args:
        counts: What each step left, by (step, patients or index_times).
        rows: The cohort.

    Returns:
        `steps` (kept ones say `what`, exclusions say `excluded` and how many
        index times went, and patients with their last one), `outcomes` by status,
        `splits`,
        `split_temporals` and `split_sites`.
    """
    left = {
        step: {unit: counts[step, unit] for unit in ("patients", "index_times")}
        for step in STEPS
    }
    steps: list[dict[str, Any]] = [
        {
            "what": "patients in the tables",
            "patients": counts["all", "patients"],
            "index_times": None,
        },
        {"what": STEPS["index"], **left["index"]},
    ]
    for before, step in zip(list(STEPS), list(STEPS)[1:], strict=False):
        gone = {unit: left[before][unit] - left[step][unit] for unit in left[step]}
        steps.append({"excluded": STEPS[step], **gone})
    steps.append({"what": "at risk", **left["gap"]})
    return {
        "steps": steps,
        "outcomes": _by(rows, "status", ("onset", "death", "horizon", "censored")),
        **{
            f"{name}s": _by(rows, name, ("train", "test"))
            for name in ("split", "split_temporal", "split_site")
        },
    }


def _by(rows: pl.DataFrame, column: str, words: tuple[str, ...]) -> dict[str, Any]:
    return {word: _counted(rows.filter(pl.col(column) == word)) for word in words}


def _counted(rows: pl.DataFrame) -> dict[str, int]:
    with_onset = rows.filter(pl.col("boolean_value"))
    return {
        "patients": rows["subject_id"].n_unique(),
        "index_times": rows.height,
        "outcome_patients": with_onset["subject_id"].n_unique(),
        "outcome_index_times": with_onset.height,
    }
