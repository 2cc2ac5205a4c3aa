"""All that is told of one disease's model, put together."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from chronicle.core import store
from chronicle.core.model import of_baseline, predict
from chronicle.evaluate import decision, published
from chronicle.evaluate.apart import judged_apart, same_patients
from chronicle.evaluate.bootstrap import scored
from chronicle.evaluate.compare import compare, held
from chronicle.evaluate.doubt import doubted
from chronicle.evaluate.groups import groupings, judge_groups
from chronicle.evaluate.judge import SCORES, judge, reasons
from chronicle.evaluate.people import People
from chronicle.evaluate.sample import Sample, draw
from chronicle.evaluate.settings import EvaluateParams
from chronicle.evaluate.table import Floats

LISTS = (
    "roc", "roc_band", "precision_recall", "precision_recall_band", "calibration",
    "histogram", "decision", "capacity", "thresholds", "features", "baselines",
    "published", "comparators", "groups", "learning", "apart",
)  # fmt: skip
NOTHING_TOLD: dict[str, Any] = {
    "judged": None,
    "metrics": None,
    "prevalence": None,
    "newest": None,
    "doubt": None,
    "may_have_seen": None,
} | {name: [] for name in LISTS}


def assemble(
    people: People, model: Path, given: pl.DataFrame, settings: EvaluateParams
) -> dict[str, Any]:
    """Judge a model alone, beside others, in groups, and among the newest.

    Args:
        people: Test rows of all splits.
        model: Its folder.
        given: Rows of `comparators` of this disease.
        settings: Section `evaluate`.
    """
    mine = people.tested("split")
    about = store.read_json(model / "model.json")
    risk, parts = predict(model / "model.txt", mine.features, about)
    sample = _drawn(mine.rows, settings)
    matrix = pl.from_pandas(mine.features, nan_to_null=True)
    found = judge(
        sample,
        risk,
        percent=settings.interval_percent,
        calibration_groups=settings.calibration_groups,
        decision_thresholds=settings.decision_thresholds,
        capacity_percents=settings.capacity_percents,
    )
    found["judged"] = sample.counts()
    found["features"] = reasons(matrix, parts, sample)
    percent = settings.interval_percent
    found["doubt"] = doubted(sample, mine.features, risk, about, percent)
    # A model that was made before this was asked has none.
    found["learning"] = about.get("learning", [])
    found["apart"] = judged_apart(people, model, about, settings)
    # As it is of a model in use, after `select.salt` or `test_fraction` have changed.
    found["may_have_seen"] = not same_patients(about.get("splits"), people.splits)
    found |= compare(
        sample,
        risk,
        _others(mine, model, given),
        percent=percent,
        min_outcome_patients=settings.min_outcome_patients,
    )
    return found | _among(mine, sample, risk, settings)


def _others(
    people: People, model: Path, given: pl.DataFrame
) -> dict[str, Mapping[str, Floats]]:
    return {
        "baselines": {
            each["name"]: of_baseline(each, people.features)
            for each in store.read_json(model / "baselines.json")
        },
        "published": {
            published.name(column): published.recalibrated(
                people.train, column, people.rows[column]
            )
            for column in people.published
        },
        "comparators": held(people.rows, given),
    }


def _among(
    people: People, sample: Sample, risk: Floats, settings: EvaluateParams
) -> dict[str, Any]:
    """Judge groups of people, and the same among those who were asked last."""
    by = groupings(people.rows, people.patients, settings.age_bands_years)
    line = decision.lowest(sample.table(risk), settings.group_capacity_percent)
    how: dict[str, Any] = {
        "line": line,
        "percent": settings.interval_percent,
        "min_outcome_patients": settings.min_outcome_patients,
    }
    late = (people.rows["split_temporal"] == "test").fill_null(value=False).to_numpy()
    some = sample.only(late)
    newest: dict[str, Any] = some.counts() | {"metrics": None, "groups": []}
    if _enough(some, settings):
        labels = {name: each.filter(late) for name, each in by.items()}
        judged = some.judged(risk[late])
        scores = scored(judged, SCORES, percent=settings.interval_percent)
        newest["metrics"] = scores.intervals()
        newest["groups"] = judge_groups(some, risk[late], labels, **how)
    return {
        "group_line": line,
        "groups": judge_groups(sample, risk, by, **how),
        "newest": newest,
    }


def _enough(sample: Sample, settings: EvaluateParams) -> bool:
    cases = sample.counts()["outcome_patients"]
    return cases >= settings.min_outcome_patients and bool(np.any(sample.outcome == 0))


def _drawn(rows: pl.DataFrame, settings: EvaluateParams) -> Sample:
    return draw(rows, number=settings.bootstrap_replicates, seed=settings.seed)
