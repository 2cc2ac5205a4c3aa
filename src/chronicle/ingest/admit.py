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
        refusal: (reason, detail) where it may not enter.
        warnings: Rules that it breaks and enters all the same.
    """

    resource: Any = None
    written: bytes = b""
    refusal: tuple[str, str] | None = None
    warnings: tuple[str, ...] = ()


UNREAD = Admitted()


def admitted(kind: str, raw: bytes, *, full: bool) -> Admitted:
    """Judge a resource, with the arguments of `accept.judged`."""
    return _left(kind, raw, accept.judged(kind, raw, full=full))


def passed(kind: str, raw: bytes, found: Any) -> Admitted | None:
    """Admit what passed the gate.

    Args:
        kind: Its resourceType.
        raw: Its JSON.
        found: What the gate made of it.

    Returns:
        None where an element may be empty, so that R4B has to be asked still.
    """
    if kind not in types.USED:
        return UNREAD
    plain = accept.written(found)
    if judge.is_hollow(plain):
        return None
    return _left(kind, raw, accept.Judged(found, plain))


def _left(kind: str, raw: bytes, judged: accept.Judged) -> Admitted:
    resource, plain, refusal, warnings = judged
    if refusal is not None or kind not in types.USED:
        return Admitted(None, b"", refusal, warnings)
    refusal = types.refusal(kind, resource)
    # Asked only where a row would be made: elsewhere nothing is read, so nothing lost.
    if refusal is None and doubled(raw, plain):
        refusal = "duplicate-key", ""
    readable = allowed.narrowed(kind, plain, resource)
    return Admitted(readable, plain, refusal, warnings)
