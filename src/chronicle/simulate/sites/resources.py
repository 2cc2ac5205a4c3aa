"""A patient's clean resources, in the order in which a document holds them."""

from chronicle.simulate.sites import condition, encounter, medication, note, observation
from chronicle.simulate.sites import patient as person
from chronicle.simulate.sites.writer import Item, Writer


def written(writer: Writer) -> list[Item]:
    """Return everything that the site knows of one patient, without any fault."""
    return [
        person.patient(writer),
        *person.coverage(writer),
        *encounter.encounters(writer),
        *condition.conditions(writer),
        *observation.observations(writer),
        *encounter.procedures(writer),
        *medication.orders(writer),
        *note.notes(writer),
    ]
