"""Patient and Coverage: shaped like personal data, and nobody's."""

from datetime import datetime, time

from chronicle.simulate.record import Person
from chronicle.simulate.sites import catalog
from chronicle.simulate.sites.catalog import Names
from chronicle.simulate.sites.writer import Item, Resource, Writer

US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition"
OMB = "urn:oid:2.16.840.1.113883.6.238"
# Source: HL7 v3 ActReason. So ingest knows that these patients are nobody.
TEST_DATA = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "code": "HTEST",
}
# Source: US Core, OMB race and ethnicity categories (CDC code system).
RACES = {
    "white": ("2106-3", "White"),
    "black": ("2054-5", "Black or African American"),
    "asian": ("2028-9", "Asian"),
    "other": ("2131-1", "Other Race"),
    "hispanic": ("2131-1", "Other Race"),
}
HISPANIC = ("2135-2", "Hispanic or Latino")
NOT_HISPANIC = ("2186-5", "Not Hispanic or Latino")


def patient(writer: Writer) -> Item:
    """Return the Patient."""
    person, site = writer.person, writer.site
    born = person.born.isoformat()
    made: Resource = {
        "resourceType": "Patient",
        "id": writer.patient_id,
        "meta": {"security": [TEST_DATA]},
    }
    if site.us_core:
        made["extension"] = _us_core(person)
    made |= _invented(writer)
    made["gender"] = "female" if person.female else "male"
    made["birthDate"] = born[:4] if site.birth == "year" else born
    if person.died is not None and writer.death == "patient":
        made["deceasedDateTime"] = writer.time(person.died)
    return Item(made, "", datetime.combine(person.born, time()))


def coverage(writer: Writer) -> list[Item]:
    """Return the insurance of patients whose site keeps one."""
    visits = writer.record.visits
    if not writer.site.coverage or not visits:
        return []
    plan = writer.chance.pick(("Invented Mutual", "Example Health Plan"), "plan")
    made = {
        "resourceType": "Coverage",
        "id": writer.id("Coverage"),
        "status": "active",
        "beneficiary": writer.subject,
        "payor": [{"display": plan}],
    }
    return [Item(made, "", visits[0].start)]


def full_name(writer: Writer) -> tuple[str, str]:
    """Return given and family name."""
    names = catalog.names(writer.site.names)
    given = names.female if writer.person.female else names.male
    pick = writer.chance.pick
    return pick(given, "given"), pick(names.family, "family")


def _invented(writer: Writer) -> Resource:
    names = catalog.names(writer.site.names)
    given, family = full_name(writer)
    draw = writer.chance.share
    number = str(int(draw("number") * 10**8)).zfill(8)
    return {
        "identifier": [{"system": "http://mrn.example.org", "value": f"MRN{number}"}],
        "name": [{"use": "official", "family": family, "given": [given]}],
        "telecom": [{"system": "phone", "value": _digits(names.phone, number)}],
        "address": [_address(writer, names, number[::-1])],
    }


def _address(writer: Writer, names: Names, number: str) -> Resource:
    pick = writer.chance.pick
    house = int(number[:3]) % 199 + 1
    return {
        "line": [f"{house} {pick(names.street, 'street')}"],
        "city": pick(names.town, "town"),
        "postalCode": _digits(names.postal, number),
        "country": names.country,
    }


def _digits(pattern: str, digits: str) -> str:
    found = iter(digits)
    return "".join(next(found) if each == "#" else each for each in pattern)


def _us_core(person: Person) -> list[Resource]:
    ethnicity = HISPANIC if person.race == "hispanic" else NOT_HISPANIC
    sex = "F" if person.female else "M"
    return [
        _category("race", RACES[person.race]),
        _category("ethnicity", ethnicity),
        {"url": f"{US_CORE}/us-core-birthsex", "valueCode": sex},
    ]


def _category(name: str, category: tuple[str, str]) -> Resource:
    code, display = category
    coding = {"system": OMB, "code": code, "display": display}
    return {
        "url": f"{US_CORE}/us-core-{name}",
        "extension": [
            {"url": "ombCategory", "valueCoding": coding},
            {"url": "text", "valueString": display},
        ],
    }
