"""Faults of a resource's shape, its status, its owner; and of a patient."""

from datetime import date

from chronicle.simulate.sites import condition
from chronicle.simulate.sites.case import Case, Fate, Struck

# Elements without which R4B refuses the type.
REQUIRED = {
    "Observation": ("status", "code"),
    "Condition": ("subject",),
    "Encounter": ("status", "class"),
    "MedicationRequest": ("status", "intent", "subject"),
}
SEXES = {"female": "male", "male": "female"}


def drop_required(case: Case) -> Struck:
    """Leave out an element that R4 requires."""
    element = case.pick(REQUIRED[case.resource["resourceType"]])
    old = case.resource.pop(element)
    return Struck(element, "" if isinstance(old, dict) else old, "", "refuse")


def entered_in_error(case: Case) -> Struck:
    """Take it back."""
    element, old = "status", str(case.resource.get("status", ""))
    if case.resource["resourceType"] == "Condition":
        element = "verificationStatus"
        # R4 forbids a clinicalStatus beside it (invariant con-5).
        case.resource.pop("clinicalStatus", None)
        case.resource[element] = condition.status("entered-in-error")
    else:
        case.resource[element] = "entered-in-error"
    return Struck(element, old, "entered-in-error", "refuse")


def orphan_reference(case: Case) -> Struck:
    """Point at a patient, or an encounter, whom nobody has."""
    whole = case.share("which") < 0.5 or "encounter" not in case.resource
    element = "subject" if whole else "encounter"
    kind = "Patient" if whole else "Encounter"
    old = case.resource[element]["reference"]
    nobody = case.writer.id(kind, case.id, case.fault)
    prefix = old[: max(old.rfind("/"), old.rfind(":")) + 1]
    case.resource[element] = {"reference": f"{prefix}{nobody}"}
    fate: Fate = "refuse" if whole else "flag"
    return Struck(f"{element}.reference", old, f"{prefix}{nobody}", fate)


def sex_swap(case: Case) -> Struck:
    """Write the other gender."""
    old = case.resource["gender"]
    case.resource["gender"] = SEXES[old]
    return Struck("gender", old, SEXES[old], "flag")


def birth_after_event(case: Case) -> Struck | None:
    """Give the last visit's date as the birth date."""
    visits = case.writer.record.visits
    if not visits or visits[-1].start.year == visits[0].start.year:
        return None
    last: date = visits[-1].start.date()
    old = case.resource["birthDate"]
    case.resource["birthDate"] = last.isoformat()[: len(old)]
    return Struck("birthDate", old, case.resource["birthDate"], "flag")


def torn_line(case: Case) -> Struck:
    """End its line in the middle, as a full disk does."""
    return Struck("", "", "", "refuse", torn=True)


def site_outage(case: Case) -> Struck:
    """Lose the results of a month."""
    return Struck("", "", "", "none", gone=True)
