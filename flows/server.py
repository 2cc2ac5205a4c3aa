"""The Prefect server at hand: the one that is named, the one of `make ui`, or our own.

Our own does what Prefect's temporary server does, and starts while Prefect is still
being imported; it ends with us, however we end, because a guard holds it.
"""

import atexit
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from flows import guard, settings
from flows.errors import ServerError

HOST = "127.0.0.1"
TEMPORARY = {"PREFECT_SERVER_UI_ENABLED": "false", "PREFECT__SERVER_EPHEMERAL": "1"}
LOG = "server.log"  # in Prefect's folder
LIMIT = "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"


def at_hand() -> subprocess.Popen[bytes] | None:
    """Set PREFECT_API_URL; return the server that starts for it, if one has to."""
    if os.environ.get("PREFECT_API_URL"):
        return None
    if settings.UI_URL.exists() and is_healthy(url := settings.UI_URL.read_text()):
        os.environ["PREFECT_API_URL"] = url
        return None
    port = free_port()
    process = start(port, TEMPORARY)
    # Exit handlers run last in, first out: Prefect, imported later, first sends what
    # it still has to say.
    atexit.register(stop, process)
    os.environ["PREFECT_API_URL"] = api_url(port)
    # Ours has no pages and is gone when the run is over; `make ui` shows the run then.
    os.environ.setdefault("PREFECT_UI_URL", f"http://{HOST}:{settings.UI_PORT}")
    return process


def start(port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a server as Prefect starts its own; it listens on this machine only.

    What it says goes to a file: one that is told to go in the middle of its work ends
    with tracebacks, and the person at the terminal has asked about a run.
    """
    environment = {**os.environ, "PREFECT__SERVER_FINAL": "1", **environment}
    app = "prefect.server.api.server:create_app"
    uvicorn = ("-m", "uvicorn", "--factory", app, "--lifespan", "on")
    address = ("--host", HOST, "--port", str(port), "--log-level", "error")
    path = Path(environment["PREFECT_HOME"], LOG)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as log:
        return subprocess.Popen(
            [*guard.COMMAND, sys.executable, *uvicorn, *address],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            # ctrl-C is for us; the server is still told how the run ended.
            start_new_session=True,
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server that we started."""
    process.terminate()
    process.wait()


def wait(process: subprocess.Popen[bytes], url: str) -> None:
    """Return when the server answers.

    Raises:
        ServerError: It ended, or did not answer in time.
    """
    limit_seconds = float(os.environ[LIMIT])
    log = Path(os.environ["PREFECT_HOME"], LOG)
    last = time.monotonic() + limit_seconds
    while process.poll() is None and time.monotonic() < last:
        if is_healthy(url):
            return
        time.sleep(0.1)
    raise ServerError(
        "Prefect's server ended before it answered."
        if process.poll() is not None
        else f"Prefect's server did not answer within {limit_seconds:.0f} s.",
        where=url,
        do=f"read {log}; on a busy machine raise {LIMIT}",
    )


def is_healthy(url: str) -> bool:
    """Ask a server whether it is well."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:  # noqa: S310, ours
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def api_url(port: int) -> str:
    """Return where a server on this port answers Prefect's clients."""
    return f"http://{HOST}:{port}/api"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
