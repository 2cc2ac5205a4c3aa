"""What wrong numbers cost, and what is won back: `python benchmarks/damage.py FOLDER`.

The folder is one of `damage_arms.py`. The model is the trainer's own logistic
regression, to which its trees add: the columns of `params.yaml` that the disease's file
allows, one fixed penalty, nothing tuned. Five folds of patients, drawn anew three
times: everybody is scored by models that have not seen him. Two questions: models that
were learnt from the arm (`learnt`), and models that were learnt from clean data and are
asked of the arm, as a model in use is whose source turns bad (`in use`).

A handful of outcomes cannot tell models apart. But of virtual patients the true risk is
known: each row counts as so much of a case and the rest of a control, when it teaches
and when it is asked, and the AUROC is the one that is expected. Labels, index times and
people are the same in all arms. Intervals are of people drawn again, alike for all.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import yaml
from damage_arms import ARMS, DISEASES, ROOT, TIMES

from chronicle.core import params, store
from chronicle.core.allowed import allowed, matching
from chronicle.core.disease import Disease
from chronicle.core.tables import FEATURES
from chronicle.train import baseline

KEY = ["subject_id", "prediction_time"]
MODEL = "logistic_regression"
INVERSE_PENALTY = 0.01
FOLDS, REPEATS, DRAWS, SEED = 5, 3, 500, 7
WAYS = ("learnt", "in use")


class Asked(NamedTuple):
    """One disease: the true risk of each row, and whose row it is."""

    risk: np.ndarray
    whose: np.ndarray


def main(words: list[str]) -> int:
    """Print each disease's AUROC, and what was lost and won back in the mean."""
    folder = Path(words[0])
    times = [each for each in TIMES if (folder / f"x{each}").exists()]
    matrices = dict(_matrices(folder, times))
    subjects = matrices["clean"]["subject_id"].unique().sort()
    found = {}
    print("| disease | people | true risk | | " + " | ".join(matrices) + " |")
    for slug in DISEASES:
        asked, scores = scored(slug, folder, matrices, subjects)
        found[slug] = {
            key: drawn(asked, each, len(subjects)) for key, each in scores.items()
        }
        people = len(np.unique(asked.whose))
        for way in WAYS:
            line = " | ".join(f"{found[slug][way, arm][0]:.3f}" for arm in matrices)
            print(f"| {slug} | {people:,} | {asked.risk.mean():.3f} | {way} | {line} |")
    print("| models | times | " + " | ".join(("clean", *ARMS)) + " | lost | won back |")
    for way in WAYS:
        for each in times:
            names = {"clean": "clean"} | {arm: f"{arm} x{each}" for arm in ARMS}
            mean = {
                arm: np.mean([found[slug][way, name] for slug in DISEASES], axis=0)
                for arm, name in names.items()
            }
            print(f"| {way} | {each} | {_shown(mean)} |")
    return 0


def _matrices(folder: Path, times: list[int]) -> Iterator[tuple[str, pl.DataFrame]]:
    yield "clean", store.read(FEATURES, folder / "clean/features/clean").sort(KEY)
    for each in times:
        for arm in ARMS:
            path = folder / f"x{each}/features/{arm}"
            yield f"{arm} x{each}", store.read(FEATURES, path).sort(KEY)


def scored(
    slug: str, folder: Path, matrices: dict[str, pl.DataFrame], subjects: pl.Series
) -> tuple[Asked, dict[tuple[str, str], np.ndarray]]:
    """Return what is asked, and its scores by way and arm: shape (n,)."""
    rows = _cohort(folder, slug)
    whose = subjects.search_sorted(rows["subject_id"]).to_numpy()
    asked = Asked(rows["risk"].to_numpy(), whose)
    way = _way(slug, folder)
    numbers = {
        arm: _numbers(
            rows.join(each, on=KEY, how="left", maintain_order="left"), way.columns
        )
        for arm, each in matrices.items()
    }
    scores = {(each, arm): np.zeros(len(rows)) for each in WAYS for arm in matrices}
    for seed in range(REPEATS):
        draw = np.random.default_rng(seed).permutation(np.arange(len(subjects)) % FOLDS)
        for fold in range(FOLDS):
            test = draw[whose] == fold
            models = {
                arm: _learnt(way, each[~test], asked.risk[~test])
                for arm, each in numbers.items()
            }
            for arm, each in numbers.items():
                for name, model in zip(WAYS, (arm, "clean"), strict=True):
                    scores[name, arm][test] += _predicted(models[model], each[test])
    return asked, scores


