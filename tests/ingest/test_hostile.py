"""Files that are broken, or meant to break us: each is counted, with a reason."""

import gzip
import json
import os
import re
import socket
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from chronicle.core.errors import LandingError
from chronicle.ingest import accept, limits, read, reasons, unpack
from chronicle.ingest.entry import doubled
from tests.bundles import bundle, observation, patient, record, write
from tests.conftest import ROOT, opened
from tests.ingest.test_read import lines, problems, text
from tests.ingest.test_stage import adds_up

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LANDING = Path("landing")
GOOD = text(bundle(*record()))
BROKEN_ZSTD = zstd.compress(GOOD) + b"and more"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        pytest.param("x.json", b"", "empty", id="empty"),
        pytest.param("x.ndjson", b"", "empty", id="no lines"),
        pytest.param("x.json", b" \n\t\r\n", "empty", id="blanks"),
        pytest.param("x.ndjson", b" \n\n \n", "empty", id="blank lines"),
        pytest.param("x.json.gz", gzip.compress(b""), "empty", id="empty gzip"),
        pytest.param("x.json", b"\xef\xbb\xbf", "empty", id="only a mark"),
        pytest.param("x.json", gzip.compress(GOOD)[:-9], "truncated-gzip", id="gzip"),
        pytest.param("x.json", zstd.compress(GOOD)[:-9], "truncated-zstd", id="zstd"),
        pytest.param(
            "x.json",
            b"\x1f\x8b\x08\0\0\0\0\0\0\0" + b"x" * 99,
            "broken-gzip",
            id="gzip goes on as something else",
        ),
        pytest.param(
            "x.json", gzip.compress(GOOD) + b"x", "broken-gzip", id="gzip and more"
        ),
        pytest.param(
            "x.json", BROKEN_ZSTD, "broken-zstd", id="zstd goes on as something else"
        ),
        pytest.param("x.json.zst", b"plain text", "not-zstd", id="named zstd"),
        pytest.param("x.json.gz", b"plain text", "not-gzip", id="named gzip"),
        pytest.param("x.json", b"[" * 10_000, "too-deep", id="deep and open"),
        pytest.param(
            "x.json",
            b'{"resourceType":"Bundle","x":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
            "too-deep",
            id="deep beside the entries",
        ),
        pytest.param("x.json", GOOD[:-9], "not-json", id="cut"),
        pytest.param("x.json", GOOD + GOOD, "not-json", id="twice"),
        pytest.param("x.json", b"\xff\xfe{", "not-utf8", id="half of UTF-16"),
        pytest.param("x.json", b'{"a": "\xff"', "not-utf8", id="bad bytes and cut"),
        pytest.param(
            "x.json",
            b'{"resourceType": "Patient", "multipleBirthInteger": NaN}',
            "not-a-number",
            id="NaN",
        ),
        pytest.param("x.json", b'{"a": 1}', "not-fhir", id="other JSON"),
        pytest.param("x.json", b'"text"', "not-fhir", id="a text"),
        pytest.param("x.json", b"7", "not-fhir", id="a number"),
    ],
)
def test_a_file_of_which_nothing_can_enter_says_why(
    entries,
    name,
    content,
    reason,
):
    assert problems(entries(content, name)) == [(-1, reason)]


def spoilt(bad: bytes) -> bytes:
    return text(patient("bob", language="HERE")).replace(b'"HERE"', bad)


BAD = [
    pytest.param(b"NaN", "not-a-number", id="NaN"),
    pytest.param(b"-Infinity", "not-a-number", id="Infinity"),
    pytest.param(b'"\\ud800"', "lone-surrogate", id="half a character"),
    pytest.param(b'"\\udc00 x"', "lone-surrogate", id="the other half"),
    pytest.param(b'"\xff"', "not-utf8", id="no UTF-8"),
    pytest.param(b'"\xed\xa0\x80"', "not-utf8", id="a surrogate in bytes"),
    pytest.param(b'"a\x01b"', "not-json", id="a control character"),
    pytest.param(b'"a\tb"', "not-json", id="a tab"),
    pytest.param(b'"\\x"', "not-json", id="an escape that there is not"),
    pytest.param(b"[" * 200 + b"]" * 200, "too-deep", id="200 deep"),
    pytest.param(
        b'{"extension":[{"a":"]","b":' * 60 + b"1" + b"}]}" * 60,
        "too-deep",
        id="deep, with brackets in strings",
    ),
]


@pytest.mark.parametrize(("bad", "reason"), BAD)
def test_a_bad_value_costs_only_its_entry(entries, bad, reason):
    good = [text(each) for each in (patient(), observation(note=[{"text": "NaN"}]))]
    parts = b'},{"resource":'.join([good[0], spoilt(bad), good[1]])
    whole = b'{"resourceType":"Bundle","entry":[{"resource":' + parts + b"}]}"
    found = entries(whole)
    assert problems(found) == [(0, None), (1, reason), (2, None)]
    assert [each.raw for each in found] == [good[0], spoilt(bad), good[1]]
    assert [each.kind for each in found] == ["Patient", "Patient", "Observation"]


