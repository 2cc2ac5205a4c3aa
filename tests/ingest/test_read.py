"""What forms FHIR comes in, and that each is read whole, in its order."""

import codecs
import gzip
import json
import sys
from pathlib import Path

import pytest

from chronicle.ingest import limits, read
from tests.bundles import bundle, observation, patient, record

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACKED = {
    "": bytes,
    ".gz": gzip.compress,
    ".zst": zstd.compress,
    ".zstd": zstd.compress,
}
KINDS = ["Patient", "Encounter", "Observation", "Condition"]


def text(found: object, **how: object) -> bytes:
    return json.dumps(found, **how).encode()


def lines(*found: object) -> bytes:
    return b"\n".join(map(text, found))


def problems(found: list[read.Entry]) -> list[tuple[int, str | None]]:
    return [(each.number, each.problem) for each in found]


@pytest.mark.parametrize(
    "kind",
    ["transaction", "batch", "collection", "searchset", "history", "document"],
)
def test_every_kind_of_bundle_is_its_entries(entries, kind):
    found = entries(text(bundle(*record(), kind=kind)))
    assert [(each.number, each.kind) for each in found] == [*enumerate(KINDS)]
    assert [each.resource for each in found] == record()


@pytest.mark.parametrize("indent", [None, 2])
def test_an_entry_is_a_slice_of_the_text(entries, indent):
    whole = text(bundle(*record()), indent=indent)
    assert all(each.raw in whole for each in entries(whole))


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize(
    ("form", "content"),
    [
        (".json", text(bundle(*record()))),
        (".ndjson", lines(*record())),
        (".jsonl", lines(*record())),
    ],
)
def test_every_form_is_read_in_every_packing(entries, form, content, packing):
    found = entries(PACKED[packing](content), f"x{form}{packing}")
    assert [each.kind for each in found] == KINDS
    assert {each.problem for each in found} == {None}


@pytest.mark.parametrize("packing", PACKED)
def test_the_first_bytes_tell_the_packing_and_not_the_name(entries, packing):
    content = PACKED[packing](text(bundle(*record())))
    for name in ("x.json", "x.json.gz", "x.json.zst"):
        assert [each.kind for each in entries(content, name)] == KINDS


def test_packed_parts_one_after_another_are_one_file(entries):
    whole = text(bundle(*record()))
    for pack in (gzip.compress, zstd.compress):
        assert len(entries(pack(whole[:99]) + pack(whole[99:]))) == 4


def test_a_note_before_a_zstd_stream_is_skipped(entries):
    note = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"
    assert len(entries(note + zstd.compress(text(bundle(*record()))))) == 4


def test_lines_in_a_file_that_is_not_named_so_are_lines(entries):
    assert [each.kind for each in entries(lines(*record()))] == KINDS


def test_lines_are_known_as_such_however_long_the_first_is(entries):
    some = lines(patient(language="x" * 300_000), patient())
    found = entries(gzip.compress(some), "x.json.gz")
    assert [each.kind for each in found] == ["Patient", "Patient"]


FILLERS = {
    "zeros": b"\0" * 20_000,
    "another member": b"\0" + gzip.compress(b" ", mtime=0),
}


@pytest.mark.parametrize("more", FILLERS.values(), ids=FILLERS)
def test_nothing_may_fill_up_a_gzip_file(entries, more):
    found = entries(gzip.compress(text(patient())) + more, "x.json.gz")
    assert problems(found) == [(0, None)]


def test_a_printed_document_named_ndjson_is_one_document(entries):
    found = entries(text(bundle(*record()), indent=2), "x.ndjson")
    assert [each.kind for each in found] == KINDS


def test_lines_may_be_bundles_and_resources_at_once(entries):
    found = entries(lines(bundle(*record("bob")), patient()), "x.ndjson")
    assert [each.kind for each in found] == [*KINDS, "Patient"]
    assert [each.number for each in found] == [0, 1, 2, 3, 4]


def test_bundles_in_bundles_are_read_in_their_place(entries):
    inner = bundle(*record("bob"))
    found = entries(text(bundle(patient(), inner, observation())))
    assert [each.kind for each in found] == ["Patient", *KINDS, "Observation"]
    assert [each.number for each in found] == [*range(6)]


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["x.json", "x.ndjson"])
def test_a_byte_order_mark_says_how_the_text_is_written(entries, mark, name):
    named = patient(name=[{"family": "Ångström 😀"}])
    content = json.dumps(named, ensure_ascii=False).encode(mark)
    boms = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    (found,) = entries(boms.get(mark, b"") + content, name)
    assert (found.problem, found.resource) == (None, named)


@pytest.mark.parametrize("end", [b"\r\n", b"\n\n\n", b"\n   \n\t\n"])
def test_blank_lines_and_carriage_returns_are_nothing(entries, end):
    found = entries(end.join(map(text, record())) + end, "x.ndjson")
    assert [each.resource for each in found] == record()


