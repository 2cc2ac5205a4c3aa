"""All that is told of one person's risk of one disease."""

from collections.abc import Mapping
from typing import Any

from chronicle.core.disease import Disease
from chronicle.explain.explained import Explained
from chronicle.explain.trust import lacking, unlike
from chronicle.explain.wanted import ExplainParams


def person(
    found: Explained,
    at: int,
    disease: Disease,
    model: Mapping[str, Any],
    settings: ExplainParams,
) -> dict[str, Any]:
    """Explain the risk of one person.

    Args:
        found: Of n people.
        at: Of the n.
        disease: Whose risk it is.
        model: From `overall` and `seen_by`.
        settings: Section `explain`.

    Returns:
        What `Explained.reasons` gives; `unlike`, `lacking` and `alike`: whether it can
        be believed.
    """
    row = found.row(at)
    risk = float(found.risk[at])
    return found.reasons(at, settings.ranges) | {
        "unlike": unlike(row, model["seen"], model["columns"]),
        "lacking": lacking(found.groups.things, row, model["spread"]),
        "alike": next(
            (each for each in model["alike"] if each["low"] < risk <= each["high"]),
            None,
        ),
    }
