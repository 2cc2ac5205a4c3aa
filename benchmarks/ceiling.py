"""How much of a disease the records of virtual patients can tell at all.

The oracle knows the body; no record does. So the *observable* ceiling is estimated:
trees learn the oracle's risk itself, without the luck of who fell ill, from the
features that the model may read of its own training patients (a student of the
oracle). With the model's own risk, in the proportion that suits these very test
patients best, that is the ceiling: a little too high where outcomes are few; too low
where more patients would teach the student more, or where the oracle speaks of a code
and the outcome is a value.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
import polars as pl
from sklearn.linear_model import LogisticRegression

from chronicle.core import params, store
from chronicle.core.allowed import allowed
from chronicle.core.disease import Disease
from chronicle.core.model import predict
from chronicle.core.tables import COHORT, COMPARATORS, FEATURES
from chronicle.evaluate import calibrated, score
from chronicle.evaluate.bootstrap import scored, summary
from chronicle.evaluate.compare import held
from chronicle.evaluate.sample import Sample, draw
from chronicle.evaluate.settings import EvaluateParams

KEY = ["subject_id", "prediction_time"]
ORACLE = "oracle"
MODELS = Path("models")
SEED, ROUNDS, PATIENCE, CHECKED = 5, 800, 40, 0.2
STUDENT = {
    "objective": "cross_entropy", "learning_rate": 0.05, "num_leaves": 15,
    "min_data_in_leaf": 200, "lambda_l2": 5.0, "feature_fraction": 0.3, "max_bin": 63,
    "seed": SEED, "deterministic": True, "force_row_wise": True, "verbosity": -1,
}  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """Rows of one split: of the cohort, features, and true risks, NaN for none."""

    cohort: pl.DataFrame
    features: pd.DataFrame
    oracle: np.ndarray


def measured(slug: str, settings: EvaluateParams, others: Path | None = None) -> dict:
    """Ask model, student and oracle about the test patients.

    Args:
        slug: The disease.
        settings: How to draw again.
        others: Another such folder, whose patients, all of them, are asked instead.
    """
    asked = params.load(Path("diseases") / f"{slug}.yaml", Disease)
    about = store.read_json(MODELS / slug / "model.json")
    columns = allowed(
        store.read_json(Path("data/features") / asked.index / "dictionary.json"), asked
    )
    learnt = rows(slug, asked, columns, Path(), ("train",))
    unseen = (
        rows(slug, asked, columns, others, ("train", "test"))
        if others
        else rows(slug, asked, columns, Path(), ("test",))
    )
    sample = draw(
        unseen.cohort, number=settings.bootstrap_replicates, seed=settings.seed
    )
    model = MODELS / slug / "model.txt"
    risk, _ = predict(model, unseen.features[about["features"]], about)
    best = risk
    if np.isfinite(learnt.oracle).any():
        best = together(unseen, risk, student(learnt)(unseen.features))
    areas = {
        "model": area(sample, risk, settings),
        "ceiling": area(sample, best, settings),
    }
    foretold = np.isfinite(unseen.oracle)
    if others and foretold.any():
        areas["oracle"] = area(sample.only(foretold), unseen.oracle[foretold], settings)
    way = (areas["model"] - 0.5) / np.maximum(areas["ceiling"] - 0.5, 1e-9)
    slopes = scored(
        sample.judged(risk), {"s": calibrated.slope}, percent=settings.interval_percent
    )
    told = areas | {"way": 100 * way, "slope": slopes.values["s"]}
    return {
        "counts": sample.counts(),
        "true_slope": true_slope(unseen, risk),
        **{
            name: summary(each, percent=settings.interval_percent)
            for name, each in told.items()
        },
    }


def rows(
    slug: str, asked: Disease, columns: list[str], base: Path, splits: Collection[str]
) -> Rows:
    """Read splits of a folder: whose outcome is known."""
    cohort = store.read(COHORT, base / "data/cohorts" / slug / "cohort.parquet")
    mine = cohort.filter(pl.col("split").is_in(list(splits)), pl.col("weight") > 0)
    matrix = store.read(
        FEATURES,
        base / "data/features" / asked.index,
        columns=[*KEY, *columns],
        rows=mine.select(KEY),
    )
    table = mine.join(matrix, on=KEY, maintain_order="left")
    theirs = store.read(COMPARATORS, base / "data/comparators").filter(
        pl.col("disease") == slug, pl.col("name") == ORACLE
    )
    true = held(table, theirs).get(ORACLE, np.full(table.height, np.nan))
    features = pd.DataFrame(
        table.select(columns).to_numpy().astype(np.float32), columns=columns
    )
    return Rows(table.select(*COHORT.columns), features, true)


def student(learnt: Rows) -> object:
    """Return what tells the oracle's risk from features, as well as they tell it."""
    told = np.isfinite(learnt.oracle)
    subjects = learnt.cohort["subject_id"].to_numpy()
    patients = np.unique(subjects)
    draws = np.random.default_rng(SEED).random(len(patients)) < CHECKED
    aside = draws[np.searchsorted(patients, subjects)]
    sets = [
        lgb.Dataset(learnt.features[keep], learnt.oracle[keep], params=STUDENT)
        for keep in (told & ~aside, told & aside)
    ]
    sets[1].reference = sets[0]
    grown = lgb.train(
        STUDENT, sets[0], ROUNDS, valid_sets=[sets[1]],
        callbacks=[lgb.early_stopping(PATIENCE, verbose=False)],
    )  # fmt: skip
    return lambda features: np.asarray(grown.predict(features))


def together(unseen: Rows, *risks: np.ndarray) -> np.ndarray:
    """Return the risks in the proportion that suits these patients best."""
    given = np.column_stack([logit(each) for each in risks])
    outcome = unseen.cohort["boolean_value"].cast(pl.Float64).to_numpy()
    fitted = LogisticRegression(C=np.inf, tol=1e-8, max_iter=1000).fit(
        given, outcome, sample_weight=unseen.cohort["weight"].to_numpy()
    )
    return np.asarray(fitted.predict_proba(given)[:, 1])


def true_slope(unseen: Rows, risk: np.ndarray) -> float | None:
    """Return the calibration slope by the true risk: no luck of who fell ill is in it.

    A person with a true risk of 3 % counts as .03 of a case and .97 of a control. It is
    the risk of a code; where outcomes are more than that, the slope is a little off.
    """
    told = np.isfinite(unseen.oracle)
    if not told.any():
        return None
    true, given = unseen.oracle[told], logit(risk[told])[:, None]
    weight = unseen.cohort["weight"].to_numpy()[told]
    fitted = LogisticRegression(C=np.inf, tol=1e-8, max_iter=1000).fit(
        np.vstack([given, given]),
        np.repeat([1, 0], len(given)),
        sample_weight=np.concatenate([weight * true, weight * (1 - true)]),
    )
    return float(fitted.coef_[0, 0])


def area(sample: Sample, risk: np.ndarray, settings: EvaluateParams) -> np.ndarray:
    """Return the AUROC of the sample, then of each resample."""
    found = scored(
        sample.judged(risk), {"a": score.auroc}, percent=settings.interval_percent
    )
    return np.asarray(found.values["a"])


def logit(risk: np.ndarray) -> np.ndarray:
    """Return log-odds."""
    clipped = np.clip(risk, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(clipped / (1 - clipped)))
