"""What is said of a model as a whole: no patient in it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from chronicle.core.disease import Disease
from chronicle.core.things import title
from chronicle.explain.curves import curve, signs
from chronicle.explain.explained import Explained
from chronicle.explain.importance import drawn, importance
from chronicle.explain.parts import expit
from chronicle.explain.trust import alike, seen, spread
from chronicle.explain.wanted import ExplainParams


def overall(
    found: Explained,
    rows: pl.DataFrame,
    disease: Disease,
    settings: ExplainParams,
) -> dict[str, Any]:
    """Explain a model by what it says of test patients.

    Args:
        found: Of these rows.
        rows: Cohort rows of the test split with a known outcome.
        disease: What its file says of columns (`monotone`) and of things (`signs`).
        settings: Section `explain`.

    Returns:
        What `docs/reference/explanations.md` describes, save what `seen_by` adds.
    """
    subjects = rows["subject_id"].to_numpy()
    weight = rows["weight"].to_numpy()
    draws = drawn(subjects, weight, settings.bootstrap_replicates, settings.seed)
    return {
        "index_times": rows.height,
        "patients": len(np.unique(subjects)),
        "base_risk": float(expit(np.array(found.base))),
        **importance(
            found.groups, found.things, found.parts, draws, settings.interval_percent
        ),
        **_drawn(found, rows, disease, settings),
        "columns": _columns(found, weight),
        "spread": {
            thing.name: float(each)
            for thing, each in zip(
                found.groups.things,
                spread(found.groups, found.known, found.things),
                strict=True,
            )
        },
        "alike": alike(
            found.risk,
            rows["boolean_value"].cast(pl.Float64).to_numpy(),
            weight,
            subjects,
            bins=settings.bins,
            min_patients=settings.min_patients,
        ),
    }


def seen_by(
    learnt: pl.DataFrame, found: Mapping[str, Any], settings: ExplainParams
) -> dict[str, Any]:
    """Add what training patients had, of the columns that matter.

    Args:
        learnt: Cohort rows of the training split, with their features.
        found: From `overall`.
        settings: Section `explain`.
    """
    names = list(found["columns"])
    return {
        "seen": seen(
            learnt.select(names).to_numpy().astype(float),
            names,
            learnt["subject_id"].to_numpy(),
            settings.min_patients,
        )
    }


def _columns(found: Explained, weight: Any) -> dict[str, float]:
    """Return the mean absolute part, in log-odds, of the columns that have one."""
    moved = np.average(np.abs(found.log_odds), axis=0, weights=weight)
    names = list(found.features)
    order = np.argsort(-moved, kind="stable")
    return {names[i]: float(moved[i]) for i in order if moved[i] > 0}


def _drawn(
    found: Explained,
    rows: pl.DataFrame,
    disease: Disease,
    settings: ExplainParams,
) -> dict[str, Any]:
    """Return curves of the first columns, and signs of things and of named columns."""
    weight, subjects = rows["weight"].to_numpy(), rows["subject_id"].to_numpy()
    how = {"bins": settings.bins, "min_patients": settings.min_patients}

    def of(column: str, part: Any) -> dict[str, Any]:
        value = found.features[column].to_numpy(float)
        return curve(value, part, weight, subjects, **how)

    place = {name: i for i, name in enumerate(found.features)}
    first = list(_columns(found, weight))[: settings.curves]
    by_column = {n: of(n, found.log_odds[:, place[n]]) for n in first}
    by_thing = {
        thing.name: of(thing.lead, found.things[:, i])
        for i, thing in enumerate(found.groups.things)
        if thing.name in disease.signs
    }
    monotone = disease.monotone
    asked = {n: of(n, found.log_odds[:, place[n]]) for n in monotone if n in place}
    told_already = {t.name for t in found.groups.things if {*t.columns} & {*asked}}
    things = {n: e for n, e in disease.signs.items() if n not in told_already}
    told = signs(by_thing, things, settings.min_log_odds)
    told += signs(asked, monotone, settings.min_log_odds)
    return {
        "curves": [_named(found, name, each) for name, each in by_column.items()],
        "signs": [each | {"title": title(each["name"])} for each in told],
    }


def _named(found: Explained, column: str, drawn: dict[str, Any]) -> dict[str, Any]:
    thing = next(each for each in found.groups.things if column in each.columns)
    return {
        "column": column,
        "thing": thing.name,
        "title": title(thing.name),
        "unit": thing.units[column],
        **drawn,
    }
