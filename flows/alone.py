"""One at a time in a project: whoever changes it holds its lock, and it dies with them.

The kernel gives the lock back however its holder ends, so there is no stale one.
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from flows.errors import UsageError

LOCK = Path(".dvc/tmp/retrain.lock")
DVC_LOCK = Path(".dvc/tmp/rwlock")
POLL_SECONDS = 0.5


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
        # A machine that went down leaves it empty, and DVC then waits for ever.
        if held and DVC_LOCK.exists() and not DVC_LOCK.stat().st_size:
            DVC_LOCK.unlink()
        yield held


def _take(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
