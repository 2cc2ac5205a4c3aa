"""AllergyIntolerance: what somebody must not be given."""

from chronicle.ingest import coding, times
from chronicle.ingest.source import Event, Source, dated


def events(source: Source) -> list[Event]:
    """Return one event a coding, known since it was recorded."""
    allergy = source.resource
    time = times.first(allergy.onsetDateTime, allergy.recordedDate)
    known = times.last(allergy.recordedDate, allergy.onsetDateTime)
    codes = coding.codes(allergy.code, source, otherwise="UNCODED//AllergyIntolerance")
    found = [Event(code, time, known) for code in codes]
    return dated(found, allergy.onsetDateTime, allergy.recordedDate)
