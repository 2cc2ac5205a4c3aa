"""The model in groups of people: does it serve one as well as another?

Groups with few outcomes are named and not scored. All groups are judged on the same
draws of patients, and by the same line: the risk from which on there is room for a
given share of all people.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from chronicle.evaluate import score
from chronicle.evaluate.bootstrap import Scored, scored
from chronicle.evaluate.sample import Sample
from chronicle.evaluate.table import Floats, Table, ratio

UNKNOWN = "unknown"
DAYS_A_YEAR = 365.25


def groupings(
    rows: pl.DataFrame, patients: pl.DataFrame, age_bands_years: Sequence[float]
) -> dict[str, pl.Series]:
    """Return the group of each row, by what people are grouped.

    Args:
        rows: `subject_id` and `prediction_time`.
        patients: Table `patients`.
        age_bands_years: Ages at which a band ends and the next begins.
    """
    who = rows.select("subject_id", "prediction_time").join(
        patients, on="subject_id", how="left", maintain_order="left"
    )
    days = (who["prediction_time"] - who["birth_date"]).dt.total_days()
    told = [
        who["gender"].alias("sex"),
        _bands(days / DAYS_A_YEAR, age_bands_years),
        *(who[name] for name in ("race", "ethnicity", "site")),
    ]
    return {each.name: each.fill_null(UNKNOWN) for each in told}


def judge_groups(
    sample: Sample,
    risk: Floats,
    by: Mapping[str, pl.Series],
    *,
    line: float,
    percent: float,
    min_outcome_patients: int,
) -> list[dict[str, Any]]:
    """Judge each group of each grouping, and how far the groups lie apart.

    Args:
        sample: Rows with a known outcome, n of them.
        risk: Predicted risks, shape (n,).
        by: Group of each row, by grouping.
        line: Risk from which on people are flagged.
        percent: Coverage of every interval.
        min_outcome_patients: Groups with fewer are not scored.

    Returns:
        For each grouping `by`; `groups`: `name`, `scored`, counts and `metrics`; and
        `gaps`: for each score the groups with the `most` and the `least`, and the
        distance between them with its interval.
    """
    found = []
    for name, labels in by.items():
        told: list[dict[str, Any]] = []
        scores: dict[str, Scored] = {}
        for label in sorted(labels.unique()):
            keep = (labels == label).to_numpy()
            group, some = str(label), sample.only(keep)
            counts = some.counts()
            enough = counts["outcome_patients"] >= min_outcome_patients
            known = enough and bool(np.any(some.outcome == 0))
            if known:
                judged = some.judged(risk[keep], np.array([line]))
                scores[group] = scored(judged, of_group(line), percent=percent)
            told.append(
                {
                    "name": group,
                    "scored": known,
                    **counts,
                    "metrics": scores[group].intervals() if known else None,
                }
            )
        found.append({"by": name, "groups": told, "gaps": gaps(scores)})
    return found


def of_group(line: float) -> dict[str, Any]:
    """Return what a group is judged by."""
    return {
        "auroc": score.auroc,
        "observed_expected": score.observed_expected,
        "sensitivity": partial(_found, line=line),
        "ppv": partial(_right, line=line),
        "flagged": partial(_flagged, line=line),
    }


def gaps(scores: Mapping[str, Scored]) -> dict[str, Any]:
    """Return the distance between the two groups that lie farthest apart, by score."""
    if len(scores) < 2:
        return {}
    told = {}
    for name in next(iter(scores.values())).values:
        value = {
            group: float(each.values[name][0])
            for group, each in scores.items()
            if np.isfinite(each.values[name][0])
        }
        if len(value) < 2:
            continue
        most, least = (
            max(value, key=value.__getitem__),
            min(value, key=value.__getitem__),
        )
        apart = scores[most].only(name).less(scores[least])
        told[name] = {"most": most, "least": least, **apart[name]}
    return told


def _bands(ages: pl.Series, ends: Sequence[float]) -> pl.Series:
    words = [
        f"0 to {ends[0] - 1:g}",
        *(f"{low:g} to {high - 1:g}" for low, high in pairwise(ends)),
        f"{ends[-1]:g} and over",
    ]
    place = np.searchsorted(ends, ages.fill_null(0).to_numpy(), side="right")
    known = ages.is_not_null()
    return pl.Series([words[i] for i in place]).set(~known, None).alias("age")


def _found(table: Table, line: float) -> Floats:
    cases, _ = table.at(np.array([line]))
    return ratio(cases[:, 0], table.cases.sum(axis=1))


def _right(table: Table, line: float) -> Floats:
    cases, controls = table.at(np.array([line]))
    return ratio(cases[:, 0], (cases + controls)[:, 0])


def _flagged(table: Table, line: float) -> Floats:
    cases, controls = table.at(np.array([line]))
    return ratio((cases + controls)[:, 0], table.all.sum(axis=1))
