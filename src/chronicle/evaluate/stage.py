"""Stage `evaluate`: features, model, others' risks -> evaluations, metrics."""

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import polars as pl
from pydantic import Field

from chronicle.core import params, store
from chronicle.core.disease import Disease
from chronicle.core.model import of_baseline, predict
from chronicle.core.params import Params
from chronicle.core.tables import COHORT, COMPARATORS, FEATURES
from chronicle.evaluate.compare import beside, compare
from chronicle.evaluate.judge import judge

KEY = ["subject_id", "prediction_time"]
# Settings of what is drawn for the model and not for what stands beside it.
ALONE = {"calibration_groups", "decision_thresholds", "capacity_percents"}


class EvaluateParams(Params):
    """Section `evaluate`.

    Args:
        bootstrap_replicates: How often patients are drawn again.
        interval_percent: Coverage of every interval.
        calibration_groups: Points of the calibration plot.
        decision_thresholds: Risks at which somebody might act, for net benefit.
        capacity_percents: Shares of people that there may be room for.
        seed: Of the draws.
        min_outcome_patients: With fewer in common, there is no comparison.
    """

    bootstrap_replicates: int = Field(ge=10)
    interval_percent: float = Field(gt=0, lt=100)
    calibration_groups: int = Field(ge=2)
    decision_thresholds: tuple[Annotated[float, Field(gt=0, lt=1)], ...]
    capacity_percents: tuple[Annotated[float, Field(gt=0, lt=100)], ...]
    seed: int
    min_outcome_patients: int = Field(ge=1)


def run(
    cohort: Path,
    features: Path,
    model: Path,
    comparators: Path,
    disease: Path,
    evaluation: Path,
    metrics: Path,
) -> None:
    """Judge one disease's model on the patients whom it never saw."""
    settings = params.section("evaluate", EvaluateParams)
    about = store.read_json(model / "model.json")
    found: dict[str, Any] = {
        "trained": about["trained"],
        "reason": about["reason"],
        "counts": about["counts"],
        "interval_percent": settings.interval_percent,
        "metrics": None,
        "prevalence": None,
        "roc": [],
        "calibration": [],
        "decision": [],
        "capacity": [],
        "features": [],
        "baselines": [],
        "comparators": [],
    }
    if about["trained"]:
        rows = store.read(COHORT, cohort / "cohort.parquet")
        folder = features / params.load(disease, Disease).index
        data = _unseen(rows, folder, about["features"])
        given = store.read(COMPARATORS, comparators)
        theirs = given.filter(pl.col("disease") == disease.stem)
        found |= _judged(data, model, about, theirs, settings)
    store.write_json(found, evaluation)
    store.write_json(_flat(found), metrics)


def _unseen(rows: pl.DataFrame, folder: Path, features: list[str]) -> pl.DataFrame:
    unseen = rows.filter(pl.col("split") == "test", pl.col("weight") > 0)
    matrix = store.read(
        FEATURES, folder, columns=[*KEY, *features], rows=unseen.select(KEY)
    )
    return unseen.join(matrix, on=KEY, maintain_order="left")


def _judged(
    data: pl.DataFrame,
    model: Path,
    about: dict[str, Any],
    given: pl.DataFrame,
    settings: EvaluateParams,
) -> dict[str, Any]:
    matrix, rows = data.select(about["features"]), data.select(*COHORT.columns)
    features = pd.DataFrame(matrix.to_numpy(), columns=matrix.columns)
    risk, reasons = predict(model / "model.txt", features, about)
    alone = settings.model_dump(exclude={"min_outcome_patients"})
    both = settings.model_dump(exclude=ALONE)
    judged = rows.with_columns(model=pl.Series(risk))
    return judge(rows, matrix, risk, reasons, **alone) | {
        "baselines": [
            beside(
                each["name"],
                judged.with_columns(risk=pl.Series(of_baseline(each, features))),
                **both,
            )
            for each in store.read_json(model / "baselines.json")
        ],
        "comparators": compare(rows, risk, given, **both),
    }


def _flat(found: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers alone, one level deep: what `dvc metrics` compares."""
    flat: dict[str, Any] = {"trained": int(found["trained"])}
    for split, counted in found["counts"].items():
        flat |= {f"{split}_{name}": n for name, n in counted.items()}
    for name, each in _named(found).items():
        flat |= {
            name: each["value"],
            f"{name}_low": each["low"],
            f"{name}_high": each["high"],
        }
    return {name: value for name, value in flat.items() if value is not None}


def _named(found: dict[str, Any]) -> dict[str, Any]:
    named = dict(found["metrics"] or {})
    for other in (*found["baselines"], *found["comparators"]):
        name = other["name"].replace(" ", "_")
        named[f"{name}_auroc"] = other["comparator"]["auroc"]
        named[f"auroc_minus_{name}"] = other["auroc_difference"]
    return named
