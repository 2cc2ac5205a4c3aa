"""Which FHIR types make rows, and who reads each. One line a type."""

from typing import Any

from chronicle.ingest import (
    allergy,
    condition,
    encounter,
    immunization,
    medication,
    observation,
    patient,
    procedure,
)
from chronicle.ingest.source import Reader

USED: dict[str, Reader] = {
    "AllergyIntolerance": allergy.events,
    "Condition": condition.events,
    "Encounter": encounter.events,
    "Immunization": immunization.events,
    "Medication": lambda _: [],  # its codes go to the orders that refer to it
    "MedicationRequest": medication.events,
    "Observation": observation.events,
    "Patient": patient.events,
    "Procedure": procedure.events,
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
