import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows import guard, serve

# A stage with a child of its own; both write who they are.
STAGE = "sh -c 'echo $$ > child; exec sleep 300' & echo $$ > stage; wait"
STUBBORN = "trap '' TERM; echo $$ > stage; echo $$ > child; while :; do sleep 1; done"
PARENT = """
import subprocess, sys, time
guarded = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)
open("guard", "w").write(str(guarded.pid))
time.sleep(300)
"""


@pytest.fixture(autouse=True)
def _from_anywhere(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    monkeypatch.chdir(tmp_path)


def pid_in(name: str) -> int:
    within(lambda: Path(name).exists() and Path(name).read_text().strip())
    return int(Path(name).read_text())


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def within(condition, seconds: float = 60.0) -> None:
    last = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < last, "it did not happen in time"
        time.sleep(0.02)


def guarded(script: str) -> subprocess.Popen:
    return subprocess.Popen([*guard.COMMAND, "sh", "-c", script], stdin=subprocess.PIPE)


@pytest.mark.parametrize("script", [STAGE, STUBBORN], ids=["a stage", "a stubborn one"])
def test_no_stage_outlives_a_parent_that_was_killed(script):
    command = [sys.executable, "-c", PARENT, *guard.COMMAND, "sh", "-c", script]
    with subprocess.Popen(command) as parent:
        theirs = [pid_in("guard"), pid_in("stage"), pid_in("child")]
        assert all(map(is_alive, theirs))
        parent.send_signal(signal.SIGKILL)
    within(lambda: not any(map(is_alive, theirs)))


def test_a_guard_that_is_asked_to_go_takes_the_stage_with_it():
    with guarded(STAGE) as process:
        theirs = [pid_in("stage"), pid_in("child")]
        process.terminate()
        assert process.wait() == 128 + signal.SIGTERM
    assert not any(map(is_alive, theirs))


def test_what_a_stage_leaves_behind_ends_with_it():
    with guarded("sleep 300 & echo $! > child") as process:
        assert process.wait() == 0
    assert not is_alive(pid_in("child"))


@pytest.mark.parametrize(
    ("script", "code"),
    [("exit 0", 0), ("exit 13", 13), ("kill -9 $$", 128 + signal.SIGKILL)],
)
def test_the_guard_ends_as_the_stage_ended(script, code):
    with guarded(script) as process:
        assert process.wait() == code


def test_a_stage_reads_nothing_from_the_pipe():
    with guarded("cat; echo done > stage") as process:
        assert process.wait() == 0
    assert Path("stage").read_text() == "done\n"


def test_a_log_is_cut_while_it_is_written_and_its_last_lines_are_kept(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(serve, "MOST_BYTES", 3)
    path = tmp_path / "worker.log"
    with path.open("ab", buffering=0) as log:
        for word in (b"one", b"four", b"two"):
            log.write(word)
            serve.shorten(path)
    assert path.read_bytes() == b"two"
    assert path.with_name("worker.log.1").read_bytes() == b"onefour"


def test_a_full_disk_costs_old_lines_of_a_log_and_ends_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(serve, "MOST_BYTES", 3)
    path = tmp_path / "worker.log"
    path.write_bytes(b"four")
    path.with_name("worker.log.1").symlink_to("/dev/full")  # whoever writes there
    serve.shorten(path)
    assert path.read_bytes() == b""
