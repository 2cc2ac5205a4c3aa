"""One at a time in a project: whoever changes it holds its lock, and it dies with them.

The kernel gives the lock back however its holder ends, so there is no stale one. DVC by
hand does not know it, and has a list of its own: who reads and who writes what.
"""

import fcntl
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psutil

from flows.errors import UsageError

LOCK = Path(".dvc/tmp/retrain.lock")
DVC_LOCK = Path(".dvc/tmp/rwlock")
POLL_SECONDS = 0.5
LOOKS = 3  # at a list that is being written


def demand_project() -> None:
    """Raise where no DVC project is."""
    if not Path(".dvc").is_dir():
        raise UsageError(
            "this is not the folder of a DVC project.",
            where=str(Path.cwd()),
            do="run it where dvc.yaml is",
        )


@contextmanager
def alone(
    patience_seconds: float = 0.0, waiting: Callable[[], None] = lambda: None
) -> Iterator[bool]:
    """Hold the project; tell whether we could.

    Args:
        patience_seconds: How long to wait for somebody else's end.
        waiting: Called once, when we begin to wait.
    """
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with LOCK.open("w") as lock:
        held = _take(lock)
        if not held and patience_seconds:
            waiting()
            last = time.monotonic() + patience_seconds
            while not held and time.monotonic() < last:
                time.sleep(POLL_SECONDS)
                held = _take(lock)
        yield held


def _take(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    listed = _listed()
    if any(map(_is_dvc, listed or ())):
        fcntl.flock(lock, fcntl.LOCK_UN)
        return False
    # A machine that went down leaves it empty, and DVC then waits for ever; or it names
    # a number that another program has by now, and DVC then says that it is busy. Of a
    # DVC that is between two stages it names nobody, and is about to be written.
    if listed != []:
        DVC_LOCK.unlink(missing_ok=True)
    return True


def _listed() -> list[int] | None:
    """Return who reads or writes, as DVC lists them; None where it cannot be read."""
    for _ in range(LOOKS):
        try:
            told = json.loads(DVC_LOCK.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        except ValueError:  # it is being written, or was left so
            time.sleep(POLL_SECONDS)
        else:
            writers = told.get("write", {}).values()
            readers = (each for many in told.get("read", {}).values() for each in many)
            return [each["pid"] for each in (*writers, *readers)]
    return None


def _is_dvc(pid: int) -> bool:
    try:
        return any("dvc" in word for word in psutil.Process(pid).cmdline())
    except psutil.Error:
        return False
