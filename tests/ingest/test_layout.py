"""Where rows lie between the passes."""

import polars as pl
import pytest

from chronicle.ingest.layout import LAID, Layout

ROWS = pl.DataFrame({"file": [0]}, {"file": pl.Int32})


def test_what_two_added_in_place_of_one_another_counts_once(tmp_path):
    layout = Layout(tmp_path, shards=1, ranges=2)
    for adder in ("lost", "other"):
        layout.add(ROWS, "seen", 0, adder)
    assert layout.added("seen", 0) == []
    layout.end([0], "other", "all-0")
    layout.add(ROWS, "seen", 0, "lost")
    layout.add(ROWS, "seen", 0, "lost")
    assert pl.concat(layout.added("seen", 0)).height == 1
    layout.end([0], "lost", "all-0")
    assert pl.concat(layout.added("seen", 0)).height == 3


@pytest.mark.parametrize("bucket", [0, 1, "*"])
def test_events_are_found_in_one_bucket_and_in_all(tmp_path, bucket):
    layout = Layout(tmp_path, shards=1, ranges=2)
    events = pl.DataFrame(schema=LAID["events"])
    one = events.clear(n=1)
    for number in (0, 1):
        layout.add(one, "events", number, "a")
        layout.add(ROWS, "seen", number, "a")
    layout.end([0, 1], "a", "all-0")
    layout.add(one, "events", 0, "b")
    layout.end([0], "b", "all-1")
    found = layout.found("events", bucket).collect()
    assert found.height == {0: 2, 1: 1, "*": 3}[bucket]
    assert found.schema == events.schema
