"""What only the slow path let in, in the shape in which the gate gives the rest."""

from types import SimpleNamespace
from typing import Any

from chronicle.ingest.gate.build import ANY, MARKS, SPEC, attribute


class Loose(SimpleNamespace):
    """An element of any type: what it does not have is None."""

    def __getattr__(self, name: str) -> None:
        """Answer for every element that the source did not send."""
        return


def loosely(kind: str, found: dict[str, Any]) -> Loose:
    """Return a resource or element of that kind as an object.

    R4B takes more than FHIR allows ("6.3" for a decimal, a text of JSON for an
    element). Here primitives stay as they came, and what is no object where one should
    stand is left out.
    """
    fields = SPEC[kind]["fields"]
    return Loose(
        **{
            attribute(name): _value(fields[name], value)
            for name, value in found.items()
            if name in fields
        }
    )


def _value(told: str, value: Any) -> Any:
    kind = told.rstrip(MARKS)
    if "*" in told:
        some = value if isinstance(value, list) else []
        read = [_one(kind, each) for each in some]
        return [each for each in read if each is not None]
    return _one(kind, value)


def _one(kind: str, value: Any) -> Any:
    if isinstance(value, dict):
        if kind == ANY:
            kind = str(value.get("resourceType"))
        return loosely(kind, value) if kind in SPEC else None
    if kind in SPEC or kind == ANY or isinstance(value, list):
        return None
    return value
