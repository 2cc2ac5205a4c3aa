"""For whom a trial's hazard ratio is true: prevention of diabetes by who was tested.

`python benchmarks/tested.py` in a folder where `make run` has been run on virtual
patients prints a table of docs/reference/explanations.md. What is said is the ratio on
the risk that a patient truly has, so that no model is part of it.
"""

import sys
from pathlib import Path

import numpy as np
import polars as pl
from explain import TRIALS, true

from chronicle.core import params, store
from chronicle.core.disease import Disease
from chronicle.core.tables import COHORT, FEATURES
from chronicle.explain.trials import treated

SLUG = "t2dm"
KEY = ["subject_id", "prediction_time"]
ASKED = ("metformin", "lifestyle")
COLUMNS = [
    "glucose_last_ever",
    "bmi_last_ever",
    "hba1c_last_ever",
    "hba1c_last_365d",
    "metformin_ever",
]
LATE = pl.col("hba1c_last_365d")
AMONG = {
    "all, as before": pl.lit(value=True),
    "HbA1c of the last year, as now": LATE.is_not_null(),
    "HbA1c of the last year 5.7 to 6.2 %": LATE.is_between(5.7, 6.2, closed="left"),
    "HbA1c never measured": pl.col("hba1c_last_ever").is_null(),
}


def main() -> int:
    """Print a line for each group of people."""
    disease = params.load(Path("diseases") / f"{SLUG}.yaml", Disease)
    tried = {t.start: t.model_copy(update={"tested": ()}) for t in disease.trials}
    trials = {what: tried[TRIALS[what]] for what in ASKED}
    rows = people(disease)
    told = [bool(treated(0.1, list(trials.values()), row)) for row in rows.to_dicts()]
    print("| who is told | index times |", end="")
    print("".join(f" {what}: true | said | true hazard ratio |" for what in ASKED))
    print(f"|{' --- |' * (2 + 3 * len(ASKED))}")
    for name, which in AMONG.items():
        some = rows.filter(pl.Series(told)).filter(which)
        now, line = some["current"].to_numpy(), [name, f"{some.height}"]
        for what, trial in trials.items():
            then = some[what].to_numpy()
            said = 1 - (1 - now) ** trial.hazard_ratio
            line += [f"{100 * (each - now).mean():.2f}" for each in (then, said)]
            line.append(f"{hazard(then) / hazard(now):.2f}")
        print(f"| {' | '.join(line)} |")
    return 0


def people(disease: Disease) -> pl.DataFrame:
    """Return index times with a known truth, and what was known then."""
    cohort = store.read(COHORT, Path("data/cohorts") / SLUG / "cohort.parquet")
    mine = cohort.filter(pl.col("weight") > 0).select(KEY)
    folder = Path("data/features") / disease.index
    known = store.read(FEATURES, folder, columns=[*KEY, *COLUMNS], rows=mine)
    truth = true().filter(pl.col("disease") == SLUG).drop("prediction_time")
    day = pl.col("prediction_time").dt.date()
    return known.with_columns(day=day).join(
        truth, on=["subject_id", "day"], maintain_order="left"
    )


def hazard(risk: np.ndarray) -> float:
    """Return the sum of cumulative hazards."""
    return float(-np.log1p(-np.minimum(risk, 0.999)).sum())


if __name__ == "__main__":
    sys.exit(main())
