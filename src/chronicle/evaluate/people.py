"""Who is judged: rows that a model did not see, what is known of them, who they are."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from chronicle.core import store
from chronicle.core.tables import COHORT, FEATURES

KEY = ["subject_id", "prediction_time"]


@dataclass(frozen=True)
class People:
    """Rows with a known outcome, n of them, and the scores of those to learn from.

    Args:
        rows: Of the cohort, and their published scores, null or NaN where none is.
        features: What the model reads, shape (n, k), NaN where unknown.
        published: Columns of those scores.
        train: Training rows, with their scores.
        patients: Table `patients`.
        splits: How rows were dealt, as `select` tells it; None: it does not.
    """

    rows: pl.DataFrame
    features: pd.DataFrame
    published: tuple[str, ...]
    train: pl.DataFrame
    patients: pl.DataFrame
    splits: dict[str, Any] | None

    def only(self, keep: npt.NDArray[np.bool_]) -> "People":
        """Return some of the rows."""
        return People(
            self.rows.filter(keep),
            self.features[keep],
            self.published,
            self.train,
            self.patients,
            self.splits,
        )

    def tested(self, split: str) -> "People":
        """Return the test rows of one of the splits of the cohort."""
        return self.only((self.rows[split] == "test").fill_null(value=False).to_numpy())


def people(
    cohort: Path,
    folder: Path,
    patients: pl.DataFrame,
    features: list[str],
    published: tuple[str, ...],
) -> People:
    """Read the test rows of all splits, and the scores of the training rows.

    Args:
        cohort: Its file.
        folder: Of the feature matrix.
        patients: Table `patients`.
        features: What the model reads.
        published: Columns of published scores.
    """
    known = store.read(COHORT, cohort).filter(pl.col("weight") > 0)
    in_test = (pl.col("split") == "test") | (pl.col("split_site") == "test")
    columns = list(dict.fromkeys([*features, *published]))
    rows = known.filter(in_test)
    dealt = cohort.with_name("splits.json")
    matrix = _described(rows, folder, columns)
    learnt = known.filter(pl.col("split") == "train")
    return People(
        matrix.select(*COHORT.columns, *published),
        pd.DataFrame(matrix.select(features).to_numpy(), columns=features),
        published,
        _described(learnt, folder, list(published)) if published else learnt,
        patients,
        store.read_json(dealt) if dealt.exists() else None,
    )


def cannot_read(folder: Path, features: list[str]) -> str | None:
    """Return why a model cannot be asked, or None: features that are made no more."""
    made = {each["name"] for each in store.read_json(folder / "dictionary.json")}
    gone = [each for each in features if each not in made]
    if not gone:
        return None
    return f"reads what is no longer made: {len(gone)} of {len(features)} features"


def _described(rows: pl.DataFrame, folder: Path, columns: list[str]) -> pl.DataFrame:
    matrix = store.read(
        FEATURES, folder, columns=[*KEY, *columns], rows=rows.select(KEY)
    )
    return rows.join(matrix, on=KEY, maintain_order="left")
