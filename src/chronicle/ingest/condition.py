"""Condition: a diagnosis or problem, in every code the source gives."""

from typing import Any

from chronicle.ingest import coding, times
from chronicle.ingest.source import Event, Source, dated


def events(source: Source) -> list[Event]:
    """Return one event a coding.

    Onset comes before recording; what was never recorded with a date is known from its
    encounter on.
    """
    condition = source.resource
    recorded = condition.recordedDate
    onset = (condition.onsetDateTime, times.start_of(condition.onsetPeriod))
    abated = times.ended(condition.abatementDateTime)
    ended = (abated, times.end_of(condition.abatementPeriod))
    time, known = times.first(*onset, recorded), times.last(recorded)
    codes = coding.codes(condition.code, source, otherwise="UNCODED//Condition")
    found = [Event(code, time, known, times.last(*ended)) for code in codes]
    return dated(found, next(filter(None, onset), None), recorded)


def verification(condition: Any) -> str | None:
    """Return the verificationStatus, which says whether anybody asserts it."""
    stated = condition.verificationStatus
    codings = None if stated is None else stated.coding
    code = codings[0].code if codings else None
    return code if isinstance(code, str) else None
