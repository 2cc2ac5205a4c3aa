"""MedicationRequest and Medication: what was ordered, directly or by reference."""

from typing import Any

from chronicle.ingest import coding, times
from chronicle.ingest.source import Event, Source


def events(source: Source) -> list[Event]:
    """Return one event a coding; an order by reference gets its codes when settled."""
    order = source.resource
    time, known = times.first(order.authoredOn), times.last(order.authoredOn)
    concept, elsewhere = _meant(order)
    if elsewhere:
        where = source.pseudonym_of("medicationReference")
        return [Event("", time, known, medication_id=where)]
    found = coding.codes(concept, source, otherwise="UNCODED//Medication")
    return [Event(code, time, known) for code in found]


def codes(source: Source) -> list[str]:
    """Return the codes of a Medication resource, for the orders that refer to it."""
    concept = source.resource.code
    return coding.codes(concept, source, otherwise="UNCODED//Medication")


def _meant(order: Any) -> tuple[Any, bool]:
    """Return the order's concept, or a contained one; True where it is elsewhere."""
    concept, reference = order.medicationCodeableConcept, order.medicationReference
    stated = None if reference is None else reference.reference
    if concept is not None or not isinstance(stated, str):
        return concept, False
    if not stated.startswith("#"):
        return None, True
    inside = [each for each in order.contained or () if f"#{each.id}" == stated]
    return getattr(inside[0], "code", None) if inside else None, False
