"""AllergyIntolerance: what somebody must not be given."""

from chronicle.ingest import coding, times
from chronicle.ingest.source import Row, Source


def events(source: Source) -> list[Row]:
    """Return one event a coding, known since it was recorded."""
    allergy = source.resource
    onset, recorded = allergy.get("onsetDateTime"), allergy.get("recordedDate")
    return [
        source.event(code, times.first(onset, recorded), times.last(recorded, onset))
        for code in coding.codes(
            allergy.get("code"), otherwise="UNCODED//AllergyIntolerance"
        )
    ]
