"""Prefect's pages, until ctrl-C: `python -m flows.ui` in the project's folder.

They show the runs of this project, also those that were made while nobody looked. As
long as it runs, every retrain reports to it.
"""

import json
import signal
import socket
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from flows import server, settings
from flows.errors import FlowError, UsageError

FLOW = "retrain"


def main() -> int:
    """Serve the pages until we are asked to go; return the exit code."""
    leave_on_signals()
    try:
        port = demand_port(settings.UI_PORT)
        with suppress(KeyboardInterrupt):
            serve(port)
    except FlowError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def leave_on_signals() -> None:
    """End in good order on SIGTERM and SIGINT.

    Also where whoever started us ignores ctrl-C, as a shell does for what it starts in
    the background: Python then ignores it, too.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)


def leave(_number: int, _frame: FrameType | None) -> None:
    """Treat any signal as ctrl-C."""
    raise KeyboardInterrupt


def demand_port(text: str) -> int:
    """Return the port that we are to listen on, if it is one and free."""
    with socket.socket() as probe:
        # As the server does: a port whose last user has just left is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((server.HOST, int(text)))
        except (OSError, OverflowError, ValueError) as error:
            raise UsageError(
                f"port {text} cannot be had: {error}.",
                where=f"{server.HOST}, CHRONICLE_UI_PORT",
                do="end what listens there, or take another: "
                "CHRONICLE_UI_PORT=4300 make ui",
            ) from None
    return int(text)


def serve(port: int) -> None:
    """Start the server, say where it is, and wait for its end."""
    url = server.api_url(port)
    process = server.start(port, {"PREFECT_SERVER_UI_API_URL": url})
    try:
        server.wait(process, url)
        with announced(url):
            print(f"Prefect's pages: {url.removesuffix('/api')}  (ctrl-C ends them)")
            print(f"newest {FLOW}: {newest_run(url)}", flush=True)
            process.wait()
    finally:
        server.stop(process)


@contextmanager
def announced(url: str) -> Iterator[None]:
    """Tell other processes of this project where the server is, while it is there."""
    settings.UI_URL.parent.mkdir(parents=True, exist_ok=True)
    settings.UI_URL.write_text(url)
    try:
        yield
    finally:
        settings.UI_URL.unlink(missing_ok=True)


def newest_run(url: str) -> str:
    """Return where the newest run of the flow is shown."""
    wanted = {
        "flows": {"name": {"any_": [FLOW]}},
        # What is scheduled would be the newest: it is to begin later.
        "flow_runs": {"start_time": {"is_null_": False}},
        "sort": "START_TIME_DESC",
        "limit": 1,
    }
    request = urllib.request.Request(  # noqa: S310, our own server
        f"{url}/flow_runs/filter",
        data=json.dumps(wanted).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        runs = json.load(answer)
    if not runs:
        return "none yet: `make run` makes one"
    return f"{url.removesuffix('/api')}/runs/flow-run/{runs[0]['id']}"


if __name__ == "__main__":
    sys.exit(main())
