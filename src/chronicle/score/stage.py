"""Stage `score`: who is asked today, reasons, models in use -> risks of today."""

import logging
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from chronicle.core import params, store
from chronicle.core.disease import Disease
from chronicle.core.present import REASONS, SCORES, TODAY
from chronicle.core.tables import FEATURES
from chronicle.score.assessment import TOLD_WHY, assessment, device, provenance
from chronicle.score.champion import PRESENT, Champion, ScoreParams, champion, demand
from chronicle.score.scored import KEY, scored

log = logging.getLogger(__name__)
NOBODY = "no model is in use: see the verdict of promote"
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
FEWEST = 20  # people on each side of a quantile: with fewer it tells one person's risk


def run(
    cohorts: Path,
    features: Path,
    champions: Path,
    reasons: Path,
    diseases: Path,
    scores: Path,
    verdict: Path,
) -> None:
    """Score everybody who is in care, of each disease that has a model in use."""
    demand(champions, features)
    told = {}
    with store.folder(scores) as folder:
        for slug in params.load(params.FILE, ScoreParams).diseases:
            rows = store.read(TODAY, cohorts / slug / "today.parquet")
            model = champion(champions / slug)
            if model is None:
                told[slug] = {"model": None, "reason": NOBODY} | _counts(rows, None)
                continue
            why = store.read(REASONS, reasons / f"{slug}.parquet")
            found = scored(rows, why, _read(features, why, model), model)
            asked = params.load(diseases / f"{slug}.yaml", Disease)
            _write(found, slug, asked, model, folder / slug)
            told[slug] = {"model": model.version, "reason": None} | _counts(rows, found)
    store.write_json({"diseases": told}, verdict)
    log.info(
        "score: %d risks of %d diseases",
        sum(each["scored"] for each in told.values()),
        sum(each["model"] is not None for each in told.values()),
    )


def _read(features: Path, rows: pl.DataFrame, model: Champion) -> pl.DataFrame:
    return store.read(
        FEATURES,
        features / PRESENT,
        columns=[*KEY, *model.about["features"]],
        rows=rows.select(KEY),
    )


def _write(
    found: pl.DataFrame, slug: str, disease: Disease, model: Champion, folder: Path
) -> None:
    store.write(SCORES, found, folder / "scores.parquet")
    worth = pl.col("unsaid").is_null() | pl.col("unsaid").is_in([*TOLD_WHY])
    rows = list(found.sort(KEY).filter(worth).iter_rows(named=True))
    version = model.version
    written: dict[str, list[dict[str, Any]]] = {
        "Device": [device(slug, disease, version)],
        "RiskAssessment": [assessment(row, slug, disease, version) for row in rows],
        "Provenance": [provenance(row, slug, version) for row in rows],
    }
    for kind, resources in written.items():
        lines = [
            orjson.dumps(each, option=orjson.OPT_SORT_KEYS).decode() + "\n"
            for each in resources
        ]
        store.write_text("".join(lines), folder / f"{kind}.ndjson")


def _counts(today: pl.DataFrame, found: pl.DataFrame | None) -> dict[str, Any]:
    """Count whom a risk was told of, and why not of the others; no one person's."""
    unsaid = today["out"] if found is None else found["unsaid"]
    named = dict(unsaid.drop_nulls().value_counts(sort=True).iter_rows())
    risk = pl.Series([], dtype=pl.Float64) if found is None else found["risk"]
    said = risk.drop_nulls()
    return {
        "patients": today.height,
        "scored": len(said),
        "unsaid": dict(sorted(named.items())),
        "mean_risk": said.mean() if len(said) >= FEWEST else None,
        "risk_quantiles": {str(each): _quantile(said, each) for each in QUANTILES},
    }


def _quantile(risks: pl.Series, share: float) -> float | None:
    beside = min(share, 1 - share) * len(risks)
    return risks.quantile(share) if beside >= FEWEST else None
