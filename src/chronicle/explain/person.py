"""All that is told of one person's risk of one disease."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from chronicle.core.disease import Disease
from chronicle.explain.change import levers, proposals, told
from chronicle.explain.explained import Explained
from chronicle.explain.parts import Floats
from chronicle.explain.trials import treated
from chronicle.explain.trust import lacking, unlike
from chronicle.explain.wanted import ExplainParams


def changed(
    found: Explained,
    rows: Sequence[int],
    disease: Disease,
    model: Mapping[str, Any],
    settings: ExplainParams,
    risks: Callable[[pd.DataFrame], Floats],
) -> list[list[dict[str, Any]]]:
    """Return what the model says of changes, for each of some people.

    Args:
        found: Of n people.
        rows: Some of the n.
        disease: Whose risk it is.
        model: From `overall` and `seen_by`.
        settings: Section `explain`.
        risks: The model: columns as in `found.features` to risks.
    """
    asked = levers(settings, disease)
    given = [
        proposals(
            found.row(at),
            found.groups.things,
            asked,
            model["seen"],
            settings.recent_days,
        )
        for at in rows
    ]
    made = [
        one.row(found.row(at))
        for at, all_ in zip(rows, given, strict=True)
        for one in all_
    ]
    if not made:
        return [[] for _ in rows]
    after = iter(
        risks(
            pd.DataFrame(made, columns=found.features.columns, dtype=np.float32)
        ).tolist()
    )
    return [
        [told(one, float(found.risk[at]), next(after)) for one in all_]
        for at, all_ in zip(rows, given, strict=True)
    ]


def person(
    found: Explained,
    at: int,
    disease: Disease,
    model: Mapping[str, Any],
    settings: ExplainParams,
    changes: list[dict[str, Any]],
    beside: Mapping[str, float],
) -> dict[str, Any]:
    """Explain the risk of one person.

    Args:
        found: Of n people.
        at: Of the n.
        disease: Whose risk it is.
        model: From `overall` and `seen_by`.
        settings: Section `explain`.
        changes: From `changed`.
        beside: Columns that trials ask and that say when something was measured,
            whether or not the model reads them.

    Returns:
        What `Explained.reasons` gives; `changes` and `trials`; `unlike`, `lacking` and
        `alike`: whether it can be believed.
    """
    row = found.row(at)
    risk = float(found.risk[at])
    return found.reasons(at, settings.ranges, beside) | {
        "changes": changes,
        "trials": treated(risk, disease.trials, {**row, **beside}),
        "unlike": unlike(row, model["seen"], model["columns"]),
        "lacking": lacking(found.groups.things, row, model["spread"]),
        "alike": next(
            (each for each in model["alike"] if each["low"] < risk <= each["high"]),
            None,
        ),
    }
