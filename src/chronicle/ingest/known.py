"""What the reader knows of a resource: what the gate tells of it where it accepts it.

The gate has to go through nearly every resource anyway, and tells its type, what
references may call it, and all that rows are made of. Only of the others, and of what
is too much to be held, are a few keys read first.
"""

from collections import Counter
from collections.abc import Iterable

from chronicle.ingest import admit, heads, limits, versions
from chronicle.ingest.gate import judge
from chronicle.ingest.gate.judge import Passed
from chronicle.ingest.heads import Head

Known = Passed | Head | None
"""What the gate tells of a resource; else its head; None where it has none."""


def known(raw: bytes) -> tuple[str, Known, admit.Admitted | None]:
    """Return what is known of a resource; of one that is too large, its head.

    Returns:
        Its type as it says it, "" where it does not; what is known; and what is kept of
        it, None where the gate did not accept it.
    """
    return of(raw, judge.passed(raw) if len(raw) <= limits.RESOURCE_BYTES else None)


def of(raw: bytes, found: Passed | None) -> tuple[str, Known, admit.Admitted | None]:
    """Return what `known` does of a resource that was brought to the gate."""
    if found is None:
        head = heads.head(raw)
        return kind(head), head, None
    return found.kind, found, admit.passed(found)


def kind(head: Head | None) -> str:
    """Return a resource's type as its head says it, "" where it does not."""
    return "" if head is None else head.kind


def vote(found: Known, tally: Counter[str]) -> None:
    """Count the marks of each version of FHIR on what did not pass the gate.

    What passes has no mark of another version that is not one of R4 as well, so it can
    only vote for R4, or for nobody.
    """
    if isinstance(found, Head):
        found.vote(tally)


def version(tally: Counter[str], raws: Iterable[heads.Buffer]) -> str | None:
    """Return the version that outvotes R4 among some resources, or None.

    Args:
        tally: As counted by `vote`.
        raws: All of them, also those that passed: read only where these can matter.
    """
    if versions.winner(tally) is None:
        return None
    return heads.version(map(heads.head, raws))
