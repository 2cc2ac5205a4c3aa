"""What faults cost, and what `check` wins back: `damage.py CLEAN TABLES CHECKED`.

Each folder holds `cohorts`, `features` and `models` of the same patients: CLEAN without
faults, TABLES and CHECKED with the same faults, learnt from data/tables and from
data/checked. Every model is asked about the same people at the same index times, as
its own features describe them, and the truth is that of the data without faults.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
from sklearn.metrics import roc_auc_score

from chronicle.core import store
from chronicle.core.model import predict
from chronicle.core.tables import FEATURES

INDEX = "visits"  # the rule by which these diseases ask
KEY = ["subject_id", "prediction_time"]
ROUNDS, SEED = 500, 7  # of drawing people again


def main(words: list[str]) -> int:
    """Print a line for each disease, and what all of them lost together."""
    arms = [Path(each) for each in words]
    print(
        "| disease | people | cases | clean | faults | with check | lost | won back |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    lost, won = [], []
    for path in sorted((arms[0] / "cohorts").iterdir()):
        rows = told(path.name, arms)
        clean, tables, checked = (areas(rows, i) for i in range(3))
        lost.append(clean - tables)
        won.append(checked - tables)
        ill = rows.filter("boolean_value")["subject_id"].n_unique()
        people = rows["subject_id"].n_unique()
        shown = " | ".join(f"{each[0]:.4f}" for each in (clean, tables, checked))
        print(f"| {path.name} | {people} | {ill} | {shown} | {_interval(lost[-1])} | |")
    mean_lost, mean_won = np.mean(lost, axis=0), np.mean(won, axis=0)
    share = mean_won[0] / mean_lost[0]
    print(f"| all, mean | | | | | | {_interval(mean_lost)} | {_interval(mean_won)} |")
    print(f"\nwon back: {100 * share:.0f} % of the loss")
    return 0


def told(slug: str, arms: list[Path]) -> pl.DataFrame:
    """Return the test rows that all arms have, with the score that each gives them."""
    rows = pl.read_parquet(arms[0] / "cohorts" / slug / "cohort.parquet").filter(
        pl.col("split") == "test", pl.col("weight") > 0
    )
    kept = rows.select(*KEY, "boolean_value")
    for i, arm in enumerate(arms[:3]):
        about = store.read_json(arm / "models" / slug / "model.json")
        matrix = store.read(
            FEATURES, arm / "features" / INDEX, columns=[*KEY, *about["features"]]
        )
        asked = matrix.join(rows, on=KEY, how="semi").sort(KEY)
        columns = about["features"]
        named = pd.DataFrame(asked.select(columns).to_numpy(), columns=columns)
        score, _ = predict(arm / "models" / slug / "model.txt", named, about)
        mine = asked.select(KEY).with_columns(pl.Series(f"score{i}", score))
        kept = kept.join(mine, on=KEY)
    return kept.sort(KEY)


def areas(rows: pl.DataFrame, arm: int) -> np.ndarray:
    """Return the AUROC, then those of people drawn again, the same for every arm."""
    draw = np.random.default_rng(SEED)
    label, score = rows["boolean_value"].to_numpy(), rows[f"score{arm}"].to_numpy()
    whose = rows["subject_id"].rle_id().to_numpy()
    found = [roc_auc_score(label, score)]
    for _ in range(ROUNDS):
        times = np.bincount(draw.integers(0, whose.max() + 1, whose.max() + 1))
        weight = np.pad(times, (0, whose.max() + 1 - times.size))[whose]
        found.append(roc_auc_score(label, score, sample_weight=weight))
    return np.array(found)


def _interval(values: np.ndarray) -> str:
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return f"{values[0]:.4f} ({low:.4f} to {high:.4f})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
