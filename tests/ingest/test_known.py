"""What is parsed once is told as if it had been skimmed first, and then parsed."""

import tempfile
from functools import cache
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chronicle.ingest import admit, limits, read, versions
from chronicle.ingest.gate import build, judge
from tests.bundles import bundle, encounter, observation, patient, record
from tests.ingest.test_fuzz import files
from tests.ingest.test_odd_values import WHOLE
from tests.ingest.test_read import lines, text
from tests.mutations import spoilt

# Of other versions, as far as the marks go; the gate passes none of them.
OLD = [
    {
        "resourceType": "Encounter",
        "id": "d",
        "status": "finished",
        "class": "inpatient",
    },
    {"resourceType": "Encounter", "id": "e", "status": "completed", "class": [{}]},
    {"resourceType": "MedicationOrder", "id": "f"},
    {"resourceType": "Condition", "id": "g", "clinicalStatus": "active"},
]
ODD = [
    {"id": "nobody"},
    {"contained": [patient("inner")], "id": "typed by what it contains"},
    {"contained": [patient("inner")], "resourceType": "Patient", "id": "late"},
    {"resourceType": "Composition", "id": "c", "identifier": {"value": "7"}},
    patient("named", identifier=[{"system": "urn:a", "value": "7"}, {"system": "b"}]),
    {"resourceType": "Bundle", "type": "collection"},
    bundle(*record("bob"), kind="searchset"),
    {"request": {"method": "DELETE", "url": "Patient/x"}},
    [],
    None,
]
PLAIN = st.sampled_from([*record(), *OLD, *ODD, *WHOLE])


def told(path: Path, **changed: int) -> list[tuple[object, ...]]:
    """Return all that the reader tells of a file, and what comes of its resources.

    With other limits, it skims all of it first, or reads lines a second time.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name, size in changed.items():
            patch.setattr(limits, name, size)
        return [_told(each) for each in read.entries(path)]


def _told(entry: read.Entry) -> tuple[object, ...]:
    kept = entry.admitted
    if kept is None and entry.raw is not None and entry.problem is None:
        passed = judge.passed(entry.raw)
        kept = passed and admit.passed(passed)
    if entry.problem is not None:
        kept = None
    return (
        *(entry.number, entry.raw, entry.kind, entry.full_url, dict(entry.names)),
        *(entry.problem, entry.deletes, entry.deleted_at, kept),
    )


def agree(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        parsed = told(path)
        assert parsed == told(path, PARSED_BYTES=-1)
        assert parsed == told(path, HELD_BYTES=0)


def test_what_passes_the_gate_is_parsed_by_the_reader_and_not_again():
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (
            ("a.json", text(bundle(*record()))),
            ("a.ndjson", lines(*record())),
        ):
            path = Path(folder) / name
            path.write_bytes(content)
            assert all(each.admitted for each in read.entries(path))


@given(files(), st.sampled_from(["x.json", "x.ndjson"]))
def test_a_broken_file_is_told_alike(content, name):
    agree(content, name)


@settings(max_examples=60)
@given(st.lists(PLAIN, max_size=6), st.sampled_from([None, 1]))
def test_odd_resources_and_those_of_other_versions_are_told_alike(some, indent):
    agree(text(bundle(*some), indent=indent), "x.json")
    agree(lines(*some), "x.ndjson")


@pytest.mark.parametrize("resource", WHOLE, ids=lambda each: each["resourceType"])
def test_spoilt_resources_are_told_alike(resource):
    whole = text(bundle(patient()))
    start, end = whole.split(text(patient()))
    for raw in spoilt(resource, 60, f"known {resource['resourceType']}"):
        agree(start + raw + b"}, {" + b'"resource": ' + text(patient()) + end, "x.json")
        agree(raw.replace(b"\n", b" ") + b"\n" + text(patient()), "x.ndjson")


@pytest.mark.parametrize("held_bytes", [limits.HELD_BYTES, 0])
@pytest.mark.parametrize("old", OLD, ids=lambda each: each["id"])
def test_what_passed_the_gate_votes_where_others_vote_against_r4(
    tmp_path, monkeypatch, old, held_bytes
):
    monkeypatch.setattr(limits, "HELD_BYTES", held_bytes)
    for others, is_ours in (
        ([encounter(), encounter(number=2), observation()], True),
        ([patient()], False),
    ):
        for name, content in (
            ("x.json", text(bundle(old, *others))),
            ("x.ndjson", lines(old, *others)),
        ):
            (tmp_path / name).write_bytes(content)
            found = [each.problem for each in read.entries(tmp_path / name)]
            assert [each is None for each in found] == [is_ours] * len(found)


@pytest.mark.parametrize("kind", sorted(build.RESOURCES & versions.MARKS.keys()))
def test_a_mark_that_passes_the_gate_is_one_of_r4(kind):
    fields = build.SPEC[kind]["fields"]
    for element, shapes in versions.votes(kind).items():
        if element not in fields:
            continue
        for shape in _shapes(fields[element]):
            assert not shapes[shape] or versions.OURS in shapes[shape]


def _shapes(stated: str) -> tuple[str, ...]:
    if "*" in stated:
        return ("list",)
    return (
        ("object",) if stated.rstrip(build.MARKS) in build.SPEC else ("text", "other")
    )


def test_no_type_has_as_many_brackets_in_brackets_as_are_too_many():
    inside = max(map(_depth, build.RESOURCES))
    assert 10 < 2 * inside + 2 < limits.DEPTH  # of one that is contained, in a list


@cache
def _depth(kind: str, depth: int = 0) -> int:
    """Return how many brackets a type can open at most."""
    found = 0
    for told in build.SPEC[kind]["fields"].values() if depth <= build.DEEPEST else ():
        of = told.rstrip(build.MARKS)
        below = depth + (of == build.EXTENSION or "^" in told)
        if build.EXTENSION == kind != of:
            below = build.DEEPEST
        found = max(
            found, ("*" in told) + (_depth(of, below) if of in build.SPEC else 0)
        )
    return 1 + found


@pytest.mark.parametrize(
    "first", [{}, {"id": "x"}, {"text": {"div": '{"resourceType": "Group"}'}}]
)
def test_the_type_of_a_resource_is_its_own_wherever_it_stands(first):
    late = first | {"contained": [{"resourceType": "Group"}], "resourceType": "Patient"}
    raw = orjson.dumps(late)
    assert judge.passed(raw) is None  # nothing refers to it
    late["link"] = [{"other": {"reference": "#g"}, "type": "seealso"}]
    late["contained"] = [{"resourceType": "Medication", "id": "g"}]
    found = judge.passed(orjson.dumps(late))
    assert (found and found.kind) == (None if "text" in first else "Patient")
    assert judge.passed(orjson.dumps(first | {"contained": [observation()]})) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["bulk-ndjson-pathling", "cerner-sandbox", "hl7-r4-examples", "validator-cases",
     "sql-on-fhir-tests", "synthea-stu3-2017", "synthea-dstu2-2017",
     "synthea-collection-bundles", "synthea-15k-small-bundles", "r4-primitive-values",
     "synthea-qicore-2025-california", "synthea-hiv-ciel", "synthea-r4-2019"],
)  # fmt: skip
def test_real_files_are_told_alike(shared, name):
    for path in read.files(shared / name)[:4]:
        assert told(path) == told(path, PARSED_BYTES=-1)
