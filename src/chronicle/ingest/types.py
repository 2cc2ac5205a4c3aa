"""Which FHIR types make rows, and who reads each. One line a type."""

from collections.abc import Callable
from typing import Any

from chronicle.ingest import (
    allergy,
    composition,
    condition,
    document,
    encounter,
    imaging,
    immunization,
    medication,
    note,
    observation,
    patient,
    procedure,
    report,
)
from chronicle.ingest.note import Text
from chronicle.ingest.source import Reader, Source

USED: dict[str, Reader] = {
    "AllergyIntolerance": allergy.events,
    "Composition": composition.events,
    "Condition": condition.events,
    "DiagnosticReport": report.events,
    "DocumentReference": document.events,
    "Encounter": encounter.events,
    "ImagingStudy": imaging.events,
    "Immunization": immunization.events,
    "Medication": lambda _: [],  # its codes go to the orders that refer to it
    "MedicationRequest": medication.events,
    "Observation": observation.events,
    "Patient": patient.events,
    "Procedure": procedure.events,
}
# Who reads the texts of each type that has some.
NOTES: dict[str, Callable[[Any], list[Text]]] = {
    "AllergyIntolerance": note.remarks,
    "Composition": composition.texts,
    "Condition": note.remarks,
    "DiagnosticReport": report.texts,
    "DocumentReference": document.texts,
    "ImagingStudy": imaging.texts,
    "Immunization": note.remarks,
    "MedicationRequest": note.remarks,
    "Observation": note.remarks,
    "Procedure": note.remarks,
}
ANYBODYS = ("Patient", "Medication")  # they name no subject
VERIFIED = ("AllergyIntolerance", "Condition")
TAKEN_BACK = "entered-in-error"


def status(kind: str, resource: Any) -> str | None:
    """Return the FHIR status; of a Condition, which has none, the verification."""
    if kind == "Condition":
        return condition.verification(resource)
    stated = getattr(resource, "status", None)
    return stated if isinstance(stated, str) else None


def visit(kind: str, source: Source) -> str | None:
    """Return the pseudonym of the encounter in which it came up.

    Encounters belong to themselves: that is how others find their times.
    """
    if kind == "Encounter":
        return source.provenance()
    if kind == "DocumentReference":
        return source.pseudonym(document.visit(source.resource))
    return source.pseudonym_of("encounter")


def refusal(kind: str, resource: Any) -> tuple[str, str] | None:
    """Return (reason, detail) where a valid resource still may not enter."""
    if kind not in USED:
        return None
    if status(kind, resource) == TAKEN_BACK:
        return "entered-in-error", ""
    if kind in VERIFIED and condition.verification(resource) == TAKEN_BACK:
        return "entered-in-error", ""
    if kind not in ANYBODYS:
        subject = getattr(resource, "subject", None) or getattr(
            resource, "patient", None
        )
        if subject is None or not subject.reference:
            return "no-subject", ""
    return None
