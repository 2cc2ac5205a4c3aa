"""How a model does in years and at sites that it has not seen: `train/refit.py`."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chronicle.core.model import predict
from chronicle.evaluate.bootstrap import scored
from chronicle.evaluate.judge import SCORES
from chronicle.evaluate.people import People
from chronicle.evaluate.sample import draw
from chronicle.evaluate.settings import EvaluateParams

# How rows were dealt, as `select` tells it; None: it was not told.
Splits = Mapping[str, Any] | None
Bools = npt.NDArray[np.bool_]


def judged_apart(
    people: People, model: Path, about: dict[str, Any], settings: EvaluateParams
) -> list[dict[str, Any]]:
    """Judge each refit on the test rows of its split that it surely never saw.

    Args:
        people: Test rows of all splits.
        model: Its folder.
        about: Its `model.json`; a model that was made before this has no refits.
        settings: Section `evaluate`.

    Returns:
        `split`, `learnt` from how many patients, counts, how many index times it may
        have `seen` and is not asked of, and `metrics`, None where too few have the
        outcome.
    """
    found = []
    for each in about.get("refits", []):
        every = people.tested(each["split"])
        mine = every.only(unseen(each["split"], every, about.get("splits")))
        told: dict[str, Any] = {
            "split": each["split"],
            "learnt": {k: each[k] for k in ("patients", "outcome_patients")},
            "index_times": 0, "patients": 0, "outcome_patients": 0, "metrics": None,
            "seen": every.rows.height - mine.rows.height,
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


def same_patients(then: Splits, now: Splits) -> bool:
    """Say whether nobody who is tested now was learnt from then.

    Args:
        then: How rows were dealt when the model was made.
        now: How they are dealt today.
    """
    if then is None or now is None:
        return then == now
    fewer = now["test_fraction"] <= then["test_fraction"]
    return bool(then["salt"] == now["salt"] and fewer)


def unseen(split: str, people: People, then: Splits) -> Bools:
    """Say of which rows a refit surely learnt nothing, shape (n,).

    Args:
        split: Of which it is.
        people: The test rows of today.
        then: How rows were dealt when it was made.
    """
    rows, now = people.rows, people.splits
    if then == now or then is None or now is None:
        return np.full(rows.height, then == now)
    if split == "split_site":
        theirs = people.patients.select("subject_id", "site")
        rows = rows.join(theirs, on="subject_id", how="left", maintain_order="left")
        there, here = {*then["sites"]}, {*now["sites"]}
        apart = there & {*then["held_out_sites"]}
        # Where one is gone it may only have another name (`ingest.sites`, the key).
        if there <= here:
            apart |= here - there
        return rows["site"].is_in(list(apart)).fill_null(value=False).to_numpy()
    since = datetime.fromisoformat(then["temporal_test_from"])
    late = (rows["prediction_time"] >= since).to_numpy()
    return np.asarray(late & same_patients(then, now))
