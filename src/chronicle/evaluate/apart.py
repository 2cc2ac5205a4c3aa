"""How a model does in years and at sites that it has not seen: `train/refit.py`."""

from pathlib import Path
from typing import Any

from chronicle.core.model import predict
from chronicle.evaluate.bootstrap import scored
from chronicle.evaluate.judge import SCORES
from chronicle.evaluate.people import People
from chronicle.evaluate.sample import draw
from chronicle.evaluate.settings import EvaluateParams


def judged_apart(
    people: People, model: Path, about: dict[str, Any], settings: EvaluateParams
) -> list[dict[str, Any]]:
    """Judge each refit on the test rows of its split.

    Args:
        people: Test rows of all splits.
        model: Its folder.
        about: Its `model.json`; a model that was made before this has no refits.
        settings: Section `evaluate`.

    Returns:
        `split`, `learnt` from how many patients, counts, and `metrics`, None where too
        few have the outcome.
    """
    found = []
    for each in about.get("refits", []):
        mine = people.tested(each["split"])
        told: dict[str, Any] = {
            "split": each["split"],
            "learnt": {k: each[k] for k in ("patients", "outcome_patients")},
            "index_times": 0, "patients": 0, "outcome_patients": 0, "metrics": None,
        }  # fmt: skip
        if mine.rows.height:
            sample = draw(
                mine.rows, number=settings.bootstrap_replicates, seed=settings.seed
            )
            told |= sample.counts()
            enough = told["outcome_patients"] >= settings.min_outcome_patients
            if enough and bool((sample.outcome == 0).any()):
                risk, _ = predict(model / f"{each['split']}.txt", mine.features, each)
                scores = scored(
                    sample.judged(risk), SCORES, percent=settings.interval_percent
                )
                told["metrics"] = scores.intervals()
        found.append(told)
    return found
