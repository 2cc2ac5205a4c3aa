"""The command behind `make ui`, with the server that it really starts."""

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from flows import server

pytestmark = pytest.mark.slow

UI = [sys.executable, "-m", "flows.ui"]


@pytest.fixture
def port() -> int:
    return server.free_port()


@pytest.fixture
def own(environment: dict, port: int) -> dict[str, str]:
    return {**environment, "CHRONICLE_UI_PORT": str(port)}


@pytest.fixture
def pages(toy, own):
    def in_background() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell does

    with subprocess.Popen(
        UI, env=own, stdout=subprocess.PIPE, text=True, preexec_fn=in_background
    ) as process:
        while "newest" not in (line := process.stdout.readline()):
            assert process.poll() is None
        process.newest = line
        yield process
        process.kill()


def called(url: str, data: dict | None = None) -> dict:
    request = urllib.request.Request(  # noqa: S310, our own server
        url,
        data=json.dumps(data).encode() if data else None,
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)


def end(pages: subprocess.Popen, number: int, port: int) -> None:
    """Tell the pages to end; they say where they are for as long as they live."""
    url = Path(".prefect/ui.url")
    assert url.read_text() == f"http://127.0.0.1:{port}/api"
    pages.send_signal(number)
    assert pages.wait(timeout=60) == 0
    assert not url.exists()
    assert not server.is_healthy(f"http://127.0.0.1:{port}/api")


def test_a_run_made_meanwhile_is_shown_and_so_is_one_made_before(pages, own, port):
    run = [sys.executable, "-m", "flows.retrain"]
    done = subprocess.run(run, env=own, capture_output=True, text=True)
    assert done.returncode == 0
    [shown] = re.findall(r"View at (\S+)", done.stderr)
    assert shown.startswith(f"http://127.0.0.1:{port}/runs/flow-run/")
    as_a_browser = urllib.request.Request(shown, headers={"Accept": "text/html"})  # noqa: S310
    with urllib.request.urlopen(as_a_browser) as page:  # noqa: S310, our own server
        assert b"<title>Prefect" in page.read()

    # One that is to begin later is no newer one.
    flow = called(f"http://127.0.0.1:{port}/api/flows/name/retrain")["id"]
    later = {"scheduled_time": "2100-01-01T00:00:00Z"}
    scheduled = {"type": "SCHEDULED", "state_details": later}
    to_be = {"flow_id": flow, "state": scheduled}
    assert called(f"http://127.0.0.1:{port}/api/flow_runs/", to_be)["id"]
    end(pages, signal.SIGTERM, port)
    with subprocess.Popen(UI, env=own, stdout=subprocess.PIPE, text=True) as again:
        while "newest" not in (line := again.stdout.readline()):
            assert again.poll() is None
        end(again, signal.SIGINT, port)
    assert line == f"newest retrain: {shown}\n"


def test_a_port_that_is_taken_is_an_error_that_says_what_to_do(toy, own, port):
    with socket.create_server(("127.0.0.1", port)):
        done = subprocess.run(UI, env=own, capture_output=True, text=True)
    assert done.returncode == 2
    assert f"port {port} cannot be had" in done.stderr
    assert "CHRONICLE_UI_PORT=4300 make ui" in done.stderr
    assert not Path(".prefect/ui.url").exists()


def test_pages_that_died_without_a_word_mislead_nobody(toy, own, port):
    Path(".prefect").mkdir()
    Path(".prefect/ui.url").write_text(f"http://127.0.0.1:{port}/api")
    run = [sys.executable, "-m", "flows.retrain"]
    done = subprocess.run(run, env=own, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
