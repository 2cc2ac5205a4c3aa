"""Nothing but what `deidentify.yaml` names reaches the readers.

They are handed a resource that was read anew, into a struct that has the named
elements as attributes and no others. So a reader that reaches for a name, a text or a
photo fails in the first test, and no review has to find it.
"""

from collections.abc import Callable
from functools import cache
from types import GenericAlias
from typing import Any

import msgspec
import orjson

from chronicle.ingest.gate.build import ANY, EXTENSION, SPEC, attribute
from chronicle.ingest.gate.build import MARKS as MARKED
from chronicle.ingest.gate.loose import Loose, loosely
from chronicle.ingest.rules.declared import ALLOWED

TABLE = ALLOWED
ELEMENTS: dict[str, dict[str, str]] = TABLE["elements"]
STATUSES = frozenset(TABLE["statuses"])
CONTAINED = "Medication"
PRESENCE = "presence"
# How many levels an element of its own kind is followed: of what the gate let in, a
# section has no more.
DEEPEST = {EXTENSION: 1, "CompositionSection": 2}
PLAIN = {"boolean": bool, "decimal": float, "integer": int}  # the rest are texts


class Present:
    """Stands for an element of which nothing is told but that it is there."""


PRESENT = Present()


def narrowed(kind: str, raw: bytes, judged: Any = None) -> Any:
    """Return an accepted resource with the elements that may be read, and no others.

    Args:
        kind: Its type, one of `types.USED`.
        raw: Its JSON.
        judged: It, where R4B alone let it in.
    """
    if judged is None:
        try:
            return _decoder(kind)(raw)
        except msgspec.ValidationError:  # something contained that is no Medication
            judged = loosely(kind, orjson.loads(raw))
    return _left(kind, judged)


def status(stated: str | None) -> str | None:
    """Return a status that FHIR has; None for a word of the source's own."""
    return stated if stated in STATUSES else None


@cache
def struct(kind: str, depth: int = 0) -> type[msgspec.Struct]:
    """Return the struct of a type: what it has is what may be read of it."""
    members = {
        name: _type(kind, name, depth)
        for name in ELEMENTS[kind]
        if depth <= DEEPEST.get(kind, 0) or of(kind, name) != kind
    }
    return msgspec.defstruct(
        f"Readable{kind}",
        [(attribute(name), made | None, None) for name, made in members.items()],
        rename={attribute(name): name for name in members},
        module=__name__,
        kw_only=True,
        gc=False,
    )


def of(kind: str, element: str) -> str:
    """Return the type of an element, as `ELEMENTS` calls it."""
    told = SPEC[kind]["fields"][element].rstrip(MARKED)
    return CONTAINED if told == ANY else str(told)


def _type(kind: str, element: str, depth: int) -> Any:
    if ELEMENTS[kind][element] == PRESENCE:
        return Present
    inside = of(kind, element)
    deeper = depth + (kind == inside)
    made = struct(inside, deeper) if inside in SPEC else PLAIN.get(inside, str)
    return GenericAlias(list, made) if "*" in SPEC[kind]["fields"][element] else made


@cache
def _decoder(kind: str) -> Callable[[bytes], Any]:
    hook: Callable[[type, Any], Any] = lambda *_: PRESENT  # noqa: E731, one expression
    return msgspec.json.Decoder(struct(kind), dec_hook=hook).decode


def _left(kind: str, found: Any) -> Loose:
    """Return what is left of something that only the slow path let in."""
    kept: dict[str, Any] = {}
    for name, rule in ELEMENTS[kind].items():
        value = getattr(found, attribute(name), None)
        if value is None:
            continue
        inside = of(kind, name)
        if rule == PRESENCE:
            value = PRESENT
        elif inside in SPEC and isinstance(value, list):
            value = [_left(inside, each) for each in value]
        elif inside in SPEC:
            value = _left(inside, value)
        kept[attribute(name)] = value
    return Loose(**kept)
