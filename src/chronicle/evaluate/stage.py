"""Stage `evaluate`: features, model, others' risks -> evaluations, metrics."""

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
from pydantic import Field

from chronicle.core import params, store
from chronicle.core.disease import Disease
from chronicle.core.params import Params
from chronicle.core.tables import COHORT, COMPARATORS, FEATURES
from chronicle.evaluate.compare import compare
from chronicle.evaluate.judge import judge
from chronicle.evaluate.predict import predict

KEY = ["subject_id", "prediction_time"]


class EvaluateParams(Params):
    """Section `evaluate`.

    Args:
        bootstrap_replicates: How often patients are drawn again.
        interval_percent: Coverage of every interval.
        calibration_groups: Points of the calibration plot.
        seed: Of the draws.
        min_outcome_patients: With fewer in common, there is no comparison.
    """

    bootstrap_replicates: int = Field(ge=10)
    interval_percent: float = Field(gt=0, lt=100)
    calibration_groups: int = Field(ge=2)
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
        "features": [],
        "comparators": [],
    }
    if about["trained"]:
        rows = store.read(COHORT, cohort / "cohort.parquet")
        unseen = rows.filter(pl.col("split") == "test", pl.col("weight") > 0)
        columns = [*KEY, *about["features"]]
        matrix = store.read(
            FEATURES,
            features / params.load(disease, Disease).index,
            columns=columns,
            rows=unseen.select(KEY),
        )
        data = unseen.join(matrix, on=KEY, maintain_order="left")
        given = store.read(COMPARATORS, comparators)
        theirs = given.filter(pl.col("disease") == disease.stem)
        found |= _judged(data, model, about["features"], theirs, settings)
    store.write_json(found, evaluation)
    store.write_json(_flat(found), metrics)


def _judged(
    data: pl.DataFrame,
    model: Path,
    features: list[str],
    given: pl.DataFrame,
    settings: EvaluateParams,
) -> dict[str, Any]:
    matrix, rows = data.select(features), data.select(*COHORT.columns)
    risk, reasons = predict(
        model / "model.txt",
        pd.DataFrame(matrix.to_numpy(), columns=matrix.columns),
    )
    alone = settings.model_dump(exclude={"min_outcome_patients"})
    beside = settings.model_dump(exclude={"calibration_groups"})
    return judge(rows, matrix, risk, reasons, **alone) | {
        "comparators": compare(rows, risk, given, **beside)
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
    for other in found["comparators"]:
        named[f"{other['name']}_auroc"] = other["comparator"]["auroc"]
        named[f"auroc_minus_{other['name']}"] = other["auroc_difference"]
    return named