def test_a_document_may_have_carriage_returns(entries):
    content = text(bundle(*record()), indent=1).replace(b"\n", b"\r\n")
    assert [each.resource for each in entries(content)] == record()


def test_large_files_of_lines_are_read_twice_with_the_same_entries(
    entries, monkeypatch
):
    content = gzip.compress(lines(*record(), *record("bob")))
    held = entries(content, "x.ndjson.gz")
    monkeypatch.setattr(limits, "HELD_BYTES", 700)
    monkeypatch.setattr(limits, "CHUNK_BYTES", 50)
    assert entries(content, "x.ndjson.gz") == held


def test_nothing_of_lines_enters_where_the_end_is_missing(entries, monkeypatch):
    monkeypatch.setattr(limits, "HELD_BYTES", 10)
    cut = gzip.compress(lines(*record()))[:-9]
    assert problems(entries(cut, "x.ndjson.gz")) == [(-1, "truncated-gzip")]


def gone(url: str) -> dict:
    return {"request": {"method": "DELETE", "url": url}}


@pytest.mark.parametrize(
    ("url", "deletes"),
    [
        ("Patient/ann", "Patient/ann"),
        ("https://a.example/fhir/Patient/ann/_history/3", "Patient/ann"),
        ("Patient?identifier=http%3A%2F%2Fa.b%2Fc%7C7", "Patient?http://a.b/c|7"),
        ("https://a.example/fhir/Patient?identifier=a|b", "Patient?a|b"),
        ("Patient?name=a|b", "Patient/"),
        ("", "/"),
    ],
)
def test_a_deletion_is_an_entry_that_says_what_is_gone(entries, url, deletes):
    export = bundle(kind="transaction") | {"entry": [gone(url)]}
    (found,) = entries(lines(export, ""), "deleted.ndjson")[:1]
    assert (found.deleted, found.deletes, found.problem) == (True, deletes, None)
    assert found.kind == ("Patient" if "P" in deletes else "")


def test_a_history_has_versions_and_deletions(entries):
    put = {"resource": patient(), "request": {"method": "PUT", "url": "Patient/ann"}}
    history = bundle(kind="history") | {"entry": [gone("Patient/ann"), put]}
    assert [each.deleted for each in entries(text(history))] == [True, False]


MANIFEST = {
    "transactionTime": "2026-01-01T00:00:00Z",
    "request": "https://a.example/$export",
    "requiresAccessToken": True,
    "output": [{"type": "Patient", "url": "https://a.example/1", "count": 3}],
    "error": [],
}


def test_the_manifest_of_an_export_is_known_and_not_used(entries, ingest):
    (found,) = entries(text(MANIFEST), "manifest.json")
    assert (found.number, found.kind, found.problem) == (-1, "(manifest)", None)
    Path("landing").mkdir()
    Path("landing/manifest.json").write_bytes(text(MANIFEST))
    Path("landing/Patient.ndjson").write_bytes(lines(*record()))
    ledger = ingest()
    assert ledger["by_type"]["(manifest)"]["not_used"] == 1
    assert (ledger["by_reason"], ledger["total"]["accepted"]) == ({}, 4)


def test_errors_of_an_export_are_counted_and_not_used(ingest):
    error = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "exception"}],
    }
    Path("landing").mkdir()
    Path("landing/error.ndjson").write_bytes(lines(error, error))
    Path("landing/Patient.ndjson").write_bytes(lines(*record()))
    assert ingest()["by_type"]["OperationOutcome"]["not_used"] == 2


def test_references_find_what_a_bundle_calls_its_resources(entries):
    whole = bundle(patient("", identifier=[{"system": "urn:a", "value": "7"}]))
    del whole["entry"][0]["resource"]["id"]
    whole["entry"][0]["fullUrl"] = "urn:uuid:1111"
    (found,) = entries(text(whole))
    assert found.names == {
        "urn:uuid:1111": "Patient/1111",
        "Patient?identifier=urn:a|7": "Patient/1111",
    }


@pytest.mark.parametrize("odd", [7, None, [], "x", {"value": 7}, [{"value": 7}]])
@pytest.mark.parametrize("key", ["id", "identifier"])
def test_an_odd_id_costs_no_other_key(entries, key, odd):
    found = entries(text(bundle(patient() | {key: odd}, observation())))
    assert [each.kind for each in found] == ["Patient", "Observation"]


@pytest.mark.parametrize("odd", [7, [], {}, "x"])
@pytest.mark.parametrize("key", ["fullUrl", "request"])
def test_an_odd_key_of_an_entry_costs_not_its_resource(entries, key, odd):
    whole = bundle(*record())
    whole["entry"][0][key] = odd
    assert [each.kind for each in entries(text(whole))] == KINDS
