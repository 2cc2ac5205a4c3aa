"""A run that was killed, and the one after it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chronicle.core import store
from chronicle.core.tables import PATIENTS
from chronicle.fetch.job import Job, held
from tests.conftest import INGEST, ROOT, digests
from tests.fetch.conftest import fetched
from tests.fetch.server import ndjson, once_there, outcome, says
from tests.fetch.test_export import TWO

LARGE = "/r4/files/1-patient-77"
SMALL = Path("data/.fetched.partial/files/Patient.1.ndjson")
COMMAND = (sys.executable, "-m", "chronicle", "fetch", "data/fetched")


def process() -> subprocess.Popen:
    return subprocess.Popen(
        COMMAND,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )


def until(what) -> None:
    for _ in range(300):
        if what():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def killed(running: subprocess.Popen) -> None:
    running.send_signal(signal.SIGKILL)
    running.communicate()
    assert running.returncode == -signal.SIGKILL


def test_kill_9_in_the_middle_of_a_file_costs_what_was_under_way(server, project):
    content = server.files[LARGE] = ndjson("Observation", 20_000)
    server.lists["output"][1]["count"] = 20_000
    server.stalls[LARGE] = 400_000
    running = process()
    wire = Path("data/.fetched.partial/wire/Observation.1.ndjson")
    # A large chunk is written as it comes; what is in a buffer is not on the disk.
    until(lambda: wire.exists() and wire.stat().st_size > 300_000 and SMALL.exists())
    killed(running)
    assert not Path("data/fetched").exists()
    server.released.set()
    server.seen.clear()

    again = process()
    _, said = again.communicate(timeout=60)
    assert again.returncode == 0, said
    assert fetched() == {**TWO, "Observation.1.ndjson": content}
    assert server.jobs == 1
    (asked,) = server.asked("GET", "/files/")
    assert asked.path == LARGE
    assert int(asked.headers["Range"][6:-1]) > 300_000
    assert [path.name for path in Path("data").iterdir()] == ["fetched"]
    # The true door: neither an address nor an id of what was fetched.
    assert "going on with the export of the run before" in said
    assert not [each for each in ("127.0.0.1", "http", "secret", "77") if each in said]


@pytest.mark.slow
def test_kill_9_while_the_server_prepares_goes_on_with_the_same_export(server, project):
    server.instead["/r4/jobs/1"] = [says(202, Retry_After="60")]
    running = process()
    until(lambda: server.asked("GET", "/r4/jobs/1"))
    killed(running)
    again = process()
    again.communicate(timeout=60)
    assert again.returncode == 0
    assert server.jobs == 1
    assert fetched() == TWO


def stopped(server, fetch) -> None:
    """Leave an export of which one file is here and one is not."""
    busy = says(429, Retry_After="0")
    server.instead[LARGE] = [once_there(SMALL, busy), *[busy] * 7]
    fetch(exits=75)
    assert Job(Path("data/fetched")).state()
    server.seen.clear()


def test_what_was_whole_is_not_asked_for_again(server, fetch):
    stopped(server, fetch)
    fetch()
    assert [seen.path for seen in server.asked("GET", "/files/")] == [LARGE]
    assert fetched() == TWO


def test_killed_after_the_last_byte_no_byte_comes_again(server, fetch):
    stopped(server, fetch)
    wire = Path("data/.fetched.partial/wire")
    (wire / "Observation.1.ndjson").write_bytes(TWO["Observation.1.ndjson"])
    (wire / "Observation.1.ndjson.etag").write_text('"v1"')
    fetch()
    assert fetched() == TWO
    size = len(TWO["Observation.1.ndjson"])
    (asked,) = server.asked("GET", "/files/")
    assert asked.headers["Range"] == f"bytes={size}-"


def test_a_file_that_is_no_longer_what_it_was_is_fetched_again(server, fetch):
    stopped(server, fetch)
    SMALL.write_text("{")
    fetch()
    assert fetched() == TWO


def test_another_question_is_another_export_and_the_old_one_ends(server, fetch, asks):
    stopped(server, fetch)
    asks(types=["Patient"])
    fetch()
    assert server.jobs == 2
    ended = [seen.path for seen in server.asked("DELETE", "")]
    assert ended == ["/r4/jobs/1", "/r4/jobs/2"]


def test_an_export_that_the_server_lost_begins_anew_by_itself(server, fetch):
    stopped(server, fetch)
    server.instead["/r4/jobs/1"] = [outcome(404, "not-found")]
    assert "a new one begins" in fetch()
    assert server.jobs == 2
    assert fetched() == TWO


def test_a_server_that_loses_every_export_is_left_to_the_next_run(server, fetch):
    for job in (1, 2):
        server.instead[f"/r4/jobs/{job}"] = [outcome(410, "deleted")]
    assert "lost the export" in fetch(exits=75)


def test_other_files_under_the_same_names_take_nothing_of_the_old_ones(server, fetch):
    stopped(server, fetch)
    items = server.lists["output"]
    path = server.hold("Patient", ndjson("Patient", 9))
    items.insert(0, items.pop())
    fetch()
    assert fetched()["Patient.1.ndjson"] == server.files[path]


def test_only_the_keys_in_addresses_may_be_others(server, fetch):
    stopped(server, fetch)
    for item in server.lists["output"]:
        item["url"] += "?signature=new"
    fetch()
    assert [seen.path for seen in server.asked("GET", "/files/")] == [LARGE]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"asked": 1}'])
def test_a_note_that_cannot_be_read_begins_anew(server, fetch, text):
    stopped(server, fetch)
    Path("data/.fetched.partial/job.json").write_text(text)
    fetch()
    assert server.jobs == 2


def test_killed_after_the_last_rename_only_the_server_is_left_to_clear(server, fetch):
    stopped(server, fetch)
    job = Job(Path("data/fetched"))
    job.place()
    said = fetch()
    assert "the last run had fetched everything" in said
    assert server.asked("DELETE", "/r4/jobs/1")
    assert not job.partial.exists()


def test_killed_between_two_names_the_old_folder_comes_back(server, fetch):
    fetch()
    Path("data/fetched").rename("data/.fetched.old")
    server.instead["/r4/$export"] = [outcome(400, "invalid")]
    fetch(exits=17)
    assert fetched() == TWO
    assert not Path("data/.fetched.old").exists()


def test_two_runs_do_not_write_into_one_folder(server, fetch):
    Path("data").mkdir()
    with held(Path("data/fetched")):
        assert "another run fetches" in fetch(exits=75)
    fetch()


def test_nobody_else_sees_what_is_not_ready(server, fetch):
    stopped(server, fetch)
    assert Path("data/.fetched.partial").stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_what_was_fetched_is_what_the_pipe_takes_in(server, fetch, run):
    made = []
    server.lists, server.counted = {"output": []}, False
    for path in sorted((ROOT / "sample" / "export").iterdir()):
        server.hold(path.name.split(".")[0], path.read_bytes())
    fetch()
    for source in (Path("data/fetched"), ROOT / "sample" / "export"):
        shutil.rmtree("landing", ignore_errors=True)
        shutil.copytree(source, "landing")
        run(*INGEST)
        made.append(digests(Path("data/tables")))
    through_the_server, from_the_folder = made
    assert through_the_server == from_the_folder
    assert store.read(PATIENTS, Path("data/tables/patients")).height > 0
