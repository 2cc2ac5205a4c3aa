"""Which version of FHIR a bundle speaks, told by shapes that not all versions have."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import yaml

MARKS: dict[str, dict[str, dict[str, list[str]]]] = yaml.safe_load(
    Path(__file__).with_name("versions.yaml").read_text(encoding="utf-8")
)
TYPE = "type"  # stands for the resource's type itself, which every resource has
ELEMENTS = sorted({each for marks in MARKS.values() for each in marks} - {TYPE})
OURS = "R4"


def vote(tally: Counter[str], kind: str, shape: Callable[[str], str]) -> None:
    """Count a resource's marks of each version.

    Args:
        tally: Where they are added.
        kind: The resource's type.
        shape: Gives an element's shape: text, list, object, another; "" without it.

    >>> tally = Counter()
    >>> vote(tally, "Condition", {"clinicalStatus": "text"}.get)
    >>> tally
    Counter({'DSTU2': 1, 'STU3': 1})
    """
    for element, shapes in MARKS.get(kind, {}).items():
        found = TYPE if element == TYPE else shape(element)
        if found:
            tally.update(shapes.get(found, ()))
            tally.update(shapes.get("any", ()))


def winner(tally: Counter[str]) -> str | None:
    """Return the version with more marks than R4's, or None.

    >>> winner(Counter(R5=2, R4=1)), winner(Counter(R5=1, R4=1))
    ('R5', None)
    """
    others = [(n, version) for version, n in tally.items() if version != OURS]
    most, version = max(others, default=(0, ""))
    return version if most > tally[OURS] else None
