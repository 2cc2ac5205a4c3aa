"""How a part goes with the value behind it, and where medicine says otherwise."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from chronicle.explain.parts import Floats
from chronicle.explain.wanted import Direction

Ints = npt.NDArray[np.int64]
Curve = dict[str, Any]


def curve(
    value: Floats,
    part: Floats,
    weight: Floats,
    subjects: Ints,
    *,
    bins: int,
    min_patients: int,
) -> Curve:
    """Draw one part against its value.

    Args:
        value: NaN where unknown, shape (n,).
        part: In log-odds, shape (n,).
        weight: Shape (n,).
        subjects: Patient of each row, shape (n,).
        bins: Points of the curve, at most: groups of about as many rows each.
        min_patients: A group of fewer joins the one before it.

    Returns:
        `points`: mean `value` and `part` of each group, its `share` of all rows and
        number of `patients`; `missing`: the same of those without a value, null where
        they are too few.
    """
    known = np.isfinite(value)
    group = np.full(len(value), -1)
    group[known] = _groups(value[known], subjects[known], bins, min_patients)
    labels = np.unique(group[known])
    points = [_point(value, part, weight, subjects, group == each) for each in labels]
    points = [each for each in points if each["patients"] >= min_patients]
    missing = _point(value, part, weight, subjects, ~known)
    return {
        "points": points,
        "missing": missing if missing["patients"] >= min_patients else None,
    }


def against(found: Curve, expected: Direction) -> dict[str, float]:
    """Return how far a curve goes with what is expected, and how far against it.

    Args:
        found: From `curve`.
        expected: up: the risk rises with the value.

    Returns:
        `with` and `against`: log-odds between two points of the curve at most.

    >>> points = [{"part": each} for each in (0.0, 0.5, 0.3)]
    >>> against({"points": points}, "up") == {"with": 0.5, "against": 0.2}
    True
    """
    ways = np.array([each["part"] for each in found["points"]])
    if expected == "down":
        ways = -ways
    rise = ways - np.minimum.accumulate(ways) if ways.size else np.zeros(1)
    fall = np.maximum.accumulate(ways) - ways if ways.size else np.zeros(1)
    return {"with": float(rise.max()), "against": float(fall.max())}


def signs(
    drawn: Mapping[str, Curve], expected: Mapping[str, Direction], least: float
) -> list[dict[str, Any]]:
    """Say where a model contradicts what is expected of it.

    Args:
        drawn: Curves, by name.
        expected: Directions, by name.
        least: Log-odds; a curve that moves by less is flat.

    Returns:
        One an expectation that has a curve; `verdict` is agrees, flat or contradicts:
        somewhere the risk goes the other way by `least` or more.
    """
    found = []
    for name in sorted(expected.keys() & drawn.keys()):
        ways = against(drawn[name], expected[name])
        if ways["against"] >= least:
            verdict = "contradicts"
        else:
            verdict = "agrees" if ways["with"] >= least else "flat"
        told = {"name": name, "expected": expected[name], "verdict": verdict}
        found.append(told | ways)
    return found


def _groups(value: Floats, subjects: Ints, bins: int, least: int) -> Ints:
    """Cut rows at quantiles; equal values stay together, and so do few patients."""
    if not value.size:
        return np.zeros(0, int)
    edges = np.unique(np.quantile(value, np.arange(1, bins) / bins))
    raw = np.searchsorted(edges, value, side="left")
    place = np.zeros(len(edges) + 1, int)
    begun = 0
    for each in range(len(edges) + 1):
        inside = (raw >= begun) & (raw <= each)
        place[begun : each + 1] = begun
        if len(np.unique(subjects[inside])) >= least:
            begun = each + 1
    if 0 < begun <= len(edges):  # The rest is too few: it joins the last whole group.
        place[begun:] = place[begun - 1]
    return place[raw]


def _point(
    value: Floats, part: Floats, weight: Floats, subjects: Ints, rows: Any
) -> dict[str, Any]:
    total = float(weight[rows].sum())
    mean = float(np.average(part[rows], weights=weight[rows])) if total else 0.0
    known = total and np.isfinite(value[rows]).all()
    return {
        "value": float(np.average(value[rows], weights=weight[rows]))
        if known
        else None,
        "part": mean,
        "share": total / float(weight.sum()),
        "patients": len(np.unique(subjects[rows])),
    }
