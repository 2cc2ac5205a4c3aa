"""Readers see what `deidentify.yaml` names, all of it, and nothing else."""

import orjson
import pytest

from chronicle.core.codes import NOT_ASSERTED
from chronicle.ingest import (
    allowed,
    gather,
    identifiers,
    medication,
    named,
    patient,
    read,
    types,
)
from chronicle.ingest.accept import judged
from chronicle.ingest.gate.build import SPEC
from chronicle.ingest.gate.loose import loosely
from chronicle.ingest.source import Source
from tests import bundles
from tests.bundles import observation
from tests.conftest import KEYS
from tests.ingest.planted import WORD, accepted, choices
from tests.ingest.test_odd_values import WHOLE
from tests.mutations import spoilt

AT_HOME = bundles.patient(
    address=[{"postalCode": "02139"}],
    extension=[
        {
            "url": f"{patient.US_CORE}race",
            "extension": [{"url": "ombCategory", "valueCoding": {"code": "2106-3"}}],
        }
    ],
    identifier=[
        {
            "system": "http://hospital/mrn", "value": "A-1234", "use": "usual",
            "type": bundles.concept("http://x.org/types", "MR"),
        }
    ],
    link=[{"other": bundles.subject("bob"), "type": "seealso"}],
) | {"name": [{"use": "official", "family": "Smith", "given": ["Ann"]}]}  # fmt: skip


class Watched:
    """Passes on what is read of a resource, and writes down what that was."""

    def __init__(self, kind: str, found: object, seen: set) -> None:
        self.__dict__ |= {"_kind": kind, "_found": found, "_seen": seen}

    def __getattr__(self, name: str) -> object:
        element = name.removesuffix("_")
        if element not in allowed.ELEMENTS[self._kind]:
            # A Patient has no status, and FHIR's own elements have no others.
            assert name in ("status", "subject", "patient", "encounter"), name
            return None
        self._seen.add((self._kind, element))
        value = getattr(self._found, name)
        inside = allowed.of(self._kind, element)
        if value is None or inside not in SPEC or value is allowed.PRESENT:
            return value
        if isinstance(value, list):
            return [Watched(inside, each, self._seen) for each in value]
        return Watched(inside, value, self._seen)


def read_through(kind: str, raw: bytes, seen: set) -> None:
    """Read a resource as `gather` does, watched."""
    admitted = judged(kind, raw, full=False)
    if admitted.refusal:
        return
    found = Watched(kind, admitted.resource, seen)
    if types.refusal(kind, found):
        return
    source = Source(kind, found, f"{kind}/{found.id}", {}, KEYS)
    types.USED[kind](source)
    source.subject_id()
    types.visit(kind, source)
    if kind in types.NOTES:
        types.NOTES[kind](found)
    types.status(kind, found)
    named.labels(source)
    if found.meta:
        gather._version(found.meta)
    if kind == "Patient":
        patient.row(source)
        identifiers.identifiers(source)
        identifiers.links(source)
    if kind == "Medication":
        medication.codes(source)


def narrowed(resource: dict) -> object:
    """Return what readers see of a resource that the gate accepts."""
    kind, raw = resource["resourceType"], orjson.dumps(resource)
    return judged(kind, raw, full=False).resource


def allowed_elements() -> set:
    return {(kind, name) for kind, each in allowed.ELEMENTS.items() for name in each}


def test_every_element_that_is_named_is_read_and_no_other():
    seen: set = set()
    for kind in types.USED:
        for pick in range(choices(kind)):
            read_through(kind, orjson.dumps(accepted(kind, WORD, pick)), seen)
    bare = bundles.report(text=bundles.narrative("Emphysema."))
    for resource in (*WHOLE, AT_HOME, bare):
        kind = resource["resourceType"]
        for raw in (orjson.dumps(resource), *spoilt(resource, 100, f"{kind} read")):
            read_through(kind, raw, seen)
    assert seen == allowed_elements()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["cerner-sandbox", "hl7-r4-examples", "validator-cases", "bulk-ndjson-pathling",
     "synthea-collection-bundles", "synthea-hiv-ciel"],
)  # fmt: skip
def test_of_real_records_no_other_element_is_read(shared, name):
    seen: set = set()
    for path in read.files(shared / name):
        for entry in read.entries(path):
            if entry.problem is None and entry.raw and entry.kind in types.USED:
                read_through(entry.kind, entry.raw, seen)
    assert seen
    assert seen <= allowed_elements()


def test_the_table_names_types_elements_and_rules_that_there_are():
    assert set(types.USED) <= set(allowed.ELEMENTS)
    rules = set(allowed.TABLE["rules"])
    for kind, elements in allowed.ELEMENTS.items():
        assert set(elements) <= set(SPEC[kind]["fields"])
        assert set(elements.values()) <= rules
    assert {
        rule for _, each in allowed.ELEMENTS.items() for rule in each.values()
    } == rules


