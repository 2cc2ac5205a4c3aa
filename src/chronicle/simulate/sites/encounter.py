"""Encounter and, for a heart attack in hospital, the Procedure that treats it."""

from chronicle.simulate.sites import catalog, concept
from chronicle.simulate.sites.writer import Item, Resource, Writer, encounter_id

# Source: SNOMED CT, by permission of SNOMED International.
TYPES = {
    "AMB": ("185349003", "Encounter for check up"),
    "EMER": ("50849002", "Emergency room admission"),
    "IMP": ("183452005", "Emergency hospital admission"),
}
CLASSES = {"AMB": "ambulatory", "EMER": "emergency", "IMP": "inpatient encounter"}


def encounters(writer: Writer) -> list[Item]:
    """Return one Encounter a visit."""
    site, chance = writer.site, writer.chance
    found = []
    for number, visit in enumerate(writer.record.visits):
        code, display = TYPES[visit.kind]
        made: Resource = {
            "resourceType": "Encounter",
            "id": encounter_id(site, chance, number),
            "status": "finished",
            "class": {
                "system": f"{concept.HL7}/v3-ActCode",
                "code": visit.kind,
                "display": CLASSES[visit.kind],
            },
            "type": [concept.single(concept.SNOMED, code, display)],
            "subject": writer.subject,
            "period": {
                "start": writer.time(visit.start),
                "end": writer.time(visit.end),
            },
        }
        found.append(Item(made, "", visit.start))
    return found


def procedures(writer: Writer) -> list[Item]:
    """Return what was done in hospital about a condition that has a procedure."""
    found = []
    for number, told in enumerate(writer.record.diagnosed):
        visit = writer.record.visits[told.visit]
        stay = catalog.conditions()[told.condition].inpatient
        if not (told.confirmed and visit.kind == "IMP" and stay and stay.procedure):
            continue
        code = stay.procedure
        made = {
            "resourceType": "Procedure",
            "id": writer.id("Procedure", number),
            "status": "completed",
            "code": concept.single(concept.SNOMED, code.code, code.display),
            "subject": writer.subject,
            "encounter": writer.encounters[told.visit],
            "performedDateTime": writer.time(visit.start),
        }
        found.append(Item(made, told.condition, visit.start))
    return found
