"""What the tables and models hold of one patient at one time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from chronicle.core import params, store
from chronicle.core.codes import asserted
from chronicle.core.disease import Disease
from chronicle.core.errors import UsageError
from chronicle.core.model import doubt
from chronicle.core.things import title
from chronicle.explain.change import Proposal, levers, proposals
from chronicle.explain.concepts import Thing, grouped
from chronicle.explain.explained import LEAST_PART, explained, risks_of
from chronicle.explain.facts import dates
from chronicle.explain.person import changed, person
from chronicle.explain.timeline import SINCE, TAKEN
from chronicle.explain.trials import asks
from chronicle.explain.trust import like
from chronicle.explain.wanted import ExplainParams

# A question that was last asked longer ago is not one of today.
LATELY = timedelta(days=366)


@dataclass(frozen=True)
class Folders:
    """Where things lie: `checked`, `cohorts`, … as `dvc.yaml` names them."""

    checked: Path
    cohorts: Path
    features: Path
    models: Path
    diseases: Path
    explained: Path
    evaluations: Path
    promotions: Path


@dataclass(frozen=True)
class Told:
    """What is told of one disease.

    Args:
        slug: Of its file.
        disease: What that says.
        why: From `person`.
        low: Bound of the risk.
        high: The other one.
        silent: The patient is too unlike those whom the model learnt from.
        model: From `overall` and `seen_by`.
        row: Columns of the model, NaN where unknown.
        proposals: Changes, as the page offers them.
        things: Of the model.
        about: `model.json`.
        groups: How the model serves those of the same sex and of the same age.
        refused: Why nobody is scored by it; empty where it is the model in use.
        days_before: Days from its index time to the newest of the page.
    """

    slug: str
    disease: Disease
    why: dict[str, Any]
    low: float
    high: float
    silent: bool
    model: dict[str, Any]
    row: dict[str, float]
    proposals: list[Proposal]
    things: tuple[Thing, ...]
    about: dict[str, Any]
    groups: list[dict[str, Any]]
    refused: str
    days_before: float = 0.0

    @property
    def concepts(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the concepts that move the risk, and those that hardly do."""
        found = [e for e in self.why["concepts"] if abs(e["part"]) >= LEAST_PART]
        least = max((abs(each["part"]) for each in found), default=0.0) / 10
        some = [each for each in found if abs(each["part"]) >= least]
        return some, [each for each in found if abs(each["part"]) < least]

    @property
    def left(self) -> float:
        """Return the part of the concepts that are too little to be named."""
        named = sum(each["part"] for some in self.concepts for each in some)
        return float(self.why["risk"] - self.why["base_risk"] - named)

    @property
    def outside(self) -> list[str]:
        """Name the things that lie outside what the model has seen."""
        columns = {*self.why["unlike"]["columns"]}
        return [title(each.name) for each in self.things if columns & {*each.columns}]


def asked(folders: Folders, subject: int) -> dict[str, datetime]:
    """Return when each disease was last asked of a patient, by slug.

    Who is asked of one disease at a later time of the same rule than of another has the
    other by then, or nobody asks any more: of that one nothing is told.

    Raises:
        UsageError: Never, of any disease.
    """
    found = {}
    for cohort in sorted(folders.cohorts.glob("*/cohort.parquet")):
        mine = pl.scan_parquet(cohort).filter(pl.col("subject_id") == subject)
        last = mine.select(pl.col("prediction_time").max()).collect().item()
        if last is not None:
            found[cohort.parent.name] = last
    if not found:
        raise UsageError(
            "no disease was asked of one of these patients.",
            where=str(folders.cohorts),
            do="give the subject_id of a patient who is in a cohort",
        )
    rule = {
        slug: params.load(folders.diseases / f"{slug}.yaml", Disease).index
        for slug in found
    }
    newest = {rule[slug]: time for slug, time in sorted(found.items(), key=_time)}
    last = max(newest.values())
    return {
        slug: time
        for slug, time in found.items()
        if time == newest[rule[slug]] and last - time <= LATELY
    }


def _time(asked: tuple[str, datetime]) -> datetime:
    return asked[1]


