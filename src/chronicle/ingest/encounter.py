"""Encounter: where and how long somebody was seen."""

from chronicle.ingest import coding, times
from chronicle.ingest.source import Row, Source


def events(source: Source) -> list[Row]:
    """Return one event, coded by class (AMB, EMER, IMP …), known when it is over."""
    period = source.resource.get("period")
    start, end = times.start_of(period), times.end_of(period)
    return [
        source.event(
            coding.code(source.resource.get("class")) or "UNCODED//Encounter",
            times.first(start),
            times.last(end, start),
            end_time=times.last(end),
            encounter_id=source.provenance,
        )
    ]
