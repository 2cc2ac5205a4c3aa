"""A run that is told to go, or killed, takes its stages with it."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

STAGE = "echo $$ > pid.$1; exec sleep 300"


def alive() -> set[str]:
    pids = (path.read_text().strip() for path in Path().glob("pid.*"))
    return {pid for pid in pids if pid and Path(f"/proc/{pid}").exists()}


def within(condition, seconds: float) -> None:
    last = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < last, "it did not happen in time"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGKILL, -signal.SIGKILL)],
)
@pytest.mark.usefixtures("ran")
def test_no_stage_goes_on_when_the_run_has_ended(environment, api, number, code):
    Path("steps/fit.sh").write_text(STAGE)
    run = subprocess.Popen(
        [sys.executable, "-m", "flows.retrain"],
        env={**environment, "PREFECT_API_URL": api},
    )
    within(lambda: alive(), seconds=60)
    run.send_signal(number)
    assert run.wait(timeout=30) == code
    within(lambda: not alive(), seconds=15)
