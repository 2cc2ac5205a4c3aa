"""Encounter: where and how long somebody was seen."""

from chronicle.ingest import coding, times
from chronicle.ingest.source import Event, Source


def events(source: Source) -> list[Event]:
    """Return one event, coded by class (AMB, EMER, IMP …), known when it is over."""
    encounter = source.resource
    start, end = times.start_of(encounter.period), times.end_of(encounter.period)
    code = coding.code(encounter.class_, source) or "UNCODED//Encounter"
    return [Event(code, times.first(start), times.last(end, start), times.last(end))]
