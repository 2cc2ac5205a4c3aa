"""Whatever bytes a file has: never an exception, never an entry that is not counted."""

import gzip
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chronicle.ingest import batch, gather, read, reasons
from chronicle.ingest.entry import doubled
from tests.bundles import bundle, patient, record
from tests.conftest import KEYS
from tests.ingest.test_read import lines, text

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

INFINITE = re.compile(rb"[0-9][eE]\+?[0-9]{3}")
INNER = bundle(*record("bob"), kind="searchset")
WHOLE = bundle(*record(), INNER, patient("zoe", language='a "quoted": \\ ünïcode'))
FORMS = [
    text(WHOLE),
    text(WHOLE, indent=1),
    lines(*record(), WHOLE),
    text(WHOLE, ensure_ascii=False).decode().encode("utf-16"),
]
PACKINGS: list[Callable[[bytes], bytes]] = [bytes, gzip.compress, zstd.compress]
SPLINTERS = [
    b"", b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\\u", b"\\ud800", b"\n",
    b"\x00", b"\xff", b"NaN", b"-Infinity", b"1e999", b"null", b"[" * 2000, b"{}",
    b'"resourceType":"Bundle",', b'"resourceType":"Patient",',
    b'"entry":[', b'"id":"a",', b"\xef\xbb\xbf", b"\x1f\x8b",
    b'"request":{"method":"DELETE","url":"Patient/a"},',
]  # fmt: skip
EDIT = st.tuples(st.integers(0, 5000), st.integers(0, 40), st.sampled_from(SPLINTERS))


def edited(content: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for at, length, splinter in edits:
        where = at % (len(content) + 1)
        content = content[:where] + splinter + content[where + length :]
    return content


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Draw a real file, broken before it is packed, or after, or both."""
    form = draw(st.sampled_from(FORMS))
    pack = draw(st.sampled_from(PACKINGS))
    few = st.lists(EDIT, max_size=3)
    return edited(pack(edited(form, draw(few))), draw(few))


def is_counted(content: bytes, name: str) -> list[read.Entry]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        found = list(read.entries(path))
    assert [each.number for each in found] in ([-1], [*range(len(found))])
    for each in found:
        assert each.problem is None or each.problem in reasons.READING
        if each.raw is not None and each.problem is None:
            assert each.resource is not None or INFINITE.search(each.raw)
            again = orjson.dumps(each.resource)
            # orjson and the exact way agree on what is there twice.
            assert doubled(each.raw, again) == doubled(each.raw, b"")
    return found


NAMES = st.sampled_from(["x.json", "x.ndjson", "x.json.gz", "x.jsonl.zst"])


@given(st.binary(max_size=200), NAMES)
@example(b"\x50\x2a\x4d\x18", "x.json")
@example(b"\xfe\xff", "x.ndjson")
@example(b"{}\n{}", "x.json")
def test_any_bytes_are_a_file_that_is_counted(content, name):
    is_counted(content, name)


@given(files(), NAMES)
def test_a_broken_file_is_counted_entry_by_entry(content, name):
    is_counted(content, name)


@given(st.sampled_from(FORMS[:3]), st.lists(EDIT, min_size=1, max_size=2))
def test_what_another_parser_finds_in_a_bundle_is_found(form, edits):
    content = edited(form, edits)
    try:
        whole = orjson.loads(content)
    except orjson.JSONDecodeError:
        return
    if not isinstance(whole, dict) or whole.get("resourceType") != "Bundle":
        return
    listed = whole.get("entry")
    parts = listed if isinstance(listed, list) else []
    expected = [
        part["resource"]
        for part in parts
        if isinstance(part, dict) and isinstance(part.get("resource"), dict)
        if part["resource"].get("resourceType") not in (None, "Bundle")
    ]
    found = [each.resource for each in is_counted(content, "x.json")]
    assert all(each in found for each in expected)


@pytest.mark.slow
@given(files(), NAMES, st.booleans())
def test_the_counts_of_a_broken_file_add_up(content, name, full):
    counts: Counter[str] = Counter()
    kept = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        for chunk in gather.gather(read.entries(path), keys=KEYS, full=full):
            kept += batch.height(chunk, "seen")
            told = chunk["counts"]
            for fate, n in zip(told["fate"], told["n"], strict=True):
                counts[fate] += n
    decided = counts["refused"] + counts["deleted"] + counts["not_used"]
    assert counts["read"] == kept + decided
