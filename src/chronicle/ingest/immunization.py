"""Immunization: what somebody was vaccinated against."""

from chronicle.ingest import coding, times
from chronicle.ingest.source import Event, Source, dated


def events(source: Source) -> list[Event]:
    """Return one event a coding of the vaccine."""
    shot = source.resource
    time = times.first(shot.occurrenceDateTime, shot.recorded)
    known = times.last(shot.recorded, shot.occurrenceDateTime)
    codes = coding.codes(shot.vaccineCode, source, otherwise="UNCODED//Immunization")
    found = [Event(code, time, known) for code in codes]
    return dated(found, shot.occurrenceDateTime, shot.recorded)
