"""Patient: one row of `patients`, a birth, and a death where there was one."""

from datetime import date
from typing import NamedTuple

from chronicle.ingest import times
from chronicle.ingest.source import Event, Source

# Source: HL7 FHIR R4 value set administrative-gender.
GENDERS = ("male", "female", "other", "unknown")


class Person(NamedTuple):
    """What `patients` says of somebody."""

    birth_date: date | None
    death_time: int | None
    gender: str | None


def events(source: Source) -> list[Event]:
    """Return MEDS_BIRTH and MEDS_DEATH; a birth is known from the start."""
    born = times.first(source.resource.birthDate)
    death = source.resource.deceasedDateTime
    rows = [] if born is None else [Event("MEDS_BIRTH", born, born)]
    if (died := times.first(death)) is not None:
        rows.append(Event("MEDS_DEATH", died, times.last(death)))
    return rows


def row(source: Source) -> Person:
    """Return the row of `patients`; R4B takes any word for a gender, we do not."""
    person = source.resource
    if person.gender not in (*GENDERS, None):
        source.tally["gender-not-of-fhir"] += 1
    return Person(
        times.day(person.birthDate),
        times.first(person.deceasedDateTime),
        person.gender if person.gender in GENDERS else None,
    )
