"""Which version of FHIR a bundle speaks, told by shapes that not all versions have."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

MARKS: dict[str, dict[str, dict[str, list[str]]]] = yaml.safe_load(
    Path(__file__).with_name("versions.yaml").read_text(encoding="utf-8")
)
SHAPES: dict[type, str] = {str: "text", list: "list", dict: "object"}
OURS = "R4"


def votes(resource: dict[str, Any]) -> Counter[str]:
    """Return how many marks of each version a resource bears.

    >>> votes({"resourceType": "Condition", "clinicalStatus": "active"})
    Counter({'DSTU2': 1, 'STU3': 1})
    """
    marks = MARKS.get(str(resource.get("resourceType")), {})
    found: Counter[str] = Counter()
    for element, shapes in marks.items():
        if element not in resource and element != "type":
            continue
        found.update(shapes.get(SHAPES.get(type(resource.get(element)), ""), ()))
        found.update(shapes.get("any", ()))
    return found


def foreign(resources: Iterable[dict[str, Any]]) -> str | None:
    """Return the version that outvotes R4, or None."""
    tally: Counter[str] = Counter()
    for each in resources:
        tally.update(votes(each))
    return winner(tally)


def winner(tally: Counter[str]) -> str | None:
    """Return the version with more marks than R4's, or None.

    >>> winner(Counter(R5=2, R4=1)), winner(Counter(R5=1, R4=1))
    ('R5', None)
    """
    others = [(n, version) for version, n in tally.items() if version != OURS]
    most, version = max(others, default=(0, ""))
    return version if most > tally[OURS] else None
