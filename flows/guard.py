"""Run a command so that nothing of it outlives us: `python -m flows.guard COMMAND`.

Whoever starts the guard holds the other end of its standard input. The pipe closes
when that process ends, however it ends, and the guard then ends the command's whole
process group, as it does on SIGTERM, and when the command itself has ended.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType

COMMAND = (sys.executable, "-m", "flows.guard")
GRACE_SECONDS = 5.0


def main(command: Sequence[str]) -> int:
    """Run `command`; return its exit code as a shell would."""
    on_signals(leave)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=watch_pipe, daemon=True).start()
    try:
        code = child.wait()
    finally:
        on_signals(signal.SIG_IGN)  # A second ctrl-C must not leave the work half done.
        end_group(child)
    return code if code >= 0 else 128 - code


def on_signals(
    action: Callable[[int, FrameType | None], None] | signal.Handlers,
) -> None:
    """Set what happens on each signal that asks us to go."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, action)


def leave(number: int, _frame: FrameType | None) -> None:
    """Leave `main` by way of its `finally`."""
    raise SystemExit(128 + number)


def watch_pipe() -> None:
    """Wait for the end of standard input, then end this process in good order."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def end_group(child: subprocess.Popen[bytes]) -> None:
    """End every process of the child's group: asked first, killed after the grace."""
    last = time.monotonic() + GRACE_SECONDS
    alive = reach_group(child, signal.SIGTERM)
    while alive and time.monotonic() < last:
        time.sleep(0.05)
        alive = reach_group(child, 0)
    if alive:
        reach_group(child, signal.SIGKILL)


def reach_group(child: subprocess.Popen[bytes], number: int) -> bool:
    """Send a signal to the child's group; 0 only asks whether anyone is left."""
    child.poll()  # A zombie counts as a member of its group until it is read.
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
