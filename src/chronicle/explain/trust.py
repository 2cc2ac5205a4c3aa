"""Can a risk be believed: is the patient like those learnt from; what is missing."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from chronicle.core.things import title
from chronicle.explain.concepts import Groups, Thing
from chronicle.explain.parts import Floats

Ints = npt.NDArray[np.int64]
Seen = Mapping[str, Mapping[str, Any]]
# Missing in so few training patients that nothing was learnt of those without it.
HARDLY = 0.01
FIRST = 3


def seen(
    values: Floats, names: Sequence[str], subjects: Ints, min_patients: int
) -> dict[str, dict[str, Any]]:
    """Return what training patients had, column by column.

    Args:
        values: NaN where unknown, shape (n, k).
        names: Of the columns.
        subjects: Patient of each row, shape (n,).
        min_patients: So many lie below `low` and above `high`, at least, or 1 %.

    Returns:
        `low`, `high`: null where nearly nobody has a value; `missing`: share without.
    """
    number = len(np.unique(subjects))
    tail = max(0.01, min_patients / max(number, 1))
    found = {}
    for column, name in zip(values.T, names, strict=True):
        known = column[np.isfinite(column)]
        enough = tail < 0.5 and known.size >= 2 / tail
        low, high = np.quantile(known, [tail, 1 - tail]) if enough else (None, None)
        found[name] = {
            "low": None if low is None else float(low),
            "high": None if high is None else float(high),
            "missing": float(1 - known.size / len(column)),
        }
    return found


def spread(groups: Groups, known: npt.NDArray[np.bool_], parts: Floats) -> Floats:
    """Return how far the parts of each thing differ among those who have it.

    Args:
        groups: Of the columns.
        known: Whether the lead column of each thing has a value, shape (n, g).
        parts: Of things, in log-odds, shape (n, g).

    Returns:
        Standard deviations, shape (g,); 0 where fewer than two have it.
    """
    return np.array(
        [
            parts[known[:, i], i].std() if known[:, i].sum() > 1 else 0.0
            for i in range(len(groups.things))
        ]
    )


def unlike(row: Mapping[str, float], known: Seen, weight: Mapping[str, float]) -> Any:
    """Say how far a person is unlike those whom the model learnt from.

    Args:
        row: Values by column, NaN where unknown.
        known: From `seen`.
        weight: How much each of the important columns matters; others do not count.

    Returns:
        `share` of that importance which lies outside what training patients had, and
        the `columns`: the value below or above, or missing where it hardly ever was.
    """
    outside = [name for name in weight if _outside(row[name], known[name])]
    total = sum(weight.values())
    share = sum(weight[name] for name in outside) / total if total else 0.0
    return {"share": share, "columns": outside}


def lacking(
    things: Sequence[Thing], row: Mapping[str, float], spreads: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Name what is not known and would narrow the risk most.

    Args:
        things: Of the model.
        row: Values by column, NaN where unknown.
        spreads: From `spread`, by thing: log-odds.
    """
    open_ones = [
        each
        for each in things
        if each.kind == "measure"
        and np.isnan(row[each.lead])
        and spreads[each.name] > 0
    ]
    first = sorted(open_ones, key=lambda each: (-spreads[each.name], each.name))
    return [
        {
            "thing": each.name,
            "title": title(each.name),
            "spread_log_odds": float(spreads[each.name]),
        }
        for each in first[:FIRST]
    ]


def _edges(risk: Floats, subjects: Ints, bins: int, min_patients: int) -> Floats:
    cuts = [*(np.arange(1, bins) / bins)]
    beyond = 1 / (2 * bins)
    while len(np.unique(subjects[risk > np.quantile(risk, 1 - beyond)])) > min_patients:
        cuts.append(1 - beyond)
        beyond /= 2
    return np.unique(np.quantile(risk, cuts))


def alike(
    risk: Floats,
    outcome: Floats,
    weight: Floats,
    subjects: Ints,
    *,
    bins: int,
    min_patients: int,
) -> list[dict[str, Any]]:
    """Say what became of test patients, by their risk.

    Args:
        risk: Of test rows, shape (n,).
        outcome: 0 or 1, shape (n,).
        weight: Shape (n,).
        subjects: Patient of each row, shape (n,).
        bins: Groups of about as many rows each; the highest is halved again and again,
            while so many have a higher risk still.
        min_patients: A group of fewer is left out.

    Returns:
        `low` and `high` risk of each group, its `patients`, mean `risk`, the share
        `observed`, and `from` and `to`: Wilson's 95 % interval with the number of
        patients, not of rows, since the rows of one patient say the same.
    """
    edges = _edges(risk, subjects, bins, min_patients)
    place = np.searchsorted(edges, risk)
    limits = [0.0, *map(float, edges), 1.0]
    found = []
    for group in np.unique(place):
        rows = place == group
        patients = len(np.unique(subjects[rows]))
        if patients < min_patients or not weight[rows].sum():
            continue
        # The sum of weights can be exceeded by the last bit.
        observed = min(float(np.average(outcome[rows], weights=weight[rows])), 1.0)
        low, high = wilson(observed, patients)
        found.append(
            {
                "low": limits[group],
                "high": limits[group + 1],
                "patients": patients,
                "risk": float(np.average(risk[rows], weights=weight[rows])),
                "observed": observed,
                "from": low,
                "to": high,
            }
        )
    return found


def wilson(share: float, number: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of so many people.

    Source: Wilson EB. J Am Stat Assoc 1927;22:209-212.

    >>> [round(each, 3) for each in wilson(0.5, 100)]
    [0.404, 0.596]
    """
    z = 1.959964
    middle = share + z * z / (2 * number)
    half = z * np.sqrt(share * (1 - share) / number + (z / (2 * number)) ** 2)
    below = 1 + z * z / number
    return float((middle - half) / below), float((middle + half) / below)


def _outside(value: float, known: Mapping[str, Any]) -> bool:
    if np.isnan(value):
        return float(known["missing"]) < HARDLY
    if known["low"] is None:
        return False
    return not known["low"] <= value <= known["high"]


def like(
    evaluation: Mapping[str, Any], row: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Return the groups of test patients that somebody belongs to, by sex and by age.

    Args:
        evaluation: Of the disease.
        row: Values by column.
    """
    sex = {1.0: "female", 0.0: "male"}.get(row.get("female", -1.0))
    age = row.get("age_years", np.nan)
    return [
        {"by": grouping["by"], **group}
        for grouping in evaluation["groups"]
        for group in grouping["groups"]
        if (grouping["by"] == "sex" and group["name"] == sex)
        or (grouping["by"] == "age" and _holds(str(group["name"]), age))
    ]


def _holds(band: str, age: float) -> bool:
    """Tell whether a band of ages, as `evaluate` names it, holds an age.

    >>> [_holds(each, 64.9) for each in ("45 to 64", "65 to 79", "80 and over")]
    [True, False, False]
    """
    years = [int(each) for each in re.findall(r"\d+", band)]
    return bool(years) and years[0] <= age and (len(years) == 1 or age < years[1] + 1)
