"""Risks of today with their bounds, or why none is told."""

import hashlib

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from chronicle.core.model import doubt
from chronicle.core.present import SCORES
from chronicle.core.store import METRIC_DIGITS
from chronicle.score.champion import Champion

KEY = ["subject_id", "prediction_time"]
UNLIKE = "unlike"


def scored(
    today: pl.DataFrame, reasons: pl.DataFrame, features: pl.DataFrame, model: Champion
) -> pl.DataFrame:
    """Return the table `scores` of one disease.

    Args:
        today: Who is asked, and who is out.
        reasons: Risk and reasons of those who are asked.
        features: What was known of them: `KEY` and the columns that the model reads.
        model: The model in use.
    """
    columns = model.about["features"]
    rows = reasons.join(features, on=KEY, maintain_order="left")
    matrix = pd.DataFrame(rows.select(columns).to_numpy(), columns=columns)
    low, high, unlike = doubt(matrix, rows["risk"].to_numpy(), model.about)
    told = rows.select(*KEY, "risk", "base_risk", "reasons", "rest").with_columns(
        # Calibration is a line and bounds are steps, so a risk may lie beside them, and
        # who reads that would take one of the two for a mistake.
        low=pl.min_horizontal("risk", pl.Series(low, dtype=pl.Float64)),
        high=pl.max_horizontal("risk", pl.Series(high, dtype=pl.Float64)),
        unlike=pl.Series(unlike, dtype=pl.Boolean),
        input=pl.Series(_hashes(matrix, model.version), dtype=pl.String),
    )
    silent = pl.col("unlike").fill_null(False)
    said = ("risk", "low", "high", "base_risk", "reasons", "rest")
    return (
        today.join(told, on=KEY, how="left", maintain_order="left")
        .with_columns(
            unsaid=pl.when(silent).then(pl.lit(UNLIKE)).otherwise("out"),
            # A risk that should not be believed is not there to be read.
            **{name: pl.when(~silent).then(name) for name in said},
        )
        .with_columns(pl.col("low", "high").round(METRIC_DIGITS))
        .select(list(SCORES.columns))
    )


def _hashes(matrix: pd.DataFrame, version: str) -> list[str]:
    """Return what tells one input of one model from any other, of each row."""
    head = hashlib.sha256("\n".join([version, *matrix.columns]).encode())
    values: npt.NDArray[np.float32] = matrix.to_numpy().astype("<f4", order="C")
    # Of the many ways to write "not known", one.
    values[np.isnan(values)] = np.nan
    found = []
    for row in values:
        mine = head.copy()
        mine.update(row.tobytes())
        found.append(mine.hexdigest())
    return found
