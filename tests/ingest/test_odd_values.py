"""No value, however odd, ends a run: a resource is refused, or its reader copes."""

import copy
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from chronicle.ingest import accept, medication, note, patient, types
from chronicle.ingest.source import Source
from tests import bundles
from tests.bundles import concept, condition, encounter, observation, record, subject
from tests.conftest import KEYS

ODD = [None, [], [None], {}, "", 1, "x", "6.3", True, -1.5, [{}], "2019-02", "0000"]
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ORDER = {
    "resourceType": "MedicationRequest",
    "id": "r1",
    "status": "active",
    "intent": "order",
    "subject": subject("ann"),
    "authoredOn": "2011-05-01",
    "contained": [
        {"resourceType": "Medication", "id": "m", "code": concept(RXNORM, "1")}
    ],
    "medicationReference": {"reference": "#m"},
}
PANEL = observation(
    component=[{"code": concept("http://loinc.org", "8480-6"), "valueString": "120"}],
    meta={"lastUpdated": "2012-01-01T00:00:00Z", "versionId": "3"},
    _effectiveDateTime={"extension": [{"url": "http://a.b", "valueUrl": "http://c"}]},
)
PERIOD = {"start": "2011-01-01", "end": "2011-02"}
EPISODE = condition(onsetPeriod=PERIOD, onsetDateTime=None, abatementPeriod=PERIOD)
ILL = "She has type 2 diabetes."
INSIDE = {"title": "Plan", "text": bundles.narrative(ILL)}
NOTES = [
    bundles.document(bundles.attachment(ILL), {"url": "http://a.b/c"}),
    bundles.document({"contentType": "text/plain"}) | {"text": bundles.narrative(ILL)},
    bundles.report(
        conclusion=ILL,
        conclusionCode=[concept("http://snomed.info/sct", "8186001")],
        presentedForm=[bundles.attachment(ILL)],
        issued="2011-05-02T09:00:00Z",
    ),
    bundles.report(effectiveDateTime=None, effectivePeriod={"start": "2011-05"}),
    bundles.composition({"section": [INSIDE]} | INSIDE),
    bundles.composition(text=bundles.narrative(ILL)),
    bundles.study(),
    observation(note=[{"text": ILL}]),
]
WHOLE = [
    *record(), ORDER, PANEL, {k: v for k, v in EPISODE.items() if v}, encounter(),
    *({k: v for k, v in each.items() if v} for each in NOTES),
]  # fmt: skip


def places(found: Any, at: tuple = ()) -> Iterator[tuple]:
    """Return every place in a resource, save its type."""
    pairs = (
        found.items()
        if isinstance(found, dict)
        else enumerate(found)
        if isinstance(found, list)
        else ()
    )
    for key, value in pairs:
        if key != "resourceType":
            yield (*at, key)
            yield from places(value, (*at, key))


def with_odd(resource: dict, place: tuple, odd: object) -> dict:
    changed = copy.deepcopy(resource)
    inside = changed
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = odd
    return changed


@pytest.mark.parametrize("resource", WHOLE, ids=lambda each: each["resourceType"])
def test_an_odd_value_anywhere_is_refused_or_read(resource):
    kind = resource["resourceType"]
    assert accept.refusal(resource) is None
    refused = 0
    for place in places(resource):
        for odd in ODD:
            changed = with_odd(resource, place, odd)
            judged = accept.judged(kind, orjson.dumps(changed), full=False)
            read, told = judged.resource, judged.refusal
            if told or types.refusal(kind, read):
                refused += 1
                continue
            source = Source(kind, read, "Any/x", {}, KEYS)
            source.subject_id()
            types.USED[kind](source)
            types.visit(kind, source)
            if kind in types.NOTES:
                note.said(types.NOTES[kind](read), KEYS)
            if kind == "Patient":
                patient.row(source)
            if kind == "Medication":
                medication.codes(read)
    assert refused
