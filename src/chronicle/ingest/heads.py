"""What the reader itself must know of a resource: a few keys, of the many it has.

All others are skipped as bytes, which costs a third of parsing them.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, ClassVar, cast

import msgspec
from msgspec import Raw, Struct

from chronicle.ingest import versions

NONE = Raw(b"")
Buffer = bytes | bytearray | Raw
SHAPES = {ord('"'): "text", ord("["): "list", ord("{"): "object"}
Plan = list[tuple[str, list[tuple[str, ...]]]]


class Identifier(Struct, gc=False):
    """As much of an Identifier as a conditional reference asks for."""

    system: str | None = None
    value: str | None = None


class Head(Struct, gc=False):
    """The keys that say what a resource is and what references may call it."""

    itself: ClassVar[Raw] = Raw(b'""')  # the mark that every resource of a type bears
    kind: str = msgspec.field(name="resourceType")
    id: str | None = None
    identifier: list[Identifier] | None = None

    def vote(self, tally: Counter[str]) -> None:
        """Count the marks of each version of FHIR that it bears."""
        for name, versions_by_byte in PLANS.get(self.kind, ()):
            raw = getattr(self, name)
            if raw is not NONE:
                for version in versions_by_byte[memoryview(raw)[0]]:
                    tally[version] += 1


# The elements that tell versions apart; with a prefix, since one is called `class`.
PREFIX = "mark_"
Marked = msgspec.defstruct(
    "Marked",
    [(PREFIX + each, Raw, NONE) for each in versions.ELEMENTS],
    bases=(Head,),
    rename={PREFIX + each: each for each in versions.ELEMENTS},
    gc=False,
)


def _plan(kind: str) -> Plan:
    # By an element's first byte, since that is all that is looked at.
    return [
        (
            "itself" if element == versions.TYPE else PREFIX + element,
            [found[SHAPES.get(byte, "other")] for byte in range(256)],
        )
        for element, found in versions.votes(kind).items()
    ]


PLANS = {kind: _plan(kind) for kind in versions.MARKS}
READER = msgspec.json.Decoder(Marked)
LOOSE = msgspec.json.Decoder(dict[str, Raw])


def head(raw: Buffer) -> Head | None:
    """Return what a resource is; None where it does not say, or is no object.

    >>> head(b'{"resourceType": "Patient", "id": 7, "name": []}').kind
    'Patient'
    """
    try:
        return cast(Head, READER.decode(raw))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _loose(raw)


def _loose(raw: Buffer) -> Head | None:
    # One key is not what it should be: the others still count.
    try:
        found = LOOSE.decode(raw)
        kind = msgspec.json.decode(found.get("resourceType", NONE), type=str)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    marks = {PREFIX + each: found.get(each, NONE) for each in versions.ELEMENTS}
    made = Marked(
        kind=kind,
        id=_or_none(found.get("id", NONE), str),
        identifier=_or_none(found.get("identifier", NONE), list[Identifier]),
        **marks,
    )
    return cast(Head, made)


def _or_none(raw: Raw, kind: Any) -> Any:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def version(found: Iterable[Head | None]) -> str | None:
    """Return the version that outvotes R4 among some resources, or None."""
    tally: Counter[str] = Counter()
    for each in found:
        if each is not None:
            each.vote(tally)
    return versions.winner(tally)
