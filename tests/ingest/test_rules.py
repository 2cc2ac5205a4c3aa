"""Rules beyond R4B: what each allows and forbids, and what a breach costs."""

import copy
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.ingest import accept, medication, patient, times, types
from chronicle.ingest.gate.build import RESOURCES, SPEC, attribute
from chronicle.ingest.gate.dump import get_fhir_model_class
from chronicle.ingest.rules import declared, walk
from chronicle.ingest.source import Source
from tests.bundles import (
    concept,
    condition,
    encounter,
    observation,
    subject,
)
from tests.bundles import patient as person
from tests.conftest import KEYS
from tests.ingest.test_odd_values import ORDER, WHOLE
from tests.mutations import ENDS

ALLERGY = {
    "resourceType": "AllergyIntolerance",
    "id": "a1",
    "patient": subject("ann"),
    "code": concept("http://snomed.info/sct", "387207008"),
    "recordedDate": "2011-05-01",
}
IMMUNIZATION = {
    "resourceType": "Immunization",
    "id": "i1",
    "status": "completed",
    "vaccineCode": concept("http://hl7.org/fhir/sid/cvx", "140"),
    "patient": subject("ann"),
    "occurrenceDateTime": "2011-05-01",
}
PROCEDURE = {
    "resourceType": "Procedure",
    "id": "p1",
    "status": "completed",
    "subject": subject("ann"),
    "code": concept("http://snomed.info/sct", "1"),
}
MEDICATION = {"resourceType": "Medication", "id": "m1"}
OF = {
    each["resourceType"]: each
    for each in (
        person(), encounter(), observation(), condition(), ALLERGY, IMMUNIZATION,
        PROCEDURE, MEDICATION, ORDER,
    )
}  # fmt: skip
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
HELD = {"resourceType": "Organization", "id": "o", "name": "x"}

