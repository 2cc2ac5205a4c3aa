"""Stage `train`: a cohort + its features -> models/<disease>."""

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
from pydantic import Field, model_validator

from chronicle.core import params, store
from chronicle.core.allowed import allowed
from chronicle.core.disease import Disease
from chronicle.core.params import Params
from chronicle.core.tables import COHORT, FEATURES
from chronicle.train import baseline
from chronicle.train.enough import counts, too_few
from chronicle.train.fit import Data, Fitted, fit
from chronicle.train.folds import folds

KEY = ["subject_id", "prediction_time"]
NOT_LIGHTGBMS = {"min_outcome_patients", "folds", "baselines", "start"}


class Least(Params):
    """Patients with an outcome that each split must have."""

    train: int = Field(ge=1)
    test: int = Field(ge=1)


class Baseline(Params):
    """A logistic regression that the model is held against.

    Args:
        columns: Features that it reads; none named: all.
        inverse_penalty: scikit-learn's `C`, for columns of unit variance.
    """

    columns: tuple[str, ...] = ()
    inverse_penalty: float = Field(gt=0)


class TrainParams(Params):
    """Section `train`: LightGBM's parameters under its own names, save these.

    Args:
        learning_rate: Share of each tree that is taken.
        rounds: Most trees there may be; the folds choose how many are kept.
        num_leaves: Leaves a tree.
        min_index_times_in_leaf: Rows a leaf must have.
        lambda_l2: Pulls leaf values to zero.
        path_smooth: Pulls a leaf to its parent.
        max_bin: Steps that the values of a column are told apart by.
        feature_fraction: Share of the columns that each tree sees.
        seed: Of that choice.
        folds: Of patients; each is scored by a model that has not seen it, and those
            scores tell how to make risks of scores.
        baselines: What the model is held against, by name.
        start: The one of them that trees add to.
        min_outcome_patients: With fewer, no model is made.
    """

    learning_rate: float = Field(gt=0, le=1)
    rounds: int = Field(ge=1)
    num_leaves: int = Field(ge=2)
    min_index_times_in_leaf: int = Field(ge=1)
    lambda_l2: float = Field(ge=0)
    path_smooth: float = Field(ge=0)
    max_bin: int = Field(ge=2)
    feature_fraction: float = Field(gt=0, le=1)
    seed: int
    folds: int = Field(ge=2)
    baselines: dict[str, Baseline]
    start: str
    min_outcome_patients: Least

    @model_validator(mode="after")
    def _starts_somewhere(self) -> "TrainParams":
        if self.start not in self.baselines:
            raise ValueError("start is none of the baselines")
        return self


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
            fitted, baselines = _fitted(data, columns, settings)
            about["calibration"], about["start"] = fitted.calibration, fitted.start
            about["rounds"] = fitted.rounds
            store.write_text(fitted.text, folder / "model.txt")
            store.write_json(baselines, folder / "baselines.json")
        store.write_json(about, folder / "model.json")


def _fitted(
    table: pl.DataFrame, columns: list[str], settings: TrainParams
) -> tuple[Fitted, list[dict[str, Any]]]:
    """Return the model, and the baselines that it is held against."""
    data = Data(
        pd.DataFrame(table.select(columns).to_numpy(), columns=columns),
        table["boolean_value"].cast(pl.Float64).to_numpy(),
        table["weight"].to_numpy(),
        table["subject_id"].to_numpy(),
    )
    given = settings.model_dump(exclude=NOT_LIGHTGBMS)
    given["min_data_in_leaf"] = given.pop("min_index_times_in_leaf")
    hows: dict[str, dict[str, Any]] = {
        name: {
            "name": name.replace("_", " "),
            "columns": each.columns or columns,
            "inverse_penalty": each.inverse_penalty,
        }
        for name, each in settings.baselines.items()
    }
    left_out = list(folds(data.subjects, settings.folds, settings.seed))
    return fit(data, left_out, hows[settings.start], given), [
        baseline.fit(
            features=data.features, outcome=data.outcome, weight=data.weight, **how
        )
        for how in hows.values()
    ]