def test_each_of_the_eighteen_identifiers_is_accounted_for():
    letters = [each.split()[0] for each in allowed.TABLE["safe_harbor"]]
    assert letters == list("ABCDEFGHIJKLMNOPQR")


def test_no_status_that_says_that_nothing_happened_is_lost():
    assert set(NOT_ASSERTED) <= allowed.STATUSES
    assert allowed.status("Zebulon") is None


def test_an_element_that_is_not_named_is_no_attribute():
    device = {"device": {"display": "Zebulon"}}
    note = device | {"bodySite": {"text": "Zebulon"}}
    found = judged("Observation", orjson.dumps(observation(**note)), full=False)
    assert b"device" in found.written
    found = found.resource
    for name in (*note, "performer", "basedOn"):
        with pytest.raises(AttributeError):
            getattr(found, name)
    with pytest.raises(AttributeError):
        _ = found.code.text


@pytest.mark.parametrize(
    "value", [{"valueDateTime": "1951-02-03"}, {"valueTime": "10:00:00"}]
)
def test_of_what_is_only_there_no_value_is_told(value):
    whole = {k: v for k, v in observation(**value).items() if k != "valueQuantity"}
    found = judged("Observation", orjson.dumps(whole), full=False).resource
    assert getattr(found, next(iter(value))) is allowed.PRESENT


@pytest.mark.parametrize("resource", WHOLE, ids=lambda each: each["resourceType"])
def test_the_slow_path_leaves_the_same_elements(resource):
    kind, raw = resource["resourceType"], orjson.dumps(resource)
    slow = allowed.narrowed(kind, raw, loosely(kind, resource))
    ours, theirs = (
        Source(kind, each, "A/b", {}, KEYS) for each in (narrowed(resource), slow)
    )
    assert types.USED[kind](ours) == types.USED[kind](theirs)
    assert set(vars(slow)) <= {*allowed.ELEMENTS[kind], "class_"}


def test_something_contained_that_is_no_medication_is_read_as_none():
    order = {
        "resourceType": "MedicationRequest", "id": "r", "status": "active",
        "intent": "order", "subject": {"reference": "Patient/ann"},
        "medicationReference": {"reference": "#x"},
        "contained": [
            {"resourceType": "SearchParameter", "id": "x", "url": "http://a.b/c",
             "name": "n", "status": "draft", "description": "d", "code": "Zebulon",
             "base": ["Patient"], "type": "token"}
        ],
    }  # fmt: skip
    source = Source("MedicationRequest", narrowed(order), "A/b", {}, KEYS)
    codes = [each.code for each in types.USED["MedicationRequest"](source)]
    assert codes == ["UNCODED//Medication"]


HOME, WORK = {"use": "home"}, {"use": "work"}


@pytest.mark.parametrize(
    ("addresses", "zip3"),
    [
        pytest.param([{"postalCode": "02139"}], "021", id="five digits"),
        pytest.param([{"postalCode": " 02139-1234 "}], "021", id="nine"),
        pytest.param([{"postalCode": "021391234"}], "021", id="nine in one"),
        pytest.param([{"postalCode": "03601"}], "000", id="few live there"),
        pytest.param([{"postalCode": "20301-1234"}], "000", id="few, nine digits"),
        pytest.param([{"postalCode": "0213"}], None, id="four"),
        pytest.param([{"postalCode": "Smith"}], None, id="no digits"),
        pytest.param([{"postalCode": "\u06602139"}], None, id="Arabic"),
        pytest.param([{"postalCode": "10115", "country": "DE"}], None, id="Berlin"),
        pytest.param([{"postalCode": "02139", "country": "USA"}], "021", id="USA"),
        pytest.param(
            [WORK | {"postalCode": "90210"}, HOME | {"postalCode": "02139"}], "021",
            id="at home",
        ),
        pytest.param(
            [WORK | {"postalCode": "90210"}, {"postalCode": "02139"}], "902",
            id="no home: the first",
        ),
        pytest.param([HOME], None, id="no code"),
        pytest.param([], None, id="no address"),
    ],
)  # fmt: skip
def test_of_a_postal_code_three_digits_leave_where_many_people_live(addresses, zip3):
    person = {"resourceType": "Patient", "id": "ann"} | (
        {"address": addresses} if addresses else {}
    )
    source = Source("Patient", narrowed(person), "Patient/ann", {}, KEYS)
    assert patient.row(source).zip3 == zip3


@pytest.mark.parametrize(
    ("said", "deceased"),
    [
        ({}, None), ({"deceasedBoolean": True}, True),
        ({"deceasedBoolean": False}, False), ({"deceasedDateTime": "2011"}, True),
        ({"deceasedDateTime": "9999-12-31"}, None),
    ],
)  # fmt: skip
def test_who_is_dead_is_read_with_a_date_or_without(said, deceased):
    person = {"resourceType": "Patient", "id": "ann"} | said
    source = Source("Patient", narrowed(person), "Patient/ann", {}, KEYS)
    assert patient.row(source).deceased == deceased
