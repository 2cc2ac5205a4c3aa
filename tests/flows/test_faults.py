"""What a night can bring: after each fault, the bytes of a night without one.

docs/reference/faults.md has the table of them.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from flows import collect, graph, whole
from flows.alone import DVC_LOCK, alone

pytestmark = pytest.mark.slow

RETRAIN = [sys.executable, "-m", "flows.retrain"]
DVC = [sys.executable, "-m", "dvc"]


def within(condition, seconds: float = 120.0) -> None:
    last = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < last, "it did not happen in time"
        time.sleep(0.05)


def held(kind: str) -> int:
    """Wait until the stage hangs; return who it is."""
    path = Path(f"pid.{kind}")
    within(lambda: path.exists() and path.read_text().strip())
    return int(path.read_text())


def made() -> dict[str, object]:
    """Return all that was made; the lock lists stages as they came to an end."""
    places = ("data", "models", "champions", "reports", "verdicts")
    files = (path for place in places for path in Path(place).rglob("*"))
    kept = {str(path): path.read_bytes() for path in files if path.is_file()}
    return kept | {"dvc.lock": yaml.safe_load(Path("dvc.lock").read_text())}


@pytest.fixture
def undisturbed(run_once, monkeypatch) -> dict[str, object]:
    """Return what a night without any fault leaves."""
    with monkeypatch.context() as there:
        there.chdir(run_once)
        return made()


@pytest.fixture
def start(environment, api):
    def begin() -> subprocess.Popen:
        for path in Path().glob("pid.*"):
            path.unlink()
        return subprocess.Popen(RETRAIN, env={**environment, "PREFECT_API_URL": api})

    return begin


@pytest.fixture
def states(ask):
    def newest(count: int) -> list[str]:
        runs = ask("flow_runs", "START_TIME_DESC", limit=count)
        return [run["state_name"] for run in reversed(runs)]

    return newest


def test_whatever_ends_a_run_the_next_one_goes_on_and_the_bytes_are_the_same(
    undisturbed, toy, start, states
):
    Path("full").touch()
    assert start().wait() == 20
    Path("full").rename("kill_dvc")
    assert start().wait() == 70
    Path("kill_dvc").rename("hold")
    run = start()
    os.kill(held("red"), signal.SIGKILL)
    Path("hold").unlink()
    assert run.wait() == 128 + signal.SIGKILL
    Path("hold").touch()
    Path("kinds/blue.yaml").write_text("level: 2\nmore: 1\n")
    run = start()
    held("red")
    run.kill()
    run.wait()
    Path("hold").unlink()
    Path("kinds/blue.yaml").write_text("level: 2\n")
    # The clock goes back, and what was written looks as if it came from the future.
    for path in [*Path("data").rglob("*"), Path("dvc.lock")]:
        os.utime(path, (4e9, 4e9))
    assert start().wait() == 0
    assert states(5) == [
        "StageFailed", "StageFailed", "StageFailed", "Crashed", "Promoted",
    ]  # fmt: skip
    assert made() == undisturbed
    assert not graph.read().dirty
    with alone() as nobody_else, graph.project() as repo:
        assert nobody_else
        assert not whole.damaged(repo)


@pytest.mark.usefixtures("ran")
def test_what_the_disk_did_to_the_cache_reaches_no_model(retrain, states):
    before = made()
    md5 = whole.md5_of(Path("models/red"))
    [kept] = Path(".dvc/cache").rglob(md5[2:])
    kept.chmod(0o644)
    kept.write_text("rotten")
    kept.chmod(0o444)
    Path("models/red").unlink()
    code, told = retrain("data/landing")
    assert code == 0
    assert "what DVC's cache had kept of it was damaged" in told
    assert made() == before


@pytest.fixture
def patient(environment, api):
    """Begin a run that waits for its turn, as those of the schedule do."""
    waits = (
        "from flows.pipeline import retrain;"
        "print(retrain('sample', patience_minutes=5, return_state=True).name)"
    )

    def begin() -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-c", waits],
            env={**environment, "PREFECT_API_URL": api},
            stdout=subprocess.PIPE,
            text=True,
        )

    return begin


def test_a_run_waits_for_dvc_by_hand_and_goes_on_after_it(
    undisturbed, toy, patient, states
):
    collect.bring("sample", None)
    Path("hold").touch()
    by_hand = subprocess.Popen([*DVC, "repro", "-q", "fit@red"])
    held("red")
    with alone() as nobody_else:
        assert not nobody_else
    run = patient()
    within(lambda: states(1) == ["Waiting"])
    Path("hold").unlink()
    assert by_hand.wait() == 0
    assert run.communicate()[0] == "Promoted\n"
    assert made() == undisturbed


@pytest.mark.usefixtures("ran")
def test_a_run_that_waits_is_seen_to_wait_and_then_runs(patient, states):
    with alone() as nobody_else:
        assert nobody_else
        run = patient()
        within(lambda: states(1) == ["Waiting"])
    assert run.communicate()[0] == "NoChange\n"


@pytest.mark.parametrize(
    "left",
    [
        "",
        '{"read": {',
        json.dumps({"write": {"a": {"pid": os.getpid(), "cmd": "dvc"}}}),
    ],
    ids=["empty", "half", "names a number that another program has by now"],
)
def test_what_a_crash_left_of_dvcs_lock_holds_nobody_up(toy, left):
    DVC_LOCK.parent.mkdir(parents=True, exist_ok=True)
    DVC_LOCK.write_text(left)
    with alone() as nobody_else:
        assert nobody_else
        assert not DVC_LOCK.exists()


@pytest.mark.usefixtures("toy")
def test_the_lock_of_a_dvc_that_is_between_two_stages_is_left_to_it():
    DVC_LOCK.parent.mkdir(parents=True, exist_ok=True)
    DVC_LOCK.write_text(json.dumps({"read": {}, "write": {}}))
    with alone() as nobody_else:
        assert nobody_else
        assert DVC_LOCK.exists()
