"""Times, codes, units: what a source writes and what it means."""

import re
from pathlib import Path

import pytest

from chronicle.ingest import accept, coding, read, times, units
from chronicle.ingest.gate.loose import loosely
from chronicle.ingest.keys import DEMO, derived
from chronicle.ingest.source import Source
from tests.conftest import KEYS

SOURCE = Source("Observation", None, "Observation/x", {}, KEYS)


@pytest.mark.parametrize(
    ("stated", "first", "last"),
    [
        ("2019-03-02T10:00:00+10:00", "2019-03-02 00:00:00", "2019-03-02 00:00:00"),
        ("2019-03-02T10:00:00.5Z", "2019-03-02 10:00:00.5", "2019-03-02 10:00:00.5"),
        ("2019-03-02", "2019-03-02 00:00:00", "2019-03-02 23:59:59.999999"),
        ("2019-02", "2019-02-01 00:00:00", "2019-02-28 23:59:59.999999"),
        ("2019-12", "2019-12-01 00:00:00", "2019-12-31 23:59:59.999999"),
        ("2020", "2020-01-01 00:00:00", "2020-12-31 23:59:59.999999"),
    ],
)
def test_a_partial_date_is_a_span(stated, first, last):
    found = [str(each).rstrip("0").rstrip(":.") for each in times.span(stated)]
    assert found == [each.rstrip("0").rstrip(":.") for each in (first, last)]


@pytest.mark.parametrize("stated", ["2019-13", "2019-02-30", "soon", "", None, 2019])
def test_what_is_no_date_is_no_time(stated):
    assert times.span(stated) is None


def test_a_date_with_a_zone_at_the_end_of_time_is_no_time():
    assert times.span("9999-12-31T23:59:59-10:00") is None


@pytest.mark.parametrize(
    ("stated", "end"),
    [
        ("2019-03-02", "2019-03-02"),
        ("9999-12-31", None),
        ("2999-12-31T00:00:00Z", None),
        ("2099-12-31", None),
        ("2099-12-30", "2099-12-30"),
        (None, None),
    ],
)
def test_an_end_that_stands_for_none_is_none(stated, end):
    assert times.end_of(loosely("Period", {"end": stated})) == end


@pytest.mark.parametrize(
    ("system", "value", "expected"),
    [
        ("http://loinc.org", "4548-4", "LOINC//4548-4"),
        ("urn:oid:2.16.840.1.113883.6.96", "44054006", "SNOMED//44054006"),
        ("https://loinc.org/", "4548-4", "LOINC//4548-4"),
        ("http://hl7.org/fhir/sid/icd-10-cm", "E119", "ICD10CM//E119"),
        ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "AMB", "ENCOUNTER//AMB"),
        (
            "http://mimic.mit.edu/fhir/mimic/CodeSystem/mimic-d-labitems",
            "50852",
            "LOINC//4548-4",
        ),
        ("http://loinc.org", None, None),
        ("http://loinc.org", "  ", None),
    ],
)
def test_a_coding_becomes_a_code_or_nothing(system, value, expected):
    stated = loosely("Coding", {"system": system, "code": value})
    assert coding.code(stated, SOURCE) == expected


@pytest.mark.parametrize(("system", "value"), coding.MEANT)
def test_a_local_code_means_a_public_one(system, value):
    short, code = coding.MEANT[system, value].split("//")
    assert coding.GRAMMARS[short].fullmatch(code)
    assert system == system.rstrip("/").replace("https://", "http://", 1)
    assert system not in coding.SYSTEMS


@pytest.mark.parametrize(
    ("system", "value"),
    [
        ("http://lab.example/codes/my-tests", "K12"),
        ("http://lab.example/codes/ann-smith", "4548-4"),
        (None, "K12"),
        ("http://loinc.org", "Smith"),
        ("http://loinc.org", "Ann Smith, born 1951"),
        ("http://loinc.org", "4548-\u0664"),
        ("http://snomed.info/sct", "5602-1"),
        ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "SMITH"),
    ],
)
def test_a_code_that_may_be_a_name_leaves_as_a_keyed_hash(system, value):
    stated = loosely("Coding", {"system": system, "code": value})
    source = Source("Observation", None, "Observation/x", {}, KEYS)
    found = coding.code(stated, source)
    assert re.fullmatch("LOCAL//[0-9a-f]{12}", found)
    assert source.tally == {"code-local": 1}
    assert coding.code(stated, source) == found
    other = Source("Observation", None, "Observation/x", {}, derived(DEMO))
    assert coding.code(stated, other) != found


def test_the_same_word_in_two_systems_is_two_codes():
    stated = [loosely("Coding", {"system": each, "code": "K12"}) for each in ("a", "b")]
    assert len({coding.code(each, SOURCE) for each in stated}) == 2


def test_every_code_of_a_concept_is_kept_once_and_no_text():
    concept = {
        "coding": [
            {"system": "http://snomed.info/sct", "code": "44054006"},
            {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "E11.9"},
            {"system": "http://snomed.info/sct", "code": "44054006", "display": "x"},
        ],
        "text": "Ann's diabetes",
    }
    assert coding.codes(loosely("CodeableConcept", concept), SOURCE, otherwise="-") == [
        "SNOMED//44054006",
        "ICD10CM//E11.9",
    ]
    told = loosely("CodeableConcept", {"text": "Ann's diabetes"})
    assert coding.codes(told, SOURCE, otherwise="-") == ["-"]


@pytest.mark.parametrize(
    ("code", "value", "unit", "expected", "fate"),
    [
        ("4548-4", 7.0, "%", 7.0, "kept"),
        ("4548-4", 53, "mmol/mol", 7.0, "converted"),
        ("2160-0", 88.4, "umol/L", 1.0, "converted"),
        ("2339-0", 5.5, "mmol/L", 99.1, "converted"),
        ("8480-6", 120, "mmHg", 120, "kept"),
        ("8480-6", 120, None, None, "unit-missing"),
        ("4548-4", 7.0, "furlongs", None, "unit-unknown"),
        ("99999-9", 7.0, "furlongs", 7.0, "no-measure"),
        ("72514-3", 3, "{score}", 3, "no-measure"),
        ("44261-6", 12, None, 12, "kept"),
    ],
)
def test_a_number_comes_in_the_unit_that_is_kept_or_not_at_all(
    code, value, unit, expected, fate
):
    found = units.to_kept_unit(f"LOINC//{code}", value, unit)
    assert found.value == (
        None if expected is None else pytest.approx(expected, abs=0.06)
    )
    assert found.fate == fate


def test_every_reason_for_a_refusal_is_explained():
    folder = Path(accept.__file__).parent
    text = "".join(path.read_text() for path in folder.glob("*.py"))
    used = set(re.findall(r'problem="([^"]+)"', text))
    used |= set(re.findall(r'return "([a-z]+-?[a-zA-Z0-9-]*)", ', text))
    assert used <= set(accept.REASONS)


@pytest.mark.parametrize("name", ["a.json", "b.JSON.GZ", "c.ndjson", "d.ndjson.gz"])
def test_fhir_files_are_told_by_their_names(name):
    assert read.is_fhir_file(Path(name))


@pytest.mark.parametrize("name", ["a.xml", "README.md", "b.gz", "c.jsonx"])
def test_other_files_are_left_alone(name):
    assert not read.is_fhir_file(Path(name))