def of_disease(
    folders: Folders, slug: str, subject: int, time: datetime, settings: ExplainParams
) -> Told | None:
    """Explain one disease's risk of a patient; nothing where there is no model."""
    about = store.read_json(folders.models / slug / "model.json")
    if not about["trained"]:
        return None
    disease = params.load(folders.diseases / f"{slug}.yaml", Disease)
    folder = folders.features / disease.index
    dictionary = store.read_json(folder / "dictionary.json")
    groups = grouped(dictionary, about["features"], settings)
    matrix = _matrix(folder, about["features"], subject, time)
    made = [each["name"] for each in dictionary]
    also = [*asks(disease.trials, made), *dates(groups, made)]
    text = folders.models / slug / "model.txt"
    found = explained(text, about, matrix, groups)
    model = store.read_json(folders.explained / f"{slug}.json")

    def risks(features: pd.DataFrame) -> Any:
        return risks_of(text, about, features)

    [changes] = changed(found, [0], disease, model, settings, risks)
    beside = _row(folder, also, subject, time)
    why = person(found, 0, disease, model, settings, changes, beside)
    of_row = found.row(0)
    asked = (groups.things, levers(settings, disease), model["seen"])
    offered = proposals(of_row, *asked, settings.recent_days)
    low, high, silent = (each[0] for each in doubt(matrix, found.risk, about))
    return Told(
        slug, disease, why, float(low), float(high), bool(silent), model, of_row,
        offered, groups.things, about,
        *_judged(folders, slug, of_row),
    )  # fmt: skip


def _judged(
    folders: Folders, slug: str, row: Mapping[str, float]
) -> tuple[list[dict[str, Any]], str]:
    """Return how the model serves people like somebody, and why it is not in use."""
    verdict = store.read_json(folders.promotions / f"{slug}.json")
    groups = like(store.read_json(folders.evaluations / f"{slug}.json"), row)
    in_use = verdict["champion"] == verdict["challenger"]
    return groups, "" if in_use else "; ".join(verdict["reasons"])


def _matrix(
    folder: Path, columns: list[str], subject: int, time: datetime
) -> pd.DataFrame:
    row = (
        pl.scan_parquet(folder / "*.parquet")
        .filter(pl.col("subject_id") == subject, pl.col("prediction_time") == time)
        .select(columns)
        .collect()
    )
    return pd.DataFrame(row.to_numpy().astype(np.float32), columns=columns)


def _row(
    folder: Path, columns: list[str], subject: int, time: datetime
) -> dict[str, float]:
    told = _matrix(folder, columns, subject, time).to_numpy(float)
    return dict(zip(columns, told[0].tolist(), strict=True)) if len(told) else {}


def recorded(
    folder: Path, dictionary: list[dict[str, Any]], subject: int, time: datetime
) -> dict[str, float]:
    """Return the columns that tell of diagnoses and drugs, at one index time."""
    names = [each["name"] for each in dictionary]
    return _row(folder, [n for n in names if n.endswith((SINCE, TAKEN))], subject, time)


def record(
    checked: Path, subject: int, time: datetime, codes: Mapping[str, tuple[str, ...]]
) -> dict[str, list[tuple[float, float]]]:
    """Return the values of each measure that were known at a time.

    Args:
        checked: The tables.
        subject: Whose.
        time: What happened or became known later is not there.
        codes: Of each measure.

    Returns:
        Days before and value, the oldest first, by measure; those that have any.
    """
    known = pl.max_horizontal("time", "available_time") <= time
    events = (
        pl.scan_parquet(checked / "events" / "*.parquet")
        .filter(pl.col("subject_id") == subject, known)
        .filter(pl.col("numeric_value").is_not_null(), asserted())
        .select("code", "time", "numeric_value")
        .collect()
        .sort("time", "code", "numeric_value")
    )
    found = {}
    for name, those in codes.items():
        mine = events.filter(pl.col("code").is_in(list(those)))
        days = ((time - mine["time"]).dt.total_seconds() / 86_400).to_list()
        if days:
            found[name] = list(zip(days, mine["numeric_value"].to_list(), strict=True))
    return found
