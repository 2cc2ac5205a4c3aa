"""Immunization: what somebody was vaccinated against."""

from chronicle.ingest import coding, times
from chronicle.ingest.source import Row, Source


def events(source: Source) -> list[Row]:
    """Return one event a coding of the vaccine."""
    shot = source.resource
    given, recorded = shot.get("occurrenceDateTime"), shot.get("recorded")
    return [
        source.event(code, times.first(given, recorded), times.last(recorded, given))
        for code in coding.codes(
            shot.get("vaccineCode"), otherwise="UNCODED//Immunization"
        )
    ]
