"""MedicationRequest: a drug with its code, or with words only."""

from chronicle.simulate.record import Ordered
from chronicle.simulate.sites import catalog, concept
from chronicle.simulate.sites.writer import Item, Resource, Writer

SUPPLY_DAYS = 90
REFILLS = 3  # an order is written once a year


def orders(writer: Writer) -> list[Item]:
    """Return one order each; authored while the visit lasts."""
    return [
        _order(writer, told, number)
        for number, told in enumerate(writer.record.ordered)
    ]


def _order(writer: Writer, told: Ordered, number: int) -> Item:
    drug = catalog.drugs()[told.drug]
    at = writer.record.visits[told.visit].end
    supply = {
        "value": SUPPLY_DAYS,
        "unit": "day",
        "system": concept.UCUM,
        "code": "d",
    }
    made: Resource = {
        "resourceType": "MedicationRequest",
        "id": writer.id("MedicationRequest", number),
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": _drug(writer, told.drug, number),
        "subject": writer.subject,
        "encounter": writer.encounters[told.visit],
        "authoredOn": writer.time(at),
        "dosageInstruction": [{"text": drug.sig}],
        "dispenseRequest": {
            "numberOfRepeatsAllowed": REFILLS,
            "expectedSupplyDuration": supply,
        },
    }
    return Item(made, told.drug, at)


def _drug(writer: Writer, name: str, number: int) -> Resource:
    drug, habits = catalog.drugs()[name], writer.site.drugs
    if writer.chance.share("drug text", number) < habits.text_share:
        return {"text": drug.home if habits.home else drug.display}
    return concept.single(concept.RXNORM, drug.code, drug.display, drug.display)
