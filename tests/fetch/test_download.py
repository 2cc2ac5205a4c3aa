"""Files over a wire that breaks."""

import gzip
from pathlib import Path

import pytest

from tests.fetch.conftest import fetched
from tests.fetch.server import html, ndjson, once_there, outcome, says
from tests.fetch.test_export import TWO

LARGE = "/r4/files/1-patient-77"


def ranges(server) -> list[str | None]:
    return [seen.headers.get("Range") for seen in server.asked("GET", LARGE)]


def test_a_download_that_breaks_off_goes_on_where_it_broke(server, fetch):
    server.cuts[LARGE] = [1000, 2000]
    fetch()
    assert fetched() == TWO
    assert ranges(server) == [None, "bytes=1000-", "bytes=3000-"]
    assert server.asked("GET", LARGE)[1].headers["If-Range"] == '"v1"'


def test_as_long_as_it_goes_on_it_may_break_as_often_as_it_likes(server, fetch):
    server.cuts[LARGE] = [100] * 20
    fetch()
    assert fetched() == TWO
    assert len(ranges(server)) == 21


def test_gzip_on_the_wire_goes_on_where_it_broke_and_ends_before_the_disk(
    server, fetch
):
    server.gzips = True
    packed = len(gzip.compress(TWO["Observation.1.ndjson"], mtime=0))
    server.cuts[LARGE] = [packed // 2]
    fetch()
    assert fetched() == TWO
    assert ranges(server) == [None, f"bytes={packed // 2}-"]


def test_a_file_that_is_gzip_itself_is_unpacked_too(server, fetch):
    server.files[LARGE] = gzip.compress(server.files[LARGE])
    fetch()
    assert fetched() == TWO


@pytest.mark.parametrize("tag", [None, 'W/"v1"'])
def test_without_a_tag_that_promises_the_same_bytes_it_begins_again(server, fetch, tag):
    server.tagged = tag
    server.cuts[LARGE] = [1000, 2000]
    fetch()
    assert fetched() == TWO
    assert ranges(server) == [None] * 3


def test_a_server_that_knows_no_ranges_sends_all_again(server, fetch):
    server.ranges = False
    server.cuts[LARGE] = [1000]
    fetch()
    assert fetched() == TWO


def test_a_file_that_changed_meanwhile_comes_whole_and_new(server, fetch):
    def changes(handler):
        server.tagged = '"v2"'
        server.files[LARGE] = ndjson("Device", 500)
        handler.answer()

    server.cuts[LARGE] = [1000]
    server.instead[LARGE] = [lambda handler: handler.answer(), changes]
    fetch()
    assert fetched()["Observation.1.ndjson"] == ndjson("Device", 500)


@pytest.mark.parametrize(
    "answer",
    [
        says(206, b"{}", Content_Range="bytes 7-8/9"),
        says(206, b"{}"),
        says(206, b"{}", Content_Range="bytes 1000-1001/9999"),
        says(416, Content_Range="bytes */5"),
        says(416),
    ],
)
def test_another_part_than_was_asked_for_is_not_put_in_its_place(server, fetch, answer):
    server.cuts[LARGE] = [1000]
    server.instead[LARGE] = [lambda handler: handler.answer(), answer]
    fetch()
    assert fetched() == TWO


def half(handler):
    """Send half a file as if it were all: a proxy's doing."""
    content = handler.server.files[LARGE]
    handler.say(200, content[: len(content) // 2])


def unframed(handler):
    """Send half a file whose length nobody said."""
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.wfile.write(handler.server.files[LARGE][:1001])
    handler.close_connection = True


def half_gzip(handler):
    packed = gzip.compress(handler.server.files[LARGE])
    handler.say(200, packed[:-20], Content_Encoding="gzip")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (half, "is no JSON object"),
        (unframed, "is no JSON object"),
        (half_gzip, "gzip ends in the middle"),
        (html(), "an HTML page came"),
        (says(200, b"<p>Ann Lee</p>\n"), "an HTML page came"),
        (says(200, b'{"id": "Ann Lee}'), "ends in the middle of a resource"),
        (says(200, b"Ann Lee\n"), "line 1 is no JSON object"),
        (says(200, b'{"id":"Ann Lee"}\n'), "1 resources came where the manifest has"),
        (says(200, b""), "0 resources came where the manifest has 500"),
    ],
)
def test_half_a_file_or_none_is_asked_again_and_never_kept(server, fetch, answer, told):
    server.instead[LARGE] = [answer, answer]
    said = fetch()
    assert fetched() == TWO
    assert told in said
    server.instead[LARGE] = [answer] * 8
    said = fetch(exits=75)
    assert told in said
    assert "FHIR server, file Observation.1.ndjson" in said
    assert "Lee" not in said
    assert fetched() == TWO  # the last export's


def test_blank_lines_are_no_resources(server, fetch):
    server.files[LARGE] = TWO["Observation.1.ndjson"] + b"\r\n  \n"
    assert "503 resources" in fetch()


def test_an_error_without_an_end_is_cut_short(server, fetch):
    server.instead[LARGE] = [says(403, b"Ann Lee " * 50_000)]
    assert "HTTP 403." in fetch(exits=17)


def test_what_is_not_counted_is_whole_by_its_last_line(server, fetch):
    for item in server.lists["output"]:
        del item["count"]
    server.instead[LARGE] = [half]
    fetch()
    assert fetched() == TWO


def test_a_file_that_the_server_lost_lets_the_next_run_begin_anew(server, fetch):
    server.instead[LARGE] = [outcome(410, "deleted")]
    assert "no longer has the file" in fetch(exits=75)
    fetch()
    assert server.jobs == 2
    assert fetched() == TWO


def test_one_file_that_fails_keeps_what_the_others_brought(server, fetch):
    small = Path("data/.fetched.partial/files/Patient.1.ndjson")
    server.instead[LARGE] = [once_there(small, outcome(403, "forbidden"))]
    fetch(exits=17)
    server.seen.clear()
    fetch()
    assert len(server.asked("GET", "/files/0")) == 0
    assert fetched() == TWO


def test_no_more_than_three_files_are_asked_for_at_once(server, fetch):
    for _ in range(12):
        server.hold("Condition", ndjson("Condition", 5))
    running, most = [], []

    def counts(handler):
        running.append(1)
        most.append(len(running))
        server.released.wait(0.05)
        running.pop()
        handler.answer()

    for path in server.files:
        server.instead[path] = [counts]
    fetch()
    assert 2 <= max(most) <= 3
    assert len(fetched()) == 14


def test_a_disk_that_does_not_take_it_is_an_error_and_the_old_folder_stays(
    server, fetch, project
):
    Path("data").mkdir()
    Path("data/.fetched.partial").write_text("in the way")
    said = fetch(exits=75)
    assert "the disk does not take the files: " in said
    assert not server.seen
