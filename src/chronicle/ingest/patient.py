"""Patient: one row of `patients`, a birth, and a death where there was one."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from chronicle.ingest import linkage, times
from chronicle.ingest.allowed import TABLE
from chronicle.ingest.source import Event, Source

# Source: HL7 FHIR R4 value set administrative-gender.
GENDERS = ("male", "female", "other", "unknown")
# Source: HL7 US Core, StructureDefinition us-core-race and us-core-ethnicity.
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
OMB = re.compile(r"\d{4}-\d", re.ASCII)

COUNTRIES = ("US", "USA", "United States", "United States of America")
POSTAL = re.compile(r"(?P<zip3>\d{3})\d{2}(?:-?\d{4})?", re.ASCII)
NOWHERE = "000"
FEW_PEOPLE = frozenset(TABLE["few_people"])


class Person(NamedTuple):
    """What `patients` says of somebody, and who that is, sealed."""

    birth_date: date | None
    death_time: int | None
    deceased: bool | None
    gender: str | None
    race: str | None
    ethnicity: str | None
    zip3: str | None
    linked: bytes


def events(source: Source) -> list[Event]:
    """Return MEDS_BIRTH and MEDS_DEATH; a birth is known from the start."""
    born = times.first(times.begun(source.resource.birthDate))
    death = times.ended(source.resource.deceasedDateTime)
    rows = [] if born is None else [Event("MEDS_BIRTH", born, born)]
    if (died := times.first(death)) is not None:
        rows.append(Event("MEDS_DEATH", died, times.last(death)))
    return rows


def row(source: Source) -> Person:
    """Return the row of `patients`; R4B takes any word for a gender, we do not."""
    person = source.resource
    if person.gender not in (*GENDERS, None):
        source.tally["gender-not-of-fhir"] += 1
    born = times.begun(person.birthDate)
    if born != person.birthDate:
        source.tally["birth-date-filler"] += 1
    died = times.ended(person.deceasedDateTime)
    if died != person.deceasedDateTime:
        source.tally["death-date-filler"] += 1
    return Person(
        times.day(born),
        times.first(died),
        died is not None or person.deceasedBoolean,
        person.gender if person.gender in GENDERS else None,
        _category(person, "race"),
        _category(person, "ethnicity"),
        zip3(person.address or ()),
        linkage.sealed(source.key, source.keys),
    )


def zip3(addresses: Sequence[Any]) -> str | None:
    """Return the first digits of a home's postal code, as 45 CFR 164.514 allows.

    Of the first address that is a home's, else of the first. None where it is no US
    postal code; `000` where 20,000 people or fewer live in all that begin so.
    """
    homes = [each for each in addresses if each.use == "home"]
    home = next(iter([*homes, *addresses]), None)
    if home is None or (home.country or "US") not in COUNTRIES:
        return None
    found = POSTAL.fullmatch(str(home.postalCode or "").strip())
    if found is None:
        return None
    return NOWHERE if found["zip3"] in FEW_PEOPLE else found["zip3"]


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
