"""Which version of FHIR a bundle speaks, told by shapes that not all versions have."""

from collections import Counter
from pathlib import Path

from chronicle.core import store

MARKS: dict[str, dict[str, dict[str, list[str]]]] = store.read_yaml(
    Path(__file__).with_name("versions.yaml")
)
TYPE = "type"  # stands for the resource's type itself, which every resource has
ELEMENTS = sorted({each for marks in MARKS.values() for each in marks} - {TYPE})
SHAPES = ("text", "list", "object", "other")
OURS = "R4"


def votes(kind: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return what each element of a type votes for, by the shape that it has.

    Args:
        kind: The resource's type.

    Returns:
        By element, and by shape (text, list, object, other): the versions.

    >>> votes("Encounter")["class"]["list"], votes("MedicationOrder")[TYPE]["text"]
    (('R5',), ('DSTU2',))
    """
    return {
        element: {
            shape: (*shapes.get(shape, ()), *shapes.get("any", ())) for shape in SHAPES
        }
        for element, shapes in MARKS.get(kind, {}).items()
    }


def winner(tally: Counter[str]) -> str | None:
    """Return the version with more marks than R4's, or None.

    >>> winner(Counter(R5=2, R4=1)), winner(Counter(R5=1, R4=1))
    ('R5', None)
    """
    others = [(n, version) for version, n in tally.items() if version != OURS]
    most, version = max(others, default=(0, ""))
    return version if most > tally[OURS] else None
