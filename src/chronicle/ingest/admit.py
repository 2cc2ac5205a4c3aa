"""What is kept of a resource that was judged: as little as rows are made of.

The reader judges a resource when it meets it, while it lies in the processor's cache,
and then lets go of all that the gate made of it: many wait until their file's end was
seen, and what waits is small.
"""

from typing import Any, NamedTuple

from chronicle.ingest import accept, allowed, types
from chronicle.ingest.entry import doubled
from chronicle.ingest.gate import judge


class Admitted(NamedTuple):
    """What became of a resource at the door, and what is left of it.

    Args:
        resource: What readers may see of it. None where no row is made of its type, or
            R4B or a rule refuses it.
        written: It as plain JSON again, as `accept.Judged` has it.
        told: What of that it says, whoever and wherever.
        refusal: (reason, detail) where it may not enter.
        warnings: Rules that it breaks and enters all the same.
    """

    resource: Any = None
    written: bytes = b""
    told: bytes = b""
    refusal: tuple[str, str] | None = None
    warnings: tuple[str, ...] = ()


UNREAD = Admitted()


def admitted(kind: str, raw: bytes, *, full: bool) -> Admitted:
    """Judge a resource, with the arguments of `accept.judged`."""
    resource, plain, told, refusal, warnings = accept.judged(kind, raw, full=full)
    # Asked only where a row would be made: elsewhere nothing is read, so nothing lost.
    if refusal is None and kind in types.USED:
        refusal = types.refusal(kind, resource)
        if refusal is None and doubled(raw, plain):
            refusal = "duplicate-key", ""
    return Admitted(resource, plain, told, refusal, warnings)


def passed(found: judge.Passed) -> Admitted:
    """Admit what passed the gate."""
    if found.kind not in types.USED:
        return UNREAD
    readable = allowed.narrowed(found.kind, found.written)
    refusal = types.refusal(found.kind, readable)
    return Admitted(readable, found.written, found.told, refusal)
