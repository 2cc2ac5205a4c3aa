"""Stage `explain`: features + a model -> what moves risks, and reasons of a sample."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from chronicle.core import params, store
from chronicle.core.disease import Disease
from chronicle.core.errors import ParamsError
from chronicle.core.model import score_of_trees
from chronicle.core.tables import COHORT, FEATURES
from chronicle.explain.concepts import grouped
from chronicle.explain.explained import Explained, explained, risks_of
from chronicle.explain.facts import dates
from chronicle.explain.importance import likeness
from chronicle.explain.overall import overall, seen_by
from chronicle.explain.pairs import pairs
from chronicle.explain.parts import Floats
from chronicle.explain.person import changed, person
from chronicle.explain.trials import asks
from chronicle.explain.wanted import ExplainParams

KEY = ["subject_id", "prediction_time"]


def run(
    cohort: Path,
    features: Path,
    model: Path,
    disease: Path,
    explanation: Path,
    sample: Path,
) -> None:
    """Explain one disease's model: as a whole, and for some of its test patients."""
    settings = params.section("explain", ExplainParams)
    about = store.read_json(model / "model.json")
    found: dict[str, Any] = {"trained": about["trained"], "reason": about["reason"]}
    told: list[dict[str, Any]] = []
    if about["trained"]:
        asked = _loaded(disease, settings)
        rows = store.read(COHORT, cohort / "cohort.parquet")
        folder = features / asked.index
        dictionary = store.read_json(folder / "dictionary.json")
        groups = grouped(dictionary, about["features"], settings)
        made = [each["name"] for each in dictionary]
        beside = [*asks(asked.trials, made), *dates(groups, made)]
        read = list(dict.fromkeys([*about["features"], *beside]))
        unseen = joined(rows, "test", folder, read)
        text, seen = model / "model.txt", features_of(unseen, about["features"])
        of_test = explained(text, about, seen, groups)
        found |= overall(of_test, unseen, asked, settings)
        learnt = joined(rows, "train", folder, about["features"])
        found |= seen_by(learnt, found, settings)
        found["refits"] = list(_again(of_test, unseen, model, about))
        found["pairs"] = _pairs(of_test, unseen, text, about, settings)
        risks = partial(risks_of, text, about)
        told = _told(of_test, unseen, beside, asked, found, settings, risks)
    store.write_json(found, explanation)
    with store.folder(sample) as kept:
        lines = (json.dumps(store.rounded(each), sort_keys=True) for each in told)
        store.write_text(
            "".join(f"{line}\n" for line in lines), kept / "reasons.ndjson"
        )


def _loaded(path: Path, settings: ExplainParams) -> Disease:
    """Load a disease file; nobody would miss what is expected of a misspelt thing."""
    disease = params.load(path, Disease)
    known = {thing for things in settings.concepts.values() for thing in things}
    if unknown := sorted(disease.signs.keys() - known):
        raise ParamsError(
            f"signs: no concept has {', '.join(unknown)}.",
            where=str(path),
            do="name things as `explain.concepts` in params.yaml does",
        )
    return disease


def _pairs(
    of_test: Explained,
    unseen: pl.DataFrame,
    text: Path,
    about: dict[str, Any],
    settings: ExplainParams,
) -> list[dict[str, Any]]:
    score = partial(score_of_trees, text, about=about)
    return pairs(of_test, unseen["subject_id"].to_numpy(), score, settings.seed)


def _again(
    of_test: Explained, unseen: pl.DataFrame, model: Path, about: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Say how alike what moves risks is in the models of some of the patients."""
    weight = unseen["weight"].to_numpy()
    for each in about.get("refits", []):
        text = model / f"{each['split']}.txt"
        other = explained(text, each, of_test.features, of_test.groups)
        told = {name: each[name] for name in ("split", "patients")}
        yield told | likeness(of_test.things, other.things, weight)


def _told(
    of_test: Explained,
    unseen: pl.DataFrame,
    beside: list[str],
    asked: Disease,
    found: dict[str, Any],
    settings: ExplainParams,
    risks: Callable[[pd.DataFrame], Floats],
) -> list[dict[str, Any]]:
    """Return what is told of the last index time of some patients, by subject."""
    subjects = unseen["subject_id"].to_numpy()
    last = np.flatnonzero(np.append(subjects[1:] != subjects[:-1], True))
    some = np.random.default_rng(settings.seed).permutation(len(last))
    rows = np.sort(last[some[: settings.sample_patients]]).tolist()
    changes = changed(of_test, rows, asked, found, settings, risks)
    of_trials = {
        name: unseen[name].cast(pl.Float64).fill_null(np.nan).to_list()
        for name in beside
    }
    times = unseen["prediction_time"].dt.to_string("iso:strict").to_list()
    return [
        {"subject_id": int(subjects[i]), "prediction_time": times[i]}
        | person(
            of_test,
            i,
            asked,
            found,
            settings,
            of_change,
            {name: values[i] for name, values in of_trials.items()},
        )
        for i, of_change in zip(rows, changes, strict=True)
    ]


def joined(
    rows: pl.DataFrame, split: str, folder: Path, columns: list[str]
) -> pl.DataFrame:
    """Return cohort rows of a split with a known outcome, and their features."""
    mine = rows.filter(pl.col("split") == split, pl.col("weight") > 0)
    matrix = store.read(
        FEATURES, folder, columns=[*KEY, *columns], rows=mine.select(KEY)
    )
    return mine.join(matrix, on=KEY, maintain_order="left")


def features_of(table: pl.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return the columns as the model wants them."""
    return pd.DataFrame(table.select(columns).to_numpy(), columns=columns)
