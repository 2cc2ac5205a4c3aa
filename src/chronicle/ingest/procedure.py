"""Procedure: what was done to somebody."""

from chronicle.ingest import coding, times
from chronicle.ingest.source import Row, Source


def events(source: Source) -> list[Row]:
    """Return one event a coding, known when the procedure was over."""
    procedure = source.resource
    period = procedure.get("performedPeriod")
    when = procedure.get("performedDateTime")
    start, end = times.start_of(period), times.end_of(period)
    return [
        source.event(
            code,
            times.first(when, start),
            times.last(when, end, start),
            end_time=times.last(end),
        )
        for code in coding.codes(procedure.get("code"), otherwise="UNCODED//Procedure")
    ]
