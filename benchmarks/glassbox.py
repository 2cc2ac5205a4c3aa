"""A glass box beside the model: is an explainable boosting machine as good?

`python benchmarks/glassbox.py DISEASE...` in a folder where `make run` has been run;
prints a table of docs/reference/glass-box.md. It needs `interpret-core`, which the
product does not (70 MB): without it nothing is measured, and that is said. It reads
what the logistic regression reads, so that a person can look at each curve.
"""

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
from sklearn.metrics import roc_auc_score

from chronicle.core import params, store
from chronicle.core.disease import Disease
from chronicle.core.model import of_baseline, predict
from chronicle.core.tables import COHORT
from chronicle.evaluate import calibrated
from chronicle.evaluate.table import exact
from chronicle.explain.stage import features_of, joined

try:
    from interpret.glassbox import ExplainableBoostingClassifier
except ImportError:
    ExplainableBoostingClassifier = None

DRAWS, SEED, BAGS = 200, 7, 8
HEAD = ("disease", "outcomes", "glass box", "the model", "model less glass box",
        "logistic regression", "slope of the glass box", "CPU s", "MB")  # fmt: skip


def main() -> int:
    """Print a line for each disease."""
    if ExplainableBoostingClassifier is None:
        print("interpret-core is not installed: nothing was measured")
        return 0
    print(f"| {' | '.join(HEAD)} |\n|{' --- |' * len(HEAD)}")
    for slug in sys.argv[1:]:
        print(f"| {' | '.join(judged(slug))} |", flush=True)
    return 0


def judged(slug: str) -> list[str]:
    """Fit one on the training rows, and hold it against the model on test rows."""
    asked = params.load(Path("diseases") / f"{slug}.yaml", Disease)
    about = store.read_json(Path("models") / slug / "model.json")
    rows = store.read(COHORT, Path("data/cohorts") / slug / "cohort.parquet")
    folder = Path("data/features") / asked.index
    learnt, unseen = (
        joined(rows, split, folder, about["features"]) for split in ("train", "test")
    )
    seen = features_of(unseen, about["features"])
    theirs = store.read_json(Path("models") / slug / "baselines.json")
    simple = next(each for each in theirs if each["name"] == "logistic regression")
    names = [each["feature"] for each in simple["terms"]]
    begun = time.process_time()
    box = glass(learnt, names)
    took = time.process_time() - begun
    risk, _ = predict(Path("models") / slug / "model.txt", seen, about)
    said = [box.predict_proba(seen[names])[:, 1], risk, of_baseline(simple, seen)]
    areas = drawn(unseen, said)
    low, high = np.quantile(areas[1:, 1] - areas[1:, 0], [0.025, 0.975])
    outcome = unseen["boolean_value"].cast(pl.Float64).to_numpy()
    weight = unseen["weight"].to_numpy()[None, :]
    slope = calibrated.slope(exact(outcome, said[0], weight))
    size = len(box.to_jsonable().__repr__()) / 1e6
    return [
        slug, f"{about['counts']['train']['outcomes']}", f"{areas[0, 0]:.3f}",
        f"{areas[0, 1]:.3f}",
        f"{areas[0, 1] - areas[0, 0]:+.3f} ({low:+.3f} to {high:+.3f})",
        f"{areas[0, 2]:.3f}", f"{float(np.squeeze(slope)):.2f}", f"{took:.0f}",
        f"{size:.2f}",
    ]  # fmt: skip


def glass(learnt: pl.DataFrame, names: list[str]) -> "ExplainableBoostingClassifier":
    """Fit one, with its own defaults save the number of bags."""
    box = ExplainableBoostingClassifier(
        interactions=0, outer_bags=BAGS, random_state=SEED, n_jobs=1
    )
    return box.fit(
        pd.DataFrame(features_of(learnt, names)),
        learnt["boolean_value"].cast(pl.Int8).to_numpy(),
        sample_weight=learnt["weight"].to_numpy(),
    )


def drawn(rows: pl.DataFrame, said: list[np.ndarray]) -> np.ndarray:
    """Return the AUROC of each, then of patients drawn again: shape (1 + draws, k)."""
    outcome, weight = rows["boolean_value"].to_numpy(), rows["weight"].to_numpy()
    _, whose = np.unique(rows["subject_id"].to_numpy(), return_inverse=True)
    draw, number = np.random.default_rng(SEED), whose.max() + 1
    times = [np.ones(number)]
    times += [np.bincount(draw.integers(0, number, number), minlength=number)
              for _ in range(DRAWS)]  # fmt: skip
    return np.array(
        [
            [roc_auc_score(outcome, e, sample_weight=weight * t[whose]) for e in said]
            for t in times
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
