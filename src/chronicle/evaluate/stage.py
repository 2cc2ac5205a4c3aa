"""Stage `evaluate`: features, model, others' risks -> evaluations, metrics."""

from pathlib import Path
from typing import Any

import polars as pl

from chronicle.core import params, store
from chronicle.core.disease import Disease
from chronicle.core.tables import COMPARATORS, PATIENTS
from chronicle.evaluate import assemble
from chronicle.evaluate.flat import flat
from chronicle.evaluate.people import cannot_read, people
from chronicle.evaluate.settings import EvaluateParams


def run(
    cohort: Path,
    features: Path,
    model: Path,
    patients: Path,
    comparators: Path,
    disease: Path,
    evaluation: Path,
    metrics: Path,
) -> None:
    """Judge one disease's model on the patients whom it never saw."""
    settings = params.section("evaluate", EvaluateParams)
    asked = params.load(disease, Disease)
    about = store.read_json(model / "model.json")
    folder = features / asked.index
    reason = about["reason"] or cannot_read(folder, about["features"])
    found: dict[str, Any] = {
        "trained": about["trained"] and not reason,
        "reason": reason,
        "counts": about["counts"],
        "features_read": len(about["features"]),
        "interval_percent": settings.interval_percent,
        **assemble.NOTHING_TOLD,
    }
    if found["trained"]:
        theirs = store.read(COMPARATORS, comparators)
        found |= assemble.assemble(
            people(
                cohort / "cohort.parquet",
                folder,
                store.read(PATIENTS, patients),
                about["features"],
                asked.published,
            ),
            model,
            theirs.filter(pl.col("disease") == disease.stem),
            settings,
        )
    store.write_json(found, evaluation)
    store.write_json(flat(found), metrics)
