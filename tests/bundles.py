"""FHIR written in tests: one patient who is complete, and ways to spoil him."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

SCT = "http://snomed.info/sct"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
Resource = dict[str, Any]


def concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def subject(name: str) -> Resource:
    return {"reference": f"Patient/{name}"}


def patient(name: str = "ann", **more: Any) -> Resource:
    return {
        "resourceType": "Patient",
        "id": name,
        "gender": "female",
        "birthDate": "1950-03-01",
    } | more


def encounter(name: str = "ann", number: int = 1, **more: Any) -> Resource:
    return {
        "resourceType": "Encounter",
        "id": f"{name}-e{number}",
        "status": "finished",
        "class": {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": "AMB",
        },
        "subject": subject(name),
        "period": {
            "start": f"201{number}-05-01T10:00:00+02:00",
            "end": f"201{number}-05-01T10:30:00+02:00",
        },
    } | more


def observation(name: str = "ann", number: int = 1, **more: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "id": f"{name}-o{number}",
        "status": "final",
        "code": concept(LOINC, "4548-4"),
        "subject": subject(name),
        "encounter": {"reference": f"Encounter/{name}-e1"},
        "effectiveDateTime": "2011-05-01T10:10:00+02:00",
        "issued": "2011-05-02T08:00:00.000+02:00",
        "valueQuantity": quantity(53, "mmol/mol"),
    } | more


def quantity(value: float, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def condition(name: str = "ann", number: int = 1, **more: Any) -> Resource:
    return {
        "resourceType": "Condition",
        "id": f"{name}-c{number}",
        "clinicalStatus": concept(
            "http://terminology.hl7.org/CodeSystem/condition-clinical", "active"
        ),
        "verificationStatus": concept(
            "http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed"
        ),
        "code": concept(SCT, "59621000"),
        "subject": subject(name),
        "encounter": {"reference": f"Encounter/{name}-e1"},
        "onsetDateTime": "2010-01-01",
        "recordedDate": "2011-05-01T10:20:00+02:00",
    } | more


def attachment(text: str, kind: str | None = "text/plain") -> Resource:
    data = base64.b64encode(text.encode()).decode()
    return {"data": data} | ({"contentType": kind} if kind else {})


def document(*attachments: Resource, name: str = "ann", number: int = 1) -> Resource:
    return {
        "resourceType": "DocumentReference",
        "id": f"{name}-d{number}",
        "status": "current",
        "type": concept(LOINC, "11506-3"),
        "subject": subject(name),
        "date": f"201{number}-05-01T09:00:00Z",
        "content": [{"attachment": each} for each in attachments],
        "context": {
            "encounter": [{"reference": f"Encounter/{name}-e{number}"}],
            "period": {"start": f"201{number}-05-01T08:00:00Z"},
        },
    }


def narrative(text: str) -> Resource:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'
    return {"status": "generated", "div": div}


def report(**more: Any) -> Resource:
    return {
        "resourceType": "DiagnosticReport",
        "id": "ann-r1",
        "status": "final",
        "code": concept(LOINC, "36643-5"),
        "subject": subject("ann"),
        "effectiveDateTime": "2011-05-01T09:00:00Z",
    } | more


def composition(*sections: Resource, **more: Any) -> Resource:
    return {
        "resourceType": "Composition",
        "id": "ann-n1",
        "status": "final",
        "type": concept(LOINC, "11488-4"),
        "subject": subject("ann"),
        "date": "2011-05-01T09:00:00Z",
        "author": [{"display": "x"}],
        "title": "x",
        **({"section": [*sections]} if sections else {}),
    } | more


def study() -> Resource:
    dicom = "http://dicom.nema.org/resources/ontology/DCM"
    return {
        "resourceType": "ImagingStudy",
        "id": "ann-i1",
        "status": "available",
        "modality": [{"system": dicom, "code": "CT"}],
        "subject": subject("ann"),
        "started": "2011-05-01T09:00:00Z",
        "procedureCode": [concept(SCT, "169069000")],
    }


def record(name: str = "ann") -> list[Resource]:
    return [patient(name), encounter(name), observation(name), condition(name)]


def bundle(*resources: Resource, kind: str = "collection") -> Resource:
    return {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [{"resource": each} for each in resources],
    }


def write(folder: Path, **files: Any) -> Path:
    """Write `name=resource` as name.json; bytes are written as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        (folder / f"{name}.json").write_bytes(text)
    return folder


def write_gzip(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(json.dumps(content).encode(), mtime=0))
