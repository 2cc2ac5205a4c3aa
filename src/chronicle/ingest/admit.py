"""What is kept of a resource that was judged: as little as rows are made of.

The reader judges a resource when it meets it, while it lies in the processor's cache,
and then lets go of all that the gate made of it: many wait until their file's end was
seen, and what waits is small.
"""

from chronicle.ingest import accept, types
from chronicle.ingest.entry import doubled
from chronicle.ingest.gate import judge

Admitted = accept.Judged
UNREAD = Admitted()


def admitted(kind: str, raw: bytes, *, full: bool) -> Admitted:
    """Judge a resource, with the arguments of `accept.judged`."""
    found = accept.judged(kind, raw, full=full)
    if found.refusal is not None or kind not in types.USED:
        return found
    refusal = types.refusal(kind, found.resource)
    # Asked only where a row would be made: elsewhere nothing is read, so nothing lost.
    if refusal is None and doubled(raw, found.written):
        refusal = "duplicate-key", ""
    return found._replace(refusal=refusal)


def passed(found: judge.Passed) -> Admitted:
    """Admit what passed the gate."""
    if found.kind not in types.USED:
        return UNREAD
    kept = accept.of_gate(found)
    refusal = types.refusal(found.kind, kept.resource)
    return kept if refusal is None else kept._replace(refusal=refusal)