# TYPE  element=JSON  verdict: `enters`; `refused`, or `warned`, by the rule.
DRAWN = """
Observation valueQuantity={"value":7,"unit":"%"}                       enters
Observation valueQuantity={"value":"7","unit":"%"}                     refused json-type
Observation valueQuantity={"value":null,"unit":"%"}                    refused null-value
Observation valueQuantity={"value":7,"comparator":"<"}                 enters
Observation valueQuantity={"value":7,"comparator":"lt"}                refused not-in-value-set
Observation valueQuantity={}                                           warned element-empty
Observation valueQuantity={"id":"x"}                                   warned element-empty
Observation valueQuantity={"value":7,"unit":"{score}"}                 enters
Observation note=[{"text":"{}"}]                                       enters
Observation effectiveDateTime=2011                                     refused json-type
Observation effectiveDateTime="2011"                                   enters
Observation status="corrected"                                         enters
Observation status="done"                                              refused not-in-value-set
Observation category=[]                                                warned array-empty
Observation category=[{"text":"x"}]                                    enters
Observation performer=[{"reference":"Practitioner/1"}]                 enters
Observation performer=[{"reference":"Practitioner/1/_history/2"}]      enters
Observation performer=[{"reference":"Practitioner?identifier=a|b"}]    enters
Observation performer=[{"reference":"urn:uuid:0"}]                     enters
Observation performer=[{"reference":"https://a.b/c d"}]                warned reference-form
Observation performer=[{"reference":"Practitioner/"}]                  warned reference-form
Observation performer=[{"reference":"Dr Smith"}]                       warned reference-form
Observation note=[{"text":"x"}]                                        enters
Observation note=[{"text":""}]                                         warned text-empty
Observation category=[{"text":null}]                                   warned null-value
Observation code={"coding":[{"system":"a b","code":"1"}]}              warned uri-form
Observation code={"coding":[{"system":"","code":"1"}]}                 warned uri-form
Observation referenceRange=[{"low":{"value":"1"}}]                     warned json-type
Encounter   status="onleave"                                           enters
Encounter   status="done"                                              refused not-in-value-set
Encounter   period={"start":"2011-05-01","end":"2011-05-01"}           enters
Encounter   period={"start":"2011-05-02","end":"2011-05-01"}           refused period-reversed
Encounter   period={"start":"2011-05-02","end":"2011-05"}              enters
Encounter   period={"start":"2011-05-02"}                              enters
Encounter   participant=[{"period":{"start":"2012","end":"2011"}}]     warned period-reversed
Encounter   statusHistory=[{"status":"x","period":{"start":"2011"}}]   warned not-in-value-set
Encounter   location=[{"status":"x","location":{"display":"x"}}]       warned not-in-value-set
Condition   onsetPeriod={"start":"2012","end":"2011"}                  refused period-reversed
Condition   clinicalStatus={"coding":[{"system":"CLINICAL","code":"x"}]}          warned not-in-value-set
Condition   clinicalStatus={"coding":[{"system":"http://a.b","code":"x"}]}        enters
Condition   clinicalStatus={"coding":[{"system":"CLINICAL","code":"relapse"}]}    enters
Condition   verificationStatus={"coding":[{"system":"VERIFIED","code":"x"}]}      refused not-in-value-set
Condition   verificationStatus={"coding":[{"system":"VERIFIED","code":"refuted"}]} enters
Patient     gender="banana"                                            warned not-in-value-set
Patient     gender="other"                                             enters
Patient     birthDate=null                                             refused null-value
Patient     active="true"                                              warned json-type
Patient     multipleBirthInteger=1.0                                   warned json-type
Patient     id="ID64"                                                  enters
Patient     id="ID65"                                                  warned id-form
Patient     meta={"versionId":"ID65"}                                  warned id-form
Patient     meta={"profile":["a b"]}                                   warned uri-form
Patient     name=[{"given":[null]}]                                    warned null-value
Patient     name=[{"given":[null],"_given":[{"extension":[EXT]}]}]     enters
Patient     name=[{"given":["x",null],"_given":[null,null]}]           warned null-value
Patient     name=[{"given":["x"],"_given":[{"id":"y"}]}]               enters
Patient     name=[{"use":"x"}]                                         warned not-in-value-set
Patient     address=[{"use":"work","type":"both"}]                     enters
Patient     address=[{"use":"x","text":"y"}]                           warned not-in-value-set
Patient     address=[{"type":"x","text":"y"}]                          warned not-in-value-set
Patient     telecom=[{"system":"pager","use":"old"}]                   enters
Patient     telecom=[{"system":"letter"}]                              warned not-in-value-set
Patient     telecom=[{"use":"x"}]                                      warned not-in-value-set
Patient     identifier=[{"use":"usual","value":"x"}]                   enters
Patient     identifier=[{"use":"x","value":"x"}]                       warned not-in-value-set
Patient     identifier=[{"value":"x","period":{"start":"2","end":"1"}}] refused invalid-R4
Patient     identifier=[{"value":"x","period":{"start":"2012","end":"2011"}}] warned period-reversed
Patient     link=[{"other":{"reference":"Patient/b"},"type":"replaces"}]  enters
Patient     link=[{"other":{"reference":"Patient/b"},"type":"is"}]     warned not-in-value-set
Patient     contact=[{"gender":"x"}]                                   warned not-in-value-set
Patient     text={"status":"x","div":"<div/>"}                         warned not-in-value-set
Patient     contained=[HELD]                                           warned contained-unreferenced
Patient     extension=[{"url":"a b","valueCode":"x"}]                  warned uri-form
Patient     extension=[{"url":"http://a.b","valueDecimal":"1"}]        warned json-type
Patient     valueString="x"                                            refused invalid-R4
Patient     deceasedDateTime="2011"                                    enters
Patient     photo=[{"data":"AAAA BBB="}]                               enters
Patient     photo=[{"data":"..."}]                                     warned base64-form
Immunization status="planned"                                          refused not-in-value-set
Procedure   status="preparation"                                       enters
Procedure   status="planned"                                           refused not-in-value-set
Procedure   performedPeriod={"start":"2012","end":"2011"}              refused period-reversed
Medication  status="x"                                                 refused not-in-value-set
MedicationRequest status="x"                                           refused not-in-value-set
MedicationRequest intent="x"                                           warned not-in-value-set
MedicationRequest priority="x"                                         warned not-in-value-set
MedicationRequest dosageInstruction=[{"timing":{"repeat":{"periodUnit":"d","when":["HS"]}}}]  enters
MedicationRequest dosageInstruction=[{"timing":{"repeat":{"periodUnit":"day"}}}]  warned not-in-value-set
MedicationRequest dosageInstruction=[{"timing":{"repeat":{"when":["x"]}}}]        warned not-in-value-set
MedicationRequest dosageInstruction=[{"timing":{"repeat":{"dayOfWeek":["x"]}}}]   warned not-in-value-set
AllergyIntolerance type="allergy"                                      enters
AllergyIntolerance type="x"                                            warned not-in-value-set
AllergyIntolerance category=["food"]                                   enters
AllergyIntolerance category=["x"]                                      warned not-in-value-set
AllergyIntolerance criticality="x"                                     warned not-in-value-set
AllergyIntolerance reaction=[{"manifestation":[{"text":"x"}],"severity":"x"}]  warned not-in-value-set
"""  # noqa: E501, a row is read as a row
WORDS = {
    "CLINICAL": CLINICAL, "VERIFIED": VERIFIED, "ID64": "x" * 64, "ID65": "x" * 65,
    "HELD": orjson.dumps(HELD).decode(),
    "EXT": '{"url":"http://a.b","valueCode":"x"}',
}  # fmt: skip


