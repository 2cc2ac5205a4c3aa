"""Stage `drift`: today and the models in use -> how far it is from their beginning."""

import logging
from pathlib import Path
from typing import Any

import polars as pl

from chronicle.core import params, store
from chronicle.core.present import SCORES
from chronicle.core.tables import FEATURES, PATIENTS
from chronicle.drift.compare import RISK, SILENT, compare
from chronicle.drift.page import page
from chronicle.drift.profile import edges, profile, read_by
from chronicle.drift.settings import DriftParams, Run

log = logging.getLogger(__name__)
KEY = ["subject_id", "prediction_time"]
PRESENT = "today"  # the index rule
MANY = ("feature", "missing")  # one for each column
SHOWN = 200  # of those, the farthest are written down
NO_MODEL = "no model"


def run(
    patients: Path,
    features: Path,
    scores: Path,
    champions: Path,
    references: Path,
    drifts: Path,
    verdicts: Path,
    shown: Path,
) -> None:
    """Compare today with the day on which each model came into use.

    `references` is kept between runs: of each model what was so on that day.
    """
    settings = params.section("drift", DriftParams)
    sites = store.read(PATIENTS, patients).select("subject_id", "site")
    found: dict[str, dict[str, Any]] = {}
    references.mkdir(parents=True, exist_ok=True)
    with store.folder(drifts) as folder:
        for slug in params.load(params.FILE, Run).diseases:
            file = scores / slug / "scores.parquet"
            if file.exists():
                rows = store.read(SCORES, file).join(sites, on="subject_id")
                champion, known = champions / slug, references / slug
                found[slug] = _drift(rows, features, champion, known, settings)
            else:
                found[slug] = _nothing("no model is in use that can be asked")
            store.write_json(found[slug], folder / f"{slug}.json")
    told = {
        slug: {
            "verdict": each["verdict"],
            "people": each["people"],
            "reasons": "; ".join(each["reasons"][:3]),
        }
        for slug, each in found.items()
    }
    store.write_json(told, verdicts)
    store.write_text(page(found, settings.psi.model_dump()), shown)
    for slug, each in found.items():
        if each["verdict"] not in (SILENT, NO_MODEL):
            log.warning("drift: %s: %s", slug, each["verdict"])


def _nothing(reason: str) -> dict[str, Any]:
    nothing: dict[str, Any] = {"items": [], "sites": []}
    return nothing | {"verdict": NO_MODEL, "reasons": [reason], "people": None}


def _drift(
    rows: pl.DataFrame,
    features: Path,
    champion: Path,
    known: Path,
    settings: DriftParams,
) -> dict[str, Any]:
    model = champion / "model"
    version = store.read_json(champion / "promotion.json")["champion"]
    columns = read_by(model, store.read_json(model / "model.json"))
    people = _people(rows, features, columns)
    kept = known / f"{version}.json"
    evaluation = _evaluation(store.read_json(champion / "evaluation.json"))
    if not kept.exists():
        cuts = edges(people, [*columns, RISK], settings.bins)
        first = {"cuts": cuts, "profile": profile(people, cuts)}
        store.write_json(first | {"evaluation": evaluation}, kept)
    then = store.read_json(kept)
    now = {"profile": profile(people, then["cuts"]), "evaluation": evaluation}
    found = compare(then, now, settings)
    few = [each for each in found["items"] if each["about"] not in MANY]
    many = [each for each in found["items"] if each["about"] in MANY]
    return found | {
        "items": few + many[:SHOWN],
        "people": people.height,
        "model": version,
    }


def _people(rows: pl.DataFrame, features: Path, columns: list[str]) -> pl.DataFrame:
    """Return who is at risk today, with site, risk and what the model reads."""
    unlike = (pl.col("unsaid") == "unlike").fill_null(False)
    asked = rows.filter(pl.col("unsaid").is_null() | unlike).with_columns(unlike=unlike)
    matrix = store.read(
        FEATURES, features / PRESENT, columns=[*KEY, *columns], rows=asked.select(KEY)
    )
    some = asked.select(*KEY, "site", "unlike", RISK)
    return some.join(matrix, on=KEY, maintain_order="left")


def _evaluation(found: dict[str, Any]) -> dict[str, Any]:
    """Return how the model does, among the newest where there are enough of them."""
    newest = found.get("newest") or {}
    metrics = newest.get("metrics") or found["metrics"] or {}
    judged = newest if newest.get("metrics") else found["judged"] or {}
    nothing = {"value": None, "low": None, "high": None}
    held = {"percent": found.get("interval_percent")}
    return {
        "trained": found["trained"],
        "prevalence": found["prevalence"],
        "outcome_patients": (found["judged"] or {}).get("outcome_patients", 0),
        "judged_outcome_patients": judged.get("outcome_patients", 0),
        "observed_expected": metrics.get("observed_expected", nothing) | held,
        "auroc": metrics.get("auroc", nothing) | held,
    }
