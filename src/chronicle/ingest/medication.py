"""MedicationRequest and Medication: what was ordered, directly or by reference."""

from typing import Any

from chronicle.ingest import coding, times
from chronicle.ingest.source import Row, Source


def events(source: Source) -> list[Row]:
    """Return one event a coding; an order by reference gets its codes when settled."""
    order = source.resource
    concept, reference = _meant(order)
    ordered = order.get("authoredOn")
    codes = (
        [""] if reference else coding.codes(concept, otherwise="UNCODED//Medication")
    )
    return [
        source.event(
            code,
            times.first(ordered),
            times.last(ordered),
            medication_id=source.pseudonym_of("medicationReference")
            if reference
            else None,
        )
        for code in codes
    ]


def codes(source: Source) -> list[str]:
    """Return the codes of a Medication resource, for the orders that refer to it."""
    return coding.codes(source.resource.get("code"), otherwise="UNCODED//Medication")


def _meant(order: dict[str, Any]) -> tuple[Any, bool]:
    """Return the order's concept, or a contained one; True where it is elsewhere."""
    concept = order.get("medicationCodeableConcept")
    stated = (order.get("medicationReference") or {}).get("reference")
    if concept or not isinstance(stated, str):
        return concept, False
    if not stated.startswith("#"):
        return None, True
    inside = [
        each for each in order.get("contained") or () if f"#{each.get('id')}" == stated
    ]
    return (inside[0].get("code") if inside else None), False
