"""Stage `evaluate`: features + model -> data/evaluations, reports/<disease>."""

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
from pydantic import Field

from chronicle.core import params, store
from chronicle.core.params import Params
from chronicle.core.tables import COHORT, FEATURES
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
    """

    bootstrap_replicates: int = Field(ge=10)
    interval_percent: float = Field(gt=0, lt=100)
    calibration_groups: int = Field(ge=2)
    seed: int


def run(
    cohort: Path, features: Path, model: Path, evaluation: Path, metrics: Path
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
    }
    if about["trained"]:
        rows = store.read(COHORT, cohort / "cohort.parquet")
        unseen = rows.filter(pl.col("split") == "test", pl.col("weight") > 0)
        data = unseen.join(
            store.read(FEATURES, features), on=KEY, maintain_order="left"
        )
        matrix = data.select(about["features"])
        risk, reasons = predict(
            model / "model.txt",
            pd.DataFrame(matrix.to_numpy(), columns=matrix.columns),
        )
        found |= judge(unseen, matrix, risk, reasons, **settings.model_dump())
    store.write_json(found, evaluation)
    store.write_json(_flat(found), metrics)


def _flat(found: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers alone, one level deep: what `dvc metrics` compares."""
    flat: dict[str, Any] = {"trained": int(found["trained"])}
    for split, counted in found["counts"].items():
        flat |= {f"{split}_{name}": n for name, n in counted.items()}
    for name, each in (found["metrics"] or {}).items():
        flat |= {
            name: each["value"],
            f"{name}_low": each["low"],
            f"{name}_high": each["high"],
        }
    return {name: value for name, value in flat.items() if value is not None}
