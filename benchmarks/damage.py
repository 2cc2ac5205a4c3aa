"""What wrong numbers cost, and what is won back: `damage.py CLEAN RAW TABLES CHECKED`.

Each folder holds `cohorts`, `features` and `models` of the same virtual patients: CLEAN
without faults, the others with the same faults. TABLES is learnt from data/tables,
where ingest has nulled what no person can have; CHECKED from data/checked; RAW from
data/tables with these numbers put back (`damage.py --raw TABLES RAW`), as if nobody had
looked. Every model is asked about the same people at the same index times, as its own
features describe them.

A handful of outcomes cannot tell models apart. But of virtual patients the true risk is
known (CLEAN/comparators, from the risks that `simulate` writes): each row counts as so
much of a case and the rest of a control, and the AUROC is the one that is expected.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
from sklearn.metrics import roc_auc_score

from chronicle.core import store
from chronicle.core.model import predict
from chronicle.core.tables import EVENTS, FEATURES
from chronicle.ingest import measures
from chronicle.ingest.units import rule_of

INDEX = "visits"  # the rule by which these diseases ask
KEY = ["subject_id", "prediction_time"]
ROUNDS, SEED = 500, 7  # of drawing people again
ARMS = ["clean", "raw", "tables", "checked"]
NULLED = ["impossible", "sentinel", "unit-conflict", "swapped"]


def main(words: list[str]) -> int:
    """Print a line for each disease, and what all of them lost together."""
    if words[0] == "--raw":
        return put_back(Path(words[1]), Path(words[2]))
    seeds = [[Path(each) for each in words[i : i + 4]] for i in range(0, len(words), 4)]
    print("| disease | people | " + " | ".join(ARMS) + " | lost | won back |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    every = []
    for path in sorted((seeds[0][0] / "cohorts").iterdir()):
        rows = [told(path.name, arms) for arms in seeds]
        found = np.mean([_all_areas(each, i) for i, each in enumerate(rows)], axis=0)
        every.append(found)
        people = sum(each["subject_id"].n_unique() for each in rows)
        print(f"| {path.name} | {people} | {_shown(found)} |")
        print(_shares(found))
    print(f"| mean | | {_shown(np.mean(every, axis=0))} |")
    print(_shares(np.mean(every, axis=0)))
    return 0


def told(slug: str, arms: list[Path]) -> pl.DataFrame:
    """Return the test rows that all arms have, the scores, and the true risk."""
    rows = pl.read_parquet(arms[0] / "cohorts" / slug / "cohort.parquet").filter(
        pl.col("split") == "test", pl.col("weight") > 0
    )
    true = pl.read_parquet(arms[0] / "comparators/**/*.parquet").filter(
        disease=slug, name="oracle"
    )
    kept = (
        rows.select(KEY)
        .sort("prediction_time")
        .join_asof(
            true.sort("from_time"),
            left_on="prediction_time",
            right_on="from_time",
            by="subject_id",
            check_sortedness=False,
        )
        .filter(pl.col("prediction_time") < pl.col("until_time"))
        .select(*KEY, "risk")
    )
    for name, arm in zip(ARMS, arms, strict=True):
        about = store.read_json(arm / "models" / slug / "model.json")
        columns = about["features"]
        matrix = store.read(
            FEATURES, arm / "features" / INDEX, columns=[*KEY, *columns]
        )
        asked = matrix.join(rows, on=KEY, how="semi").sort(KEY)
        named = pd.DataFrame(asked.select(columns).to_numpy(), columns=columns)
        score, _ = predict(arm / "models" / slug / "model.txt", named, about)
        mine = asked.select(KEY).with_columns(pl.Series(name, score))
        kept = kept.join(mine, on=KEY)
    return kept.sort(KEY)


def _all_areas(rows: pl.DataFrame, seed: int) -> np.ndarray:
    return np.array([areas(rows, arm, SEED + seed) for arm in ARMS])


def areas(rows: pl.DataFrame, arm: str, seed: int) -> np.ndarray:
    """Return the expected AUROC, then those of people drawn again, alike for each."""
    draw = np.random.default_rng(seed)
    risk, score = rows["risk"].to_numpy(), rows[arm].to_numpy()
    twice, label = np.tile(score, 2), np.repeat([1, 0], risk.size)
    whose = rows["subject_id"].rle_id().to_numpy()
    found = [roc_auc_score(label, twice, sample_weight=np.append(risk, 1 - risk))]
    for _ in range(ROUNDS):
        times = np.bincount(draw.integers(0, whose.max() + 1, whose.max() + 1))
        each = np.pad(times, (0, whose.max() + 1 - times.size))[whose]
        weight = np.append(each * risk, each * (1 - risk))
        found.append(roc_auc_score(label, twice, sample_weight=weight))
    return np.array(found)


def put_back(tables: Path, raw: Path) -> int:
    """Write tables in which every number stands that the source gave."""
    (raw / "events").mkdir(parents=True)
    (raw / "patients").symlink_to((tables / "patients").resolve())
    for path in store.shards(tables / "events"):
        rows = store.read(EVENTS, path)
        store.write(EVENTS, _as_sent(rows), raw / "events" / path.name)
    return 0


def _as_sent(rows: pl.DataFrame) -> pl.DataFrame:
    """Convert what was nulled as if it had no limits; an unsure unit is the usual."""
    odd = pl.col("value_fate").is_in(NULLED) & pl.col("source_value").is_not_null()
    pairs = []
    for code, unit in rows.filter(odd).select("code", "source_unit").unique().rows():
        if measure := measures.of(code):
            rule = rule_of(code, unit)
            factor, offset = (rule.factor, rule.offset) if rule.factor else (1.0, 0.0)
            pairs.append((code, unit, factor, offset, measure.unit))
    schema = {"code": pl.String, "source_unit": pl.String, "factor": pl.Float64}
    schema |= {"offset": pl.Float64, "kept": pl.String}
    known = pl.DataFrame(pairs, schema, orient="row")
    on = ["code", "source_unit"]
    found = rows.join(known, on=on, how="left", nulls_equal=True, maintain_order="left")
    back = pl.when(odd & pl.col("factor").is_not_null())
    number = pl.col("source_value") * pl.col("factor") + pl.col("offset")
    return found.with_columns(
        numeric_value=back.then(number.cast(pl.Float32)).otherwise("numeric_value"),
        unit=back.then("kept").otherwise("unit"),
        value_fate=back.then(None).otherwise("value_fate"),
    ).select(rows.columns)


def _shown(found: np.ndarray) -> str:
    clean, raw, _, checked = found
    areas_of = " | ".join(f"{each[0]:.3f}" for each in found)
    return f"{areas_of} | {_interval(clean - raw)} | {_interval(checked - raw)}"


def _shares(found: np.ndarray) -> str:
    clean, raw, tables, checked = found
    parts = {"by ingest": tables - raw, "by check": checked - tables}
    shares = [
        f"{name} {_interval(100 * won / (clean - raw), 0)}"
        for name, won in ({"in all": checked - raw} | parts).items()
    ]
    return "won back, % of the loss: " + "; ".join(shares)


def _interval(values: np.ndarray, digits: int = 3) -> str:
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return f"{values[0]:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
