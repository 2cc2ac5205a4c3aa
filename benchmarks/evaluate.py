"""What intervals cost: `python benchmarks/evaluate.py [ROWS [REPLICATES]]`.

All scores and curves of one model, and those of another one beside it, on made-up
people; as a ratio to the limit: scikit-learn's AUROC alone, once for each replicate.
"""

import sys
import time
from collections.abc import Callable

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from chronicle.evaluate.compare import compare
from chronicle.evaluate.judge import judge
from chronicle.evaluate.sample import draw

ROWS_A_PATIENT = 5
ONE_BY_ONE = 20  # replicates of the limit that are really drawn
PREVALENCE = 0.03


def people(number: int) -> tuple[pl.DataFrame, np.ndarray]:
    """Draw cohort rows and risks that are true."""
    dice = np.random.default_rng(1)
    logit = dice.normal(np.log(PREVALENCE), 1, number)
    risk = 1 / (1 + np.exp(-logit))
    rows = {
        "subject_id": np.arange(number) // ROWS_A_PATIENT,
        "boolean_value": dice.random(number) < risk,
        "weight": dice.uniform(1, 3, number),
    }
    return pl.DataFrame(rows), risk


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of `work`: of all threads."""
    start = time.process_time()
    work()
    return time.process_time() - start


def limit(rows: pl.DataFrame, risk: np.ndarray, replicates: int) -> float:
    """Return the time of scikit-learn's AUROC in a loop over resampled patients."""
    outcome, weight = (rows[each].to_numpy() for each in ("boolean_value", "weight"))
    dice, patients = np.random.default_rng(2), rows["subject_id"].n_unique()
    place = rows["subject_id"].to_numpy()

    def once() -> None:
        times = np.bincount(dice.integers(patients, size=patients), minlength=patients)
        roc_auc_score(outcome, risk, sample_weight=times[place] * weight)

    return (
        seconds(lambda: [once() for _ in range(ONE_BY_ONE)]) / ONE_BY_ONE * replicates
    )


def main(number: int = 100_000, replicates: int = 1000) -> None:
    """Print how long each takes."""
    rows, risk = people(number)
    bare = limit(rows, risk, replicates)
    print(f"{number:,} rows, {replicates:,} replicates; AUROC in a loop: {bare:.1f} s")
    sample = draw(rows, number=replicates, seed=1)
    for name, work in {
        "draws": lambda: draw(rows, number=replicates, seed=1),
        "one model, 8 scores and all curves": lambda: judge(
            sample,
            risk,
            percent=95,
            calibration_groups=8,
            decision_thresholds=(0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5),
            capacity_percents=(1, 5, 10, 20),
        ),
        "another beside it, with differences": lambda: compare(
            sample,
            risk,
            {"others": {"other": np.sqrt(risk)}},
            percent=95,
            min_outcome_patients=5,
        ),
    }.items():
        spent = seconds(work)
        print(f"{name:38} {spent:5.1f} s, {spent / bare:.2f} of the loop")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