def drawn() -> list[Any]:
    rows = []
    for row in DRAWN.strip().splitlines():
        told, verdict = row.split("  ", 1)[0], row
        kind, rest = row.split(None, 1)
        *told, verdict = rest.replace("refused ", "refused:").split()
        if told and told[-1] == "warned":
            told, verdict = told[:-1], f"warned:{verdict}"
        element, _, value = " ".join(told).partition("=")
        for word, meant in WORDS.items():
            value = value.replace(word, meant)
        found = {**OF[kind], element: orjson.loads(value)}
        name = f"{kind}.{' '.join(told)[:60]} {verdict}"
        rows.append(pytest.param(kind, found, verdict, id=name))
    return rows


def said(kind: str, found: dict[str, Any], *, full: bool) -> str:
    judged = accept.judged(kind, orjson.dumps(found), full=full)
    if judged.refusal:
        return f"refused:{judged.refusal[0]}"
    return f"warned:{','.join(judged.warnings)}" if judged.warnings else "enters"


@pytest.mark.parametrize(("kind", "found", "verdict"), drawn())
def test_each_rule_allows_and_forbids(kind, found, verdict):
    # A choice that is drawn takes the place of the one that the sample has.
    for names in SPEC[kind].get("one_of", {}).values():
        stated = [name for name in names if name in found]
        for name in stated if len(stated) > 1 else ():
            if name in OF[kind]:
                found = {each: found[each] for each in found if each != name}
    assert said(kind, found, full=False) == verdict
    assert said(kind, found, full=True) == verdict


def test_every_rule_is_drawn_with_each_of_its_fates():
    told = {row.values[2] for row in drawn()} | {"warned:contained-nested"}
    for rule, each in declared.RULES.items():
        assert f"warned:{rule}" in told
        assert (f"refused:{rule}" in told) == each.refuses


def test_other_types_are_never_refused_and_only_some_rules_are_theirs():
    odd = {"identifier": [], "reference": [{"reference": "nobody"}], "id": "x" * 65}
    found = {"resourceType": "Basic", "code": {"coding": [{"code": "x"}]}}
    assert said("Basic", found, full=False) == "enters"
    found |= {"id": odd["id"], "identifier": [], "author": odd["reference"][0]}
    for full in (False, True):
        assert said("Basic", found, full=full) == "warned:array-empty,id-form"


def test_something_contained_is_referred_to_and_contains_nothing():
    def order(held, reference="#m"):
        return ORDER | {
            "contained": [held],
            "medicationReference": {"reference": reference},
        }

    held = ORDER["contained"][0]
    kind = "MedicationRequest"
    assert said(kind, order(held), full=False) == "enters"
    assert said(kind, order(held, "#n"), full=False) == "warned:contained-unreferenced"
    back = held | {"manufacturer": {"reference": "#"}}
    assert said(kind, order(back, "Medication/1"), full=False) == "enters"
    nested = held | {"contained": [HELD], "manufacturer": {"reference": "#o"}}
    assert said(kind, order(nested), full=False) == "warned:contained-nested"
    untyped = {name: each for name, each in held.items() if name != "resourceType"}
    assert said(kind, order(untyped), full=False).startswith("refused:")


