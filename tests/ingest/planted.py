"""Resources of every type with a marker wherever a text can stand."""

import base64
from typing import Any

from chronicle.ingest.gate.build import ANY, MARKS, SPEC
from chronicle.ingest.gate.primitives import PRIMITIVES
from chronicle.ingest.rules.declared import CODES
from tests.bundles import Resource

WORD, CODE = "Zzmarkerzz", "ZZ-99887.7"  # like a name; like a code or an id
ILL = "has type 2 diabetes"  # so that what is planted in a note is read as one
DEEPEST = 3
TIMES = {
    "date": "1951-02-03",
    "dateTime": "1951-02-03T04:05:06Z",
    "instant": "1951-02-03T04:05:06Z",
    "time": "04:05:06",
}
OTHERS = {"boolean": True, "decimal": 1.5, "oid": "urn:oid:1.2.3"} | {
    "uuid": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"
}
# What a resource has to say to be accepted.
SAYS: dict[str, Resource] = {
    "Composition": {"status": "final"},
    "Condition": {"verificationStatus": {"coding": [{"code": "confirmed"}]}},
    "DiagnosticReport": {"status": "final"},
    "DocumentReference": {"status": "current"},
    "Encounter": {"status": "finished"},
    "ImagingStudy": {"status": "available"},
    "Immunization": {"status": "completed"},
    "Medication": {"status": "active"},
    "MedicationRequest": {"status": "active", "intent": "order"},
    "Observation": {"status": "final"},
    "Patient": {"gender": "female"},
    "Procedure": {"status": "completed"},
}


def choices(kind: str) -> int:
    """Return in how many ways a type can say what it says in one of several."""
    return max((len(each) for each in SPEC[kind].get("one_of", {}).values()), default=1)


def planted(
    kind: str, marker: str, pick: int = 0, depth: int = 0, *, bound: bool = False
) -> Resource:
    """Return a resource or element with all that it can have, and the marker in it.

    Args:
        kind: Its type.
        marker: Stands in each text.
        pick: Which of several elements is taken where only one may be.
        depth: How deep it lies.
        bound: Say one of FHIR's codes where it demands one: else it may not enter.
    """
    one_of = SPEC[kind].get("one_of", {}).values()
    left = {name for each in one_of for name in each}
    left -= {each[pick % len(each)] for each in one_of}
    made: Resource = {"resourceType": kind} if SPEC[kind].get("resource") else {}
    for name, told in SPEC[kind]["fields"].items():
        value = None
        if name not in left:
            value = _value(told, marker, pick, depth, bound=bound)
        if value is None:
            continue
        if bound and (codes := CODES.get(f"{kind}.{name}")):
            value = min(codes)
        made[name] = [value] if "*" in told else value
        if "+" in told and depth < DEEPEST:
            sibling = {"id": marker, "extension": [_extension(marker)]}
            made[f"_{name}"] = [sibling] if "*" in told else sibling
    if kind == "Attachment" and bound:
        made["contentType"] = "text/plain"
    return made


def accepted(kind: str, marker: str, pick: int = 0) -> Resource:
    """Return one that belongs to the patient of the marker's name and may enter."""
    made = planted(kind, marker, pick, bound=True) | SAYS.get(kind, {})
    for name in ("subject", "patient"):
        if name in made and kind != "Patient":
            made[name] |= {"reference": f"Patient/{marker}"}
    if "encounter" in made:
        made["encounter"] |= {"reference": f"Encounter/{marker}"}
    meant = kind in ("Patient", "Encounter")  # others refer to them
    return made | {"id": marker if meant else f"{marker}-{kind}-{pick}"}


def _value(told: str, marker: str, pick: int, depth: int, *, bound: bool) -> Any:
    of = told.rstrip(MARKS)
    if of in PRIMITIVES:
        return _primitive(of, marker)
    if of == "Extension":
        return _extension(marker)
    if of == ANY:
        if depth:
            return None
        return planted("Medication", marker, pick, DEEPEST, bound=bound)
    if depth >= DEEPEST and "!" not in told:
        return None
    return planted(of, marker, pick, depth + 1, bound=bound)


def _extension(marker: str) -> Resource:
    return {"url": f"http://{marker}.org/{marker}", "valueString": marker}


def _primitive(of: str, marker: str) -> Any:
    if of in TIMES or of in OTHERS:
        return (TIMES | OTHERS)[of]
    if of in ("integer", "positiveInt", "unsignedInt"):
        return 1
    if of == "base64Binary":
        return base64.b64encode(f"{marker} {ILL}".encode()).decode()
    if of == "markdown":
        return f"{marker} {ILL}"
    if of == "xhtml":
        return f'<div xmlns="http://www.w3.org/1999/xhtml">{marker} {ILL}</div>'
    urls = ("uri", "url", "canonical")
    return f"http://{marker}.org/{marker}" if of in urls else marker
