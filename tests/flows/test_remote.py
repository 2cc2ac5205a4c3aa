"""Sources that are no folder: an object store, a pattern."""

import fsspec
import pytest

from flows import mirror as mirroring
from flows.collect import LANDING, bring
from flows.errors import CollectError
from flows.mirror import Collected

FOLDER = LANDING.folder


def mirror(source: str) -> Collected:
    return mirroring.mirror(LANDING, mirroring.find(LANDING, source))


def landed() -> set[str]:
    files = (path for path in FOLDER.rglob("*") if path.is_file())
    return {str(path.relative_to(FOLDER)) for path in files}


@pytest.fixture(autouse=True)
def _project(toy):
    pass


@pytest.fixture
def store():
    """Fill a store that lies in memory."""
    filled = fsspec.filesystem("memory")
    filled.store.clear()
    for name in ("ann.json", "2026/bob.ndjson.gz", "2026/eve.JSON", "readme.txt"):
        filled.pipe(f"/drop/{name}", name.encode())
    yield filled
    filled.store.clear()


def test_what_is_in_a_store_is_mirrored_as_a_folder_is(store):
    assert mirror("memory://drop") == Collected(copied=3, left_out=1)
    assert landed() == {"ann.json", "2026/bob.ndjson.gz", "2026/eve.JSON"}
    assert (FOLDER / "ann.json").read_bytes() == b"ann.json"


def test_what_a_store_still_has_is_left_alone_and_what_is_gone_goes(store):
    mirror("memory://drop")
    before = (FOLDER / "ann.json").stat()
    store.rm("/drop/2026/eve.JSON")
    store.pipe("/drop/2026/bob.ndjson.gz", b"changed")
    assert mirror("memory://drop") == Collected(1, 1, 1, 1)
    assert (FOLDER / "ann.json").stat() == before


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("memory://drop/ann.json", {"ann.json"}),
        ("memory://drop/*.json", {"ann.json"}),
        ("memory://drop/20*/*", {"2026/bob.ndjson.gz", "2026/eve.JSON"}),
        ("memory://drop/**", {"ann.json", "2026/bob.ndjson.gz", "2026/eve.JSON"}),
    ],
)
def test_a_source_in_a_store_may_be_a_file_or_a_pattern(store, source, expected):
    mirror(source)
    assert landed() == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("sample/*.json", {"ann.json"}),
        ("sample/m*", {"more/bob.json"}),
        ("sample/**/*.json", {"ann.json", "more/bob.json"}),
    ],
)
def test_a_source_on_this_machine_may_be_a_pattern(source, expected):
    mirror(source)
    assert landed() == expected


def test_a_flow_collects_from_a_store_and_tracks_it(store):
    assert bring("memory://drop", None).startswith("3 files copied")
    assert LANDING.tracked.exists()


@pytest.mark.parametrize(
    "source", ["memory://nowhere", "nosuch://drop", "sample/*.xml", "memory://drop/*.x"]
)
def test_a_source_without_files_leaves_the_landing_as_it_was(store, source):
    mirror("sample")
    with pytest.raises(CollectError) as caught:
        mirror(source)
    assert caught.value.exit_code == 15
    assert landed() == {"ann.json", "more/bob.json"}


def test_a_name_that_leads_out_of_the_folder_is_never_written(store):
    store.store["/drop/../../evil.json"] = store.store["/drop/ann.json"]
    with pytest.raises(CollectError, match="leads out"):
        mirror("memory://drop")
    assert not FOLDER.exists()


def test_no_message_tells_a_key_or_a_file(store):
    store.rm("/drop", recursive=True)
    with pytest.raises(CollectError) as caught:
        mirror("memory://me:secret@drop/ann_smith.json?token=secret")
    assert "smith" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_store_that_breaks_off_is_an_error_without_its_words(store, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("ann_smith")

    found = mirroring.find(LANDING, "memory://drop")
    monkeypatch.setattr(type(store), "open", broken)
    with pytest.raises(CollectError, match="RuntimeError") as caught:
        mirroring.mirror(LANDING, found)
    assert "smith" not in str(caught.value)
