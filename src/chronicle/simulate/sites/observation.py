"""Observation: vital signs, laboratory results, smoking, and a death told only so."""

from chronicle.simulate.record import Measured
from chronicle.simulate.sites import catalog, concept, pressure, reading
from chronicle.simulate.sites.catalog import Measure
from chronicle.simulate.sites.writer import Item, Resource, Writer

LABORATORY = "laboratory"
SMOKING = "smoking"


def observations(writer: Writer) -> list[Item]:
    """Return every measurement, answer and, where need be, the death."""
    paired = pressure.pairs(writer) if writer.site.pressure.form == "panel" else {}
    found = []
    for number, told in enumerate(writer.record.measured):
        if told.measure in writer.site.skip:
            continue
        if number in paired:
            found += pressure.panel(writer, paired[number], number)
        elif not paired or told.measure not in catalog.measures().panel.parts:
            found += _measured(writer, told, number)
    return found + _smoking(writer) + _death(writer)


def _measured(writer: Writer, told: Measured, number: int) -> list[Item]:
    site, chance = writer.site, writer.chance
    known: Measure = catalog.measures().measures[told.measure]
    lab = known.category == LABORATORY
    # A visit's blood goes to one laboratory, and that one has its own codes or not.
    local = lab and chance.share("local", told.visit) < site.local_share
    made: Resource = {
        "resourceType": "Observation",
        "id": writer.id("Observation", number),
        "status": "final",
        "category": reading.category(known.category),
        "code": reading.code_of(
            site, told.measure, told.at.isoformat()[:10], local=local
        ),
        "subject": writer.subject,
        "encounter": writer.encounters[told.visit],
        **reading.told_at(writer, told),
        "valueQuantity": reading.quantity(site, told.measure, told.value),
    }
    final = Item(made, told.measure, told.at)
    if not lab or chance.share("preliminary", number) >= site.preliminary_share:
        return [final]
    early = {
        "id": writer.id("Observation", number, "preliminary"),
        "status": "preliminary",
        "issued": writer.time(told.at),
    }
    return [Item(made | early, told.measure, told.at), final]


def _smoking(writer: Writer) -> list[Item]:
    if writer.chance.share("smoking missing") < writer.site.smoking_missing_share:
        return []
    return [
        _answer(writer, told.smoking, told.visit, number)
        for number, told in enumerate(writer.record.answered)
    ]


def _answer(writer: Writer, smoking: str, visit: int, number: int) -> Item:
    at = writer.record.visits[visit].start
    made: Resource = {
        "resourceType": "Observation",
        "id": writer.id("Observation", SMOKING, number),
        "status": "final",
        "category": reading.category("social-history"),
        "code": smoking_code(),
        "subject": writer.subject,
        "encounter": writer.encounters[visit],
        "effectiveDateTime": writer.time(at),
    }
    if writer.site.issued:
        made["issued"] = writer.time(at)
    made["valueCodeableConcept"] = smoking_answer(smoking)
    return Item(made, SMOKING, at)


def smoking_code() -> Resource:
    """Return the question about smoking."""
    code = catalog.measures().smoking.code
    return concept.single(concept.LOINC, code.code, code.display)


def smoking_answer(smoking: str) -> Resource:
    """Return never, former or current as an answer."""
    code = catalog.measures().smoking.answers[smoking]
    return concept.single(concept.SNOMED, code.code, code.display)


def _death(writer: Writer) -> list[Item]:
    died = writer.person.died
    if died is None or writer.death != "observation":
        return []
    made = {
        "resourceType": "Observation",
        "id": writer.id("Observation", "death"),
        "status": "final",
        "category": reading.category("exam"),
        "code": concept.single(
            concept.LOINC,
            "69453-9",
            "Cause of Death [US Standard Certificate of Death]",
        ),
        "subject": writer.subject,
        "effectiveDateTime": writer.time(died),
        "valueString": "Not stated",
    }
    return [Item(made, "death", died)]