@pytest.mark.parametrize(("bad", "reason"), BAD)
def test_a_bad_value_costs_only_its_line(entries, bad, reason):
    content = b"\n".join([text(patient()), spoilt(bad), text(observation())])
    found = entries(content, "x.ndjson")
    assert problems(found) == [(0, None), (1, reason), (2, None)]
    assert found[1].raw == spoilt(bad)


def test_many_brackets_are_not_deep(entries):
    wide = patient(name=[{"given": ["a", "]}", '\\"]']}] * 500)
    assert problems(entries(text(wide))) == [(0, None)]


def test_bundles_in_bundles_have_an_end(entries):
    whole = patient()
    for _ in range(20):
        whole = bundle(whole)
    assert problems(entries(text(whole))) == [(0, "too-deep")]


def test_a_string_of_50_megabytes_is_too_large_and_costs_no_other(
    entries,
):
    whole = bundle(patient(language="x" * 50_000_000), observation())
    assert problems(entries(text(whole))) == [(0, "too-large"), (1, None)]


def test_a_line_beyond_all_limits_is_skipped_and_counted(
    entries,
    monkeypatch,
):
    monkeypatch.setattr(limits, "DOCUMENT_BYTES", 3_000)
    monkeypatch.setattr(limits, "CHUNK_BYTES", 500)
    long = patient(language="x" * 9_000)
    found = entries(lines(patient(), long, observation(), long), "x.ndjson")
    assert [each for _, each in problems(found)] == [
        None, "too-large", None, "too-large",
    ]  # fmt: skip
    assert problems(entries(text(bundle(long)))) == [(-1, "too-large")]


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
@pytest.mark.parametrize("name", ["x.json", "x.ndjson"])
def test_a_bomb_is_left_after_a_few_bytes(
    entries,
    pack,
    name,
    monkeypatch,
):
    monkeypatch.setattr(limits, "RATIO_FROM_BYTES", 2 * limits.MIB)
    monkeypatch.setattr(limits, "CHUNK_BYTES", 100_000)
    read_from = []
    monkeypatch.setattr(
        unpack, "_most", lambda at, most=unpack._most: read_from.append(at) or most(at)
    )
    assert problems(entries(pack(b" " * 30_000_000), name)) == [(-1, "zip-bomb")]
    assert len(read_from) < 150


def test_a_packed_file_has_an_absolute_end_too(entries, monkeypatch):
    monkeypatch.setattr(limits, "UNPACKED_BYTES", 1_000)
    content = gzip.compress(lines(*record()))
    assert problems(entries(content, "x.ndjson")) == [(-1, "zip-bomb")]


TWICE = [
    pytest.param(b'{"resourceType": "Patient", "id": "a", "id": "b"}', id="at the top"),
    pytest.param(
        b'{"resourceType": "Patient", "id": "a", "name": [{"text" :"c", "text":"d"}]}',
        id="inside",
    ),
    pytest.param(
        b'{"resourceType": "Patient", "id": "a", "language": "x", '
        b'"language": "x\\u003ay"}',
        id="hidden by an escaped colon",
    ),
    pytest.param(
        b'{"resourceType": "Patient", "id": "a", "\\u0069d": "b"}', id="escaped"
    ),
]


@pytest.mark.parametrize("bad", TWICE)
def test_a_key_that_stands_twice_refuses_its_entry(ingest, bad):
    write(LANDING, ann=bundle(*record()))
    (LANDING / "bob.ndjson").write_bytes(bad)
    ledger = ingest()
    assert ledger["by_reason"] == {"duplicate-key": 1}
    assert adds_up(ledger)


def test_a_colon_that_was_escaped_is_no_second_key(entries):
    (found,) = entries(b'{"resourceType": "Patient", "id": "a\\u003ab"}')
    assert not doubled(found.raw, json.dumps(found.resource).encode())


def test_a_folder_named_as_a_file_is_a_folder(tmp_path):
    write(tmp_path / "x.json", ann=bundle(*record()))
    assert read.files(tmp_path) == [tmp_path / "x.json" / "ann.json"]


@pytest.mark.parametrize("leads_to", ["outside.json", "landing/ann.json", "nowhere"])
def test_a_link_is_refused_wherever_it_leads(ingest, leads_to):
    write(LANDING, ann=bundle(*record()))
    write(Path(), outside=bundle(*record("bob")))
    (LANDING / "link.json").symlink_to(Path(leads_to).absolute())
    ledger = ingest()
    assert (ledger["by_reason"], ledger["total"]["accepted"]) == ({"link": 1}, 4)
    assert adds_up(ledger)


def test_a_link_to_a_folder_is_refused_and_not_walked(ingest):
    write(LANDING, ann=bundle(*record()))
    write(Path("outside"), bob=bundle(*record("bob")))
    (LANDING / "more").symlink_to(Path("outside").absolute())
    ledger = ingest()
    assert (ledger["by_reason"], ledger["total"]["accepted"]) == ({"link": 1}, 4)


