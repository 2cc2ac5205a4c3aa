"""Procedure: what was done to somebody."""

from chronicle.ingest import coding, times
from chronicle.ingest.source import Event, Source


def events(source: Source) -> list[Event]:
    """Return one event a coding, known when the procedure was over."""
    procedure = source.resource
    when, period = procedure.performedDateTime, procedure.performedPeriod
    start, end = times.start_of(period), times.end_of(period)
    time, known = times.first(when, start), times.last(when, end, start)
    codes = coding.codes(procedure.code, source, otherwise="UNCODED//Procedure")
    return [Event(code, time, known, times.last(end)) for code in codes]
