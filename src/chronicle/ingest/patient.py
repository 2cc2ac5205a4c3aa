"""Patient: one row of `patients`, a birth, and a death where there was one."""

import re
from datetime import date
from typing import Any, NamedTuple

from chronicle.ingest import times
from chronicle.ingest.source import Event, Source

# Source: HL7 FHIR R4 value set administrative-gender.
GENDERS = ("male", "female", "other", "unknown")
# Source: HL7 US Core, StructureDefinition us-core-race and us-core-ethnicity.
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
OMB = re.compile(r"\d{4}-\d", re.ASCII)


class Person(NamedTuple):
    """What `patients` says of somebody."""

    birth_date: date | None
    death_time: int | None
    gender: str | None
    race: str | None
    ethnicity: str | None
    zip3: str | None


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
        _category(person, "race"),
        _category(person, "ethnicity"),
        None,
    )


def _category(person: Any, name: str) -> str | None:
    """Return the OMB category that somebody is in; null where they are in several."""
    found = {
        str(coding.code)
        for extension in person.extension or ()
        if extension.url == US_CORE + name
        for each in extension.extension or ()
        if each.url == "ombCategory" and (coding := each.valueCoding) is not None
    }
    code = found.pop() if len(found) == 1 else ""
    return code if OMB.fullmatch(code) else None
