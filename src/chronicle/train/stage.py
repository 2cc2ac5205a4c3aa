"""Stage `train`: a cohort + its features -> models/<disease>."""

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
from pydantic import Field

from chronicle.core import params, store
from chronicle.core.disease import Disease
from chronicle.core.params import Params
from chronicle.core.tables import COHORT, FEATURES
from chronicle.train import boost
from chronicle.train.allowed import allowed
from chronicle.train.enough import counts, too_few

KEY = ["subject_id", "prediction_time"]


class Least(Params):
    """Patients with an outcome that each split must have."""

    train: int = Field(ge=1)
    test: int = Field(ge=1)


class TrainParams(Params):
    """Section `train`: LightGBM's parameters under its own names, save these.

    Args:
        learning_rate: Share of each tree that is taken.
        rounds: Number of trees.
        num_leaves: Leaves a tree.
        min_index_times_in_leaf: Rows a leaf must have.
        lambda_l2: Pulls leaf values to zero.
        path_smooth: Pulls a leaf to its parent.
        feature_fraction: Share of the columns that each tree sees.
        seed: Of that choice.
        min_outcome_patients: With fewer, no model is made.
    """

    learning_rate: float = Field(gt=0, le=1)
    rounds: int = Field(ge=1)
    num_leaves: int = Field(ge=2)
    min_index_times_in_leaf: int = Field(ge=1)
    lambda_l2: float = Field(ge=0)
    path_smooth: float = Field(ge=0)
    feature_fraction: float = Field(gt=0, le=1)
    seed: int
    min_outcome_patients: Least


def run(cohort: Path, features: Path, disease: Path, model: Path) -> None:
    """Fit one disease's model on its training patients, or say why there is none."""
    settings = params.section("train", TrainParams)
    rows = store.read(COHORT, cohort / "cohort.parquet")
    reason = too_few(counts(rows), settings.min_outcome_patients.model_dump())
    with store.folder(model) as folder:
        about: dict[str, Any] = {
            "trained": reason is None,
            "reason": reason,
            "counts": counts(rows),
            "features": [],
        }
        if reason is None:
            asked = params.load(disease, Disease)
            folder_of = features / asked.index
            columns = allowed(store.read_json(folder_of / "dictionary.json"), asked)
            seen = rows.filter(pl.col("split") == "train", pl.col("weight") > 0)
            matrix = store.read(
                FEATURES, folder_of, columns=[*KEY, *columns], rows=seen.select(KEY)
            )
            data = seen.join(matrix, on=KEY, maintain_order="left")
            about["features"] = columns
            store.write_text(_fit(data, columns, settings), folder / "model.txt")
        store.write_json(about, folder / "model.json")


def _fit(data: pl.DataFrame, columns: list[str], settings: TrainParams) -> str:
    given = settings.model_dump(exclude={"min_outcome_patients"})
    given["min_data_in_leaf"] = given.pop("min_index_times_in_leaf")
    return boost.fit(
        pd.DataFrame(data.select(columns).to_numpy(), columns=columns),
        data["boolean_value"].cast(pl.Float64).to_numpy(),
        data["weight"].to_numpy(),
        given,
    )
