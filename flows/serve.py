"""Server, worker and schedule on one machine: `python -m flows.serve` (`make serve`).

Until ctrl-C or SIGTERM. What of the two ends by itself is started again; what a run was
doing when the machine went down is called crashed, and the next run does it.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from httpx import HTTPError

from flows import guard, server, settings
from flows.alone import demand_project
from flows.errors import FlowError
from flows.ui import announced, demand_port, leave_on_signals

POLL_SECONDS = 1.0
REST_SECONDS = 5.0  # before what ended by itself is started again
LOG = "worker.log"  # in Prefect's folder
MOST_BYTES = 20_000_000  # of a log


def main() -> int:
    """Serve until we are asked to go; return the exit code."""
    leave_on_signals()
    try:
        demand_project()
        serve(demand_port(settings.UI_PORT))
    except FlowError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 0
    return 0


def serve(port: int) -> None:
    """Start the server, lay the schedule down, and keep both running."""
    url = server.api_url(port)
    os.environ["PREFECT_API_URL"] = url
    # The worker's runs import this package from the project.
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(Path.cwd()), os.environ.get("PYTHONPATH")])
    )
    makers = {
        "server": lambda: start_server(port, url),
        "worker": start_worker_again,
    }
    running = {"server": start_server(port, url)}
    try:
        with announced(url):
            lay_down()
            running["worker"] = start_worker()
            print(f"Prefect's pages: {url.removesuffix('/api')}", flush=True)
            print("the schedule runs until ctrl-C", flush=True)
            keep_running(running, makers)
    finally:
        # The worker first: it still tells the server how its runs ended.
        for name in reversed(running):
            server.stop(running[name])


def lay_down() -> None:
    """Make the schedule and the alerts what their files say; bury the dead."""
    # Prefect reads the environment when it is imported.
    from flows import alerts, crashed, schedule

    schedule.lay_down()
    told = alerts.lay_down()
    print(f"alerts: {', '.join(told) or 'none: docs/how-to/run-unattended.md'}")
    if dead := crashed.mark(no_worker=True):
        print(f"runs that had ended without a word: {dead}")


def start_server(port: int, url: str) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers."""
    process = server.start(port, {"PREFECT_SERVER_UI_API_URL": url})
    try:
        server.wait(process, url)
    except BaseException:
        server.stop(process)
        raise
    return process


def start_worker() -> subprocess.Popen[bytes]:
    """Start the worker; its runs end with it, because a guard holds them."""
    from flows.schedule import POOL, PREFECT

    words = ("worker", "start", "--pool", POOL, "--type", "process")
    name = ("--name", socket.gethostname())
    with Path(os.environ["PREFECT_HOME"], LOG).open("ab") as log:
        return subprocess.Popen(
            [*guard.COMMAND, *PREFECT, *words, *name],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def start_worker_again() -> subprocess.Popen[bytes]:
    """Start a worker in the place of one that died, and bury what it was starting."""
    from flows import crashed

    crashed.mark(no_worker=True)
    return start_worker()


def keep_running(
    running: dict[str, subprocess.Popen[bytes]],
    makers: dict[str, Callable[[], subprocess.Popen[bytes]]],
) -> None:
    """Start again what has ended by itself, until we are asked to go."""
    logs = [Path(os.environ["PREFECT_HOME"], name) for name in (LOG, server.LOG)]
    while True:
        time.sleep(POLL_SECONDS)
        for log in logs:
            shorten(log)
        for name, process in list(running.items()):
            if process.poll() is not None:
                print(f"the {name} ended ({process.returncode}); again", flush=True)
                time.sleep(REST_SECONDS)
                # The server may go meanwhile: it comes first the next time.
                with suppress(HTTPError):
                    running[name] = makers[name]()


def shorten(log: Path) -> None:
    """Keep the last megabytes of a log and those before them, and no more.

    Whoever writes it has it open to append, and goes on at its new end.
    """
    if log.exists() and log.stat().st_size > MOST_BYTES:
        with suppress(OSError):  # A full disk must not end us, and this makes room.
            shutil.copyfile(log, log.with_name(f"{log.name}.1"))
        os.truncate(log, 0)


if __name__ == "__main__":
    sys.exit(main())
