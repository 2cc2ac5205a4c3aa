"""Patient: one row of `patients`, a birth, and a death where there was one."""

from chronicle.ingest import times
from chronicle.ingest.source import Row, Source

# Source: HL7 FHIR R4 value set administrative-gender.
GENDERS = ("male", "female", "other", "unknown")


def events(source: Source) -> list[Row]:
    """Return MEDS_BIRTH and MEDS_DEATH; a birth is known from the start."""
    born = times.first(source.resource.get("birthDate"))
    death = source.resource.get("deceasedDateTime")
    rows = [source.event("MEDS_BIRTH", born, born)] if born else []
    if died := times.first(death):
        rows.append(source.event("MEDS_DEATH", died, times.last(death)))
    return rows


def row(source: Source) -> Row:
    """Return the row of `patients`; R4B takes any word for a gender, we do not."""
    gender = source.resource.get("gender")
    if gender not in (*GENDERS, None):
        source.tally["gender-not-of-fhir"] += 1
    return {
        "birth_date": times.day(source.resource.get("birthDate")),
        "death_time": times.first(source.resource.get("deceasedDateTime")),
        "gender": gender if gender in GENDERS else None,
    }
