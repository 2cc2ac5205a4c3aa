"""Stage `train`: a cohort + its features -> models/<disease>."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import polars as pl
from pydantic import Field, model_validator

from chronicle.core import params, store
from chronicle.core.allowed import allowed, matching
from chronicle.core.disease import Disease
from chronicle.core.params import Params
from chronicle.core.tables import COHORT, FEATURES
from chronicle.train.baseline import Way
from chronicle.train.data import Data
from chronicle.train.enough import counts, too_few
from chronicle.train.fit import Fitted, Plan, fit
from chronicle.train.folds import folds
from chronicle.train.tune import Tuning

KEY = ["subject_id", "prediction_time"]
APART = ("split_temporal", "split_site")
ALL = "all"  # what the model may read
LIGHTGBMS = {
    "learning_rate", "rounds", "num_leaves", "lambda_l2", "path_smooth", "max_bin",
    "feature_fraction", "seed", "min_data_in_leaf",
}  # fmt: skip


class Least(Params):
    """Patients with an outcome that each split must have."""

    train: int = Field(ge=1)
    test: int = Field(ge=1)


class Baseline(Params):
    """A logistic regression that the model is held against, and that trees add to.

    Args:
        columns: Features that it reads, a `*` for any letters; none named: all.
        but: Those of them that it does not read.
        free: Those that are hardly penalised.
        inverse_penalties: scikit-learn's `C`, for columns of unit variance; the folds
            choose one.
    """

    columns: tuple[str, ...] = ("*",)
    but: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    inverse_penalties: tuple[float, ...] = Field(min_length=1)


class TrainParams(Params):
    """Section `train`: LightGBM's parameters under its own names, save these.

    Args:
        learning_rate: Share of each tree that is taken.
        rounds: Most trees there may be; the folds choose how many are kept.
        num_leaves: Leaves a tree.
        min_data_in_leaf: Index times that a leaf must have.
        lambda_l2: Pulls leaf values to zero.
        path_smooth: Pulls a leaf to its parent.
        max_bin: Steps that the values of a column are told apart by.
        feature_fraction: Share of the columns that each tree sees.
        trees_read: What trees read: `all` that the model may, or the columns of a
            baseline; the folds choose one.
        seed: Of what is drawn.
        folds: Of patients; each is scored by a model that has not seen it, and those
            scores tell how to make risks of scores.
        baselines: By name. Trees add to the mean of them.
        imbalance: What may be done about rare outcomes (`train/imbalance.py`): the
            first, unless the folds say that another is clearly better.
        tuning: How other settings are looked for.
        standard_errors: Other settings, or another method for rare outcomes, stand in
            for those that are given only where the log-loss in the folds is lower by
            so many.
        abstain_percent: The model says nothing of people who are as unlike those whom
            it learnt from as so many of these are.
        set_percent: Of cases, and of controls, that lie beyond or below the risk which
            is told for each.
        learning_percents: Of patients: how well fewer of them would have done.
        min_outcome_patients: With fewer, no model is made.
    """

    learning_rate: float = Field(gt=0, le=1)
    rounds: int = Field(ge=1)
    num_leaves: int = Field(ge=2)
    min_data_in_leaf: int = Field(ge=1)
    lambda_l2: float = Field(ge=0)
    path_smooth: float = Field(ge=0)
    max_bin: int = Field(ge=2)
    feature_fraction: float = Field(gt=0, le=1)
    trees_read: tuple[str, ...] = Field(min_length=1)
    seed: int
    folds: int = Field(ge=2)
    baselines: dict[str, Baseline] = Field(min_length=1)
    imbalance: tuple[Literal["none", "weights", "undersampled", "focal"], ...] = Field(
        min_length=1
    )
    tuning: Tuning
    standard_errors: float = Field(ge=0)
    abstain_percent: float = Field(ge=0, lt=100)
    set_percent: float = Field(gt=0, lt=100)
    learning_percents: tuple[float, ...]
    min_outcome_patients: Least

    @model_validator(mode="after")
    def _knows_its_columns(self) -> "TrainParams":
        if {*self.trees_read} - {ALL, *self.baselines}:
            raise ValueError("trees_read: neither all nor one of the baselines")
        if {*self.tuning.ranges} - (LIGHTGBMS - {"max_bin", "rounds"}):
            raise ValueError("tuning: a setting that cannot be looked for")
        return self


def run(cohort: Path, features: Path, disease: Path, model: Path) -> None:
    """Fit one disease's model on its training patients, or say why there is none."""
    settings = params.section("train", TrainParams)
    rows = store.read(COHORT, cohort / "cohort.parquet")
    reason = too_few(counts(rows), settings.min_outcome_patients.model_dump())
    dealt = cohort / "splits.json"
    with store.folder(model) as folder:
        about: dict[str, Any] = {
            "trained": reason is None,
            "reason": reason,
            "counts": counts(rows),
            "features": [],
            "splits": store.read_json(dealt) if dealt.exists() else None,
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
            fitted = _fitted(data, columns, settings, asked, _judged(rows))
            about |= _told(fitted)
            _write(fitted, folder)
        store.write_json(about, folder / "model.json")


def _judged(rows: pl.DataFrame) -> list[str]:
    """Return the splits by which anybody is tested; a refit for others is for none."""
    known = rows.filter(pl.col("weight") > 0)
    return [each for each in APART if (known[each] == "test").any()]


def _told(fitted: Fitted) -> dict[str, Any]:
    names = (
        "calibration", "start", "chosen", "bounds", "likeness", "sets", "learning",
    )  # fmt: skip
    refits = [each.about for each in fitted.refits]
    return {name: getattr(fitted, name) for name in names} | {"refits": refits}


def _write(fitted: Fitted, folder: Path) -> None:
    store.write_text(fitted.text, folder / "model.txt")
    store.write_json(fitted.baselines, folder / "baselines.json")
    for each in fitted.refits:
        store.write_text(each.text, folder / f"{each.about['split']}.txt")


def _fitted(
    table: pl.DataFrame,
    columns: list[str],
    settings: TrainParams,
    disease: Disease,
    judged: Sequence[str],
) -> Fitted:
    data = Data(
        pd.DataFrame(table.select(columns).to_numpy(), columns=columns),
        table["boolean_value"].cast(pl.Float64).to_numpy(),
        table["weight"].to_numpy(),
        table["subject_id"].to_numpy(),
    )
    left_out = list(folds(data.subjects, data.outcome, settings.folds, settings.seed))
    apart = {
        each: (table[each] == "train").fill_null(value=False).to_numpy()
        for each in judged
    }
    return fit(data, left_out, _plan(columns, settings, disease), apart)


def _plan(columns: list[str], settings: TrainParams, disease: Disease) -> Plan:
    named = settings.baselines.items()
    read = {name: matching(columns, each.columns, each.but) for name, each in named}
    read[ALL] = columns
    return Plan(
        [
            Way(
                name.replace("_", " "),
                tuple(read[name]),
                each.free,
                each.inverse_penalties,
            )
            for name, each in named
        ],
        settings.model_dump(include=LIGHTGBMS),
        {each: read[each] for each in settings.trees_read if read[each]}
        or {ALL: columns},
        {
            name: 1 if way == "up" else -1
            for pattern, way in disease.monotone.items()
            for name in matching(columns, (pattern,))
        },
        settings.imbalance,
        settings.tuning,
        settings.seed,
        settings.standard_errors,
        settings.abstain_percent,
        settings.set_percent,
        settings.learning_percents,
    )
