"""A patient's resources as another version of FHIR has them."""

from collections.abc import Callable

from chronicle.simulate.sites.writer import Resource

# Source: HL7 FHIR, the STU3 and R5 pages of each resource.
RENAMED_IN_STU3 = {"encounter": "context", "recordedDate": "assertedDate"}
RENAMED_IN_R5 = {
    "period": "actualPeriod",
    "performedDateTime": "occurrenceDateTime",
}


def as_stu3(resource: Resource) -> Resource:
    """Return a resource as STU3 has it."""
    found = _renamed(resource, RENAMED_IN_STU3)
    if resource["resourceType"] == "Condition":
        for status in ("clinicalStatus", "verificationStatus"):
            if status in found:
                found[status] = found[status]["coding"][0]["code"]
    return found


def as_r5(resource: Resource) -> Resource:
    """Return a resource as R5 has it."""
    found = _renamed(resource, RENAMED_IN_R5)
    if resource["resourceType"] == "Encounter":
        found["class"] = [{"coding": [found["class"]]}]
    if "medicationCodeableConcept" in found:
        found["medication"] = {"concept": found.pop("medicationCodeableConcept")}
    return found


VERSIONS: dict[str, Callable[[Resource], Resource]] = {"STU3": as_stu3, "R5": as_r5}


def _renamed(resource: Resource, names: dict[str, str]) -> Resource:
    return {names.get(name, name): value for name, value in resource.items()}