@given(st.sampled_from(ENDS), st.sampled_from(ENDS))
def test_a_period_is_reversed_only_where_its_spans_are_apart(start, end):
    told = declared.is_reversed(start, end)
    (begun, _), (_, over) = times.span(start), times.span(end)
    if "T" in start and "T" in end:
        assert told == (begun > over)
    elif begun <= over and "T" not in start + end:
        assert not told
    if told:
        assert not declared.is_reversed(end, start)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2019-03-05", "2019-03-05", False),
        ("2019-03-06", "2019-03-05", True),
        ("2019-03", "2019-03-01", False),
        ("2019-03-31", "2019-03", False),
        ("2019-04", "2019-03-31", True),
        ("2020", "2019-12-31T23:59:59Z", True),
        # Said to be of one day, in the zone of the one who wrote it.
        ("2019-03-05T23:00:00-05:00", "2019-03-05", False),
        ("2019-03-05", "2019-03-05T01:00:00+14:00", False),
        ("2019-03-05T10:00:00Z", "2019-03-05T11:00:00+02:00", True),
        ("2019-03-05T10:00:00.5Z", "2019-03-05T10:00:00Z", True),
        ("2019-03-05T10:00:00Z", "2019-03-05T10:00:00.5Z", False),
        (None, "2019", False),
        (2019, "2018", False),
    ],
)
def test_dates_are_compared_as_far_as_both_are_known(start, end, expected):
    assert declared.is_reversed(start, end) == expected


class Spy:
    """A resource that remembers what was asked of it."""

    def __init__(self, resource: Any) -> None:
        self.resource, self.asked = resource, set()

    def __getattr__(self, name: str) -> Any:
        self.asked.add(name)
        return getattr(self.resource, name)


def test_the_elements_that_may_refuse_are_those_that_readers_read():
    asked: dict[str, set[str]] = {kind: set() for kind in types.USED}
    span = {"effectivePeriod": {"start": "2011"}, "effectiveDateTime": None}
    spanned = {name: value for name, value in observation(**span).items() if value}
    for each in (*OF.values(), *WHOLE, spanned):
        kind = each["resourceType"]
        spy = Spy(accept.judged(kind, orjson.dumps(each), full=False).resource)
        source = Source(kind, spy, "A/b", {}, KEYS)
        types.USED[kind](source)
        source.subject_id()
        types.visit(kind, source)
        if kind in types.NOTES:
            types.NOTES[kind](spy)
        types.refusal(kind, spy)
        types.status(kind, spy)
        if kind == "Patient":
            patient.row(source)
        if kind == "Medication":
            medication.codes(source)
        asked[kind] |= spy.asked
    ours = {"address", "gender", "extension"}  # on purpose, see rules.yaml
    for kind, names in declared.READ.items():
        fields = {attribute(name): name for name in SPEC[kind]["fields"]}
        read = {fields[name] for name in asked[kind] if name in fields}
        assert read | {"meta"} == names | (ours & read), kind


def test_rules_name_types_elements_and_codes_that_fhir_has():
    assert set(declared.READ) == set(types.USED) <= RESOURCES
    for kind, names in declared.READ.items():
        assert names <= set(SPEC[kind]["fields"])
    for element in (*declared.CODES, "Reference.reference"):
        kind, _, name = element.partition(".")
        told = SPEC[kind]["fields"][name]
        assert told.startswith(("code", "string"))
        # The models list codes, where there are not too many, and do not ask for them.
        extra = get_fhir_model_class(kind).model_fields[name].json_schema_extra or {}
        listed = set(extra.get("enum_values") or ()) - {"+"}
        assert listed <= declared.CODES.get(element, listed)


def test_a_detail_names_elements_and_quotes_nothing():
    odd = observation(status="Ann Smith", valueQuantity={"value": None, "unit": "%"})
    told = walk.verdict("Observation", odd)
    assert told == (("null-value", "valueQuantity.value"), ())
    odd = copy.deepcopy(odd) | {"valueQuantity": {"value": 1}}
    assert walk.verdict("Observation", odd)[0] == ("not-in-value-set", "status")
