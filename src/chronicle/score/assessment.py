"""Scores as FHIR R4: a RiskAssessment each, how it came about, and the model.

Labels, profiles and codes: HL7, AI Transparency on FHIR, 1.0.0-ballot. Ids follow from
patient, disease and model alone, so what is sent twice is one resource.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from chronicle.core.disease import Disease

GUIDE = "http://hl7.org/fhir/uv/aitransparency"
PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
UCUM = "http://unitsofmeasure.org"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
OURS = "urn:chronicle"
DIGITS = 4  # of a percentage: as many as a risk of 6 decimal places has
ASSERTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "AIAST",
    "display": "Artificial Intelligence asserted",
}
INTELLIGENCE = {
    "coding": [
        {
            "system": f"{GUIDE}/CodeSystem/AIdeviceTypeCS",
            "code": "Artificial-Intelligence",
        }
    ]
}
# Of whom it is worth saying that nothing is said; others are not asked at all.
TOLD_WHY = {
    "history": "not enough is known of this person to be judged",
    "unlike": "this person is too unlike those whom the model learnt from",
}


def device(slug: str, disease: Disease, version: str) -> dict[str, Any]:
    """Return the model in use."""
    kind = {
        "url": f"{GUIDE}/StructureDefinition/aitransparency.AIKind",
        "valueCodeableConcept": {
            "coding": [INTELLIGENCE["coding"][0] | {"code": "Machine-Learning-Models"}]
        },
    }
    return {
        "resourceType": "Device",
        "id": device_id(slug, version),
        "meta": {"profile": [f"{GUIDE}/StructureDefinition/AI-Device"]},
        "extension": [kind],
        "identifier": [{"system": f"{OURS}:model", "value": f"{slug}/{version}"}],
        "status": "active",
        "manufacturer": "Chronicle",
        "deviceName": [{"name": f"Chronicle: {disease.title}", "type": "model-name"}],
        "type": INTELLIGENCE,
        "version": [{"value": version}],
        "note": [{"text": disease.does_not_mean}],
    }


def device_id(slug: str, version: str) -> str:
    """Return the id of a model: FHIR's ids have no underscore.

    >>> device_id("two_words", "0123456789abcdef0123")
    'chronicle-two-words-0123456789abcdef'
    """
    return f"chronicle-{slug.replace('_', '-')}-{version[:16]}"


def assessment(
    row: Mapping[str, Any], slug: str, disease: Disease, version: str
) -> dict[str, Any]:
    """Return one score.

    Args:
        row: Of the table `scores`; `unsaid` is null or one of `TOLD_WHY`.
        slug: Of the disease.
        disease: What its file says.
        version: Of the model.
    """
    return {
        "resourceType": "RiskAssessment",
        "id": assessment_id(row["subject_id"], slug),
        "meta": {"security": [ASSERTED]},
        "status": "final",
        "method": {"text": "logistic regression and boosted trees, calibrated"},
        "subject": {"reference": f"Patient/{row['subject_id']}"},
        "occurrenceDateTime": instant(row["prediction_time"]),
        "performer": {"reference": f"Device/{device_id(slug, version)}"},
        "prediction": [_prediction(row, slug, disease)],
        "note": [{"text": disease.does_not_mean}],
    }


def assessment_id(subject: int, slug: str) -> str:
    """Return the id of what is said of a patient and a disease, by whichever model."""
    return hashlib.sha256(f"{slug}/{subject}".encode()).hexdigest()[:32]


def provenance(row: Mapping[str, Any], slug: str, version: str) -> dict[str, Any]:
    """Return how one score came about: by which model, of which input."""
    target = assessment_id(row["subject_id"], slug)
    when = instant(row["prediction_time"])
    found = {
        "resourceType": "Provenance",
        "id": f"{target}-p",
        "meta": {"profile": [f"{GUIDE}/StructureDefinition/AI-Provenance"]},
        "target": [{"reference": f"RiskAssessment/{target}"}],
        "occurredDateTime": when,
        "recorded": when,
        "reason": [{"coding": [ASSERTED]}],
        "agent": [
            {
                "type": {"coding": [{"system": PARTICIPANT, "code": "author"}]},
                "role": [INTELLIGENCE],
                "who": {"reference": f"Device/{device_id(slug, version)}"},
            }
        ],
    }
    if row["input"]:
        value = {"system": f"{OURS}:input-sha256", "value": row["input"]}
        found["entity"] = [{"role": "source", "what": {"identifier": value}}]
    return found


def instant(time: datetime) -> str:
    """Return an instant of FHIR's; times of tables are UTC."""
    return f"{time.isoformat(timespec='seconds')}Z"


def _prediction(row: Mapping[str, Any], slug: str, disease: Disease) -> dict[str, Any]:
    begins = row["prediction_time"] + timedelta(days=disease.gap_days)
    ends = row["prediction_time"] + timedelta(days=disease.horizon_days)
    found: dict[str, Any] = {
        "outcome": {
            "coding": [{"system": f"{OURS}:disease", "code": slug}],
            "text": disease.title,
        },
        "whenPeriod": {"start": instant(begins), "end": instant(ends)},
    }
    if row["unsaid"]:
        why = {"extension": [{"url": ABSENT, "valueCode": "not-performed"}]}
        return found | {
            "_probabilityDecimal": why,
            "rationale": TOLD_WHY[row["unsaid"]],
        }
    reasons = orjson.loads(row["reasons"])
    between = {
        "url": f"{GUIDE}/StructureDefinition/AIconfidence",
        "valueRange": {each: _percent(row[each]) for each in ("low", "high")},
    }
    return found | {
        "extension": [between, *map(_reason, reasons)],
        # In R4 a percentage.
        "probabilityDecimal": round(100 * row["risk"], DIGITS),
        "rationale": "; ".join(each["sentence"] for each in reasons) or "no one reason",
    }


def _percent(share: float) -> dict[str, Any]:
    value = round(100 * share, DIGITS)
    return {"value": value, "unit": "%", "system": UCUM, "code": "%"}


def _reason(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return one reason for machines: what, by how many points, and what is known."""
    fact = told["fact"]
    parts: list[dict[str, Any]] = [
        {"url": "thing", "valueCode": told["thing"]},
        {"url": "concept", "valueCode": told["concept"]},
        {"url": "points", "valueDecimal": round(100 * told["part"], DIGITS)},
    ]
    if "value" in fact:
        known = {"value": fact["value"], "unit": fact.get("unit")}
        quantity = {
            name: each for name, each in known.items() if each not in (None, "")
        }
        parts.append({"url": "value", "valueQuantity": quantity})
    parts.append({"url": "text", "valueString": told["sentence"]})
    return {"url": f"{OURS}:reason", "extension": parts}
