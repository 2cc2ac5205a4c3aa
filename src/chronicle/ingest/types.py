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


def refusal(resource: dict[str, Any]) -> tuple[str, str] | None:
    """Return (reason, detail) where a valid resource still may not enter."""
    kind = resource["resourceType"]
    if kind not in USED:
        return None
    verification = (resource.get("verificationStatus") or {}).get("coding") or [{}]
    stated = (resource.get("status"), verification[0].get("code"))
    if "entered-in-error" in stated:
        return "entered-in-error", ""
    subject = resource.get("subject") or resource.get("patient") or {}
    if kind not in ANYBODYS and not subject.get("reference"):
        return "no-subject", ""
    return None