def test_a_landing_folder_may_itself_be_a_link(ingest):
    write(Path("elsewhere"), ann=bundle(*record()))
    LANDING.symlink_to("elsewhere")
    assert ingest()["total"]["accepted"] == 4


def test_pipes_and_sockets_are_counted_and_never_opened(ingest, monkeypatch):
    write(LANDING, ann=bundle(*record()))
    os.mkfifo(LANDING / "pipe.json")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(LANDING / "socket.json"))
        ledger = ingest()
    assert ledger["by_reason"] == {"not-a-file": 2}
    assert adds_up(ledger)


def test_a_file_that_may_not_be_opened_is_refused(ingest, monkeypatch):
    write(LANDING, ann=bundle(*record()), bob=bundle(*record("bob")))
    opens = os.open

    def guarded(path, *how, **more):
        if Path(path).name == "bob.json":
            raise PermissionError(13, "Permission denied", str(path))
        return opens(path, *how, **more)

    monkeypatch.setattr(unpack.os, "open", guarded)
    ledger = ingest()
    assert ledger["by_reason"] == {"unreadable": 1}
    assert ledger["total"]["accepted"] == 4


def test_a_disk_that_fails_is_no_fault_of_the_file_and_names_none(run, monkeypatch):
    write(LANDING, zebulon=bundle(*record()))

    def fail(_):
        raise OSError(5, "Input/output error", "zebulon.json")

    monkeypatch.setattr(unpack, "_descriptor", fail)
    told = run(
        "ingest", "landing", "risks", "parts",
        "tables", "compared", "refused", "ledger.json",
        exits=15,
    )  # fmt: skip
    assert "Input/output error" in told
    assert "zebulon" not in told


@pytest.mark.parametrize("name", ["x.json", "x.ndjson"])
def test_a_file_that_changes_while_it_is_read_waits_for_the_next_run(
    tmp_path, monkeypatch, name
):
    (tmp_path / name).write_bytes(lines(patient()))
    pieces = unpack._pieces

    def slow(file):
        yield from pieces(file)
        with (tmp_path / name).open("ab") as more:
            more.write(b" ")

    monkeypatch.setattr(unpack, "_pieces", slow)
    assert problems(list(read.entries(tmp_path / name))) == [(-1, "changed")]
    monkeypatch.undo()
    assert problems(list(read.entries(tmp_path / name))) == [(0, None)]


def test_lines_that_change_after_some_entered_stop_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "HELD_BYTES", 10)
    path = tmp_path / "x.ndjson"
    path.write_bytes(lines(*record()))
    found = read.entries(path)
    next(found)
    path.write_bytes(lines(*record(), patient("bob")))
    with pytest.raises(LandingError, match="changed while it was read"):
        list(found)


def test_a_file_name_that_is_not_utf_8_is_shown_as_it_can_be(ingest):

    write(LANDING, ann=bundle(*record()))
    odd = os.fsdecode(b"b\xf6b.json")
    (LANDING / odd).write_bytes(b"{}")
    assert ingest()["by_reason"] == {"not-fhir": 1}
    assert [each["file"] for each in opened()] == ["b\\xf6b.json"]


def test_ten_thousand_deep_is_over_in_no_time(entries):
    deep = b'{"resourceType":"Patient","x":' + b"[" * 10**6 + b"]" * 10**6 + b"}"
    start = time.process_time()
    assert problems(entries(deep)) == [(-1, "too-deep")]
    assert problems(entries(deep, "x.ndjson")) == [(0, "too-deep")]
    assert time.process_time() - start < 2


def test_every_reason_has_a_meaning_and_no_two_words_mean_the_same():
    assert set(reasons.READING) < set(accept.REASONS)
    assert len(set(accept.REASONS.values())) == len(accept.REASONS)


def test_a_reader_of_the_report_and_of_the_how_to_is_told_every_reason():
    from chronicle.report.words import MEANINGS

    how_to = (ROOT / "docs/how-to/run-on-your-bundles.md").read_text()
    table = how_to.partition("## Why something was refused")[2].partition("\n## ")[0]
    told = {
        word
        for row in table.splitlines()
        if row.startswith("| `")
        for word in re.findall(r"`([^`]+)`", row.split("|")[1])
    }
    assert told == set(accept.REASONS)
    assert told <= set(MEANINGS)


def test_what_changed_before_it_was_kept_is_still_in_the_table(ingest, monkeypatch):
    write(LANDING, ann=bundle(*record()), bob=bundle(*record("bob")))
    stamps = iter([(0, 0), (1, 1)])
    stamp = unpack._stamp
    monkeypatch.setattr(
        unpack, "_stamp", lambda file: next(stamps, None) or stamp(file)
    )
    ledger = ingest()
    assert ledger["by_reason"] == {"changed": 1}
    kept = pl.read_parquet("data/refused/refused.parquet")
    assert kept.select("entry", "reason", "sealed").rows() == [(-1, "changed", None)]