def _cohort(folder: Path, slug: str) -> pl.DataFrame:
    """Return index times at which somebody is at risk, and the true risk."""
    rows = pl.read_parquet(folder / "clean/cohorts" / slug / "cohort.parquet")
    true = pl.read_parquet(folder / "clean/data/comparators/**/*.parquet").filter(
        disease=slug, name="oracle"
    )
    found = (
        rows.select(KEY)
        .sort("prediction_time")
        .join_asof(
            true.sort("from_time"),
            left_on="prediction_time",
            right_on="from_time",
            by="subject_id",
            check_sortedness=False,
        )
    )
    inside = pl.col("prediction_time") < pl.col("until_time")
    return found.filter(inside).select(*KEY, "risk").sort(KEY)


def _numbers(rows: pl.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    found = rows.select(pl.col(columns).cast(pl.Float64)).to_numpy()
    return pd.DataFrame(found, columns=list(columns))


def _way(slug: str, folder: Path) -> baseline.Way:
    told = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    model = told["train"]["baselines"][MODEL]
    known = store.read_json(folder / "clean/features/clean/dictionary.json")
    read = allowed(known, params.load(ROOT / f"diseases/{slug}.yaml", Disease))
    columns = matching(read, model["columns"], model["but"])
    return baseline.Way(MODEL, tuple(columns), tuple(model["free"]), (INVERSE_PENALTY,))


def _learnt(
    way: baseline.Way, features: pd.DataFrame, risk: np.ndarray
) -> dict[str, Any]:
    """Learn from each row as so much of a case, and the rest of a control."""
    outcome, weight = np.repeat([1.0, 0.0], len(risk)), np.append(risk, 1 - risk)
    some = weight > 0
    twice = pd.concat([features, features], ignore_index=True)
    return baseline.fit(way, twice[some], outcome[some], weight[some])[0]


def _predicted(model: dict[str, Any], features: pd.DataFrame) -> np.ndarray:
    found = np.full(len(features), model["intercept"])
    for term in model["terms"]:
        value = features[term["feature"]].to_numpy(float)
        off = (value - term["mean"]) / term["scale"]
        step = term["coefficient"] * np.clip(off, -model["limit"], model["limit"])
        found += np.where(np.isfinite(value), step, term["missing"])
    return found


def drawn(asked: Asked, score: np.ndarray, people: int) -> np.ndarray:
    """Return the AUROC, then those of people drawn again, alike for each arm."""
    draw = np.random.default_rng(SEED)
    _, place = np.unique(score, return_inverse=True)
    found = []
    for nth in range(DRAWS + 1):
        again = draw.integers(0, people, people) if nth else np.arange(people)
        often = np.bincount(again, minlength=people)[asked.whose]
        more = np.bincount(place, often * asked.risk)
        less = np.bincount(place, often * (1 - asked.risk))
        below = np.cumsum(less) - less / 2
        found.append((more * below).sum() / (more.sum() * less.sum()))
    return np.array(found)


def _shown(area: dict[str, np.ndarray]) -> str:
    areas = " | ".join(f"{each[0]:.3f}" for each in area.values())
    lost, won = area["clean"] - area["tables"], area["checked"] - area["tables"]
    could = area["known"] - area["tables"]
    parts = [_interval(lost, 4), _interval(won, 4)]
    for share in (won / lost, could / lost, won / could):
        parts.append(_interval(100 * share, 0))
    return f"{areas} | {' | '.join(parts)}"


def _interval(values: np.ndarray, digits: int) -> str:
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return f"{values[0]:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
