"""The command behind `make serve`, and the faults of a machine that runs it."""

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from flows import server
from tests.flows.conftest import ROOT
from tests.flows.post import office

pytestmark = pytest.mark.slow

DONE = {"COMPLETED", "FAILED", "CANCELLED", "CRASHED"}


def within(condition, seconds: float = 300.0):
    last = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < last, "it did not happen in time"
        time.sleep(0.2)
    return found


def family(pid: int) -> dict[int, str]:
    """Return a process and all that it started, with their commands."""
    told = subprocess.check_output(["ps", "-eo", "pid=,ppid=,args="], text=True)
    rows = [line.split(None, 2) for line in told.splitlines()]
    mine = {pid}
    while more := {int(p) for p, parent, _ in rows if int(parent) in mine} - mine:
        mine |= more
    return {int(p): args for p, _, args in rows if int(p) in mine}


def text_of(letter) -> str:
    parts = [each for each in letter.walk() if not each.is_multipart()]
    return "".join(each.get_payload(decode=True).decode() for each in parts)


@pytest.fixture
def hook():
    """Listen for alerts; return the address and what came."""
    came: list[str] = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.append(json.loads(body)["text"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer((server.HOST, 0), Hook) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        yield f"http://{server.HOST}:{listener.server_port}/", came
        listener.shutdown()


@pytest.fixture
def post(tmp_path):
    """Be the hospital's mail server; return its address, whom to trust, what came."""
    with office(tmp_path) as there:
        yield there


class Machine:
    """A machine that runs `make serve` in the small project."""

    def __init__(self, environment: dict[str, str], hook: str, post: tuple) -> None:
        self.port = server.free_port()
        self.url = server.api_url(self.port)
        self.environment = {
            **environment,
            "CHRONICLE_UI_PORT": str(self.port),
            "CHRONICLE_ALERT_WEBHOOK": hook,
            "CHRONICLE_ALERT_MAIL": post[0],
            "SSL_CERT_FILE": str(post[1]),
            "CHRONICLE_SOURCE": "sample",
        }
        self.up()

    def up(self) -> None:
        with Path("serve.log").open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flows.serve"],
                env=self.environment, stdout=log, stderr=log,
            )  # fmt: skip
        within(lambda: "until ctrl-C" in self.said() or self.process.poll())
        assert self.process.poll() is None, self.said()

    def said(self) -> str:
        return Path("serve.log").read_text()

    def down(self) -> None:
        for pid in family(self.process.pid):
            # A guard may have been quicker than we.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def kill(self, word: str) -> None:
        for pid, args in family(self.process.pid).items():
            if word in args and "flows.guard" not in args:
                os.kill(pid, signal.SIGKILL)

    def ask(self, path: str, **data: object):
        request = urllib.request.Request(  # noqa: S310, our own server
            self.url + path,
            data=json.dumps(data).encode() if data else None,
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)

    def answered(self, path: str, **data: object):
        """Ask; None while the server is away, or too busy."""
        try:
            return self.ask(path, **data)
        except OSError:
            return None

    def begin(self, name: str, **parameters: object) -> str:
        path = f"/deployments/name/retrain/{name}"
        deployed = within(lambda: self.answered(path))["id"]
        path = f"/deployments/{deployed}/create_flow_run"
        run = within(lambda: self.answered(path, parameters=parameters))
        return run["id"]

    def state(self, run: str) -> str | None:
        """Return how a run ended; None while it runs or the server is away."""
        found = (self.answered(f"/flow_runs/{run}") or {}).get("state")
        return found["name"] if found and found["type"] in DONE else None


@pytest.fixture
def machine(toy, environment, hook, post):
    Path("flows").symlink_to(ROOT / "flows")
    schedule = yaml.safe_load((ROOT / "prefect.yaml").read_text())
    for deployment in schedule["deployments"]:
        if "only" in deployment["parameters"]:
            deployment["parameters"]["only"] = ["read", "check"]
    Path("prefect.yaml").write_text(yaml.safe_dump(schedule))
    Path("away").write_text("no folder, where the remote should be")
    away = ["remote", "add", "-q", "--default", "there", "away"]
    subprocess.run([sys.executable, "-m", "dvc", *away], check=True)
    machine = Machine(environment, hook[0], post)
    yield machine
    if machine.process.poll() is None:
        machine.down()


def test_it_gets_up_again_whatever_dies_and_tells_of_runs_that_did(machine, hook, post):
    Path("hold").touch()
    Path("sample/cuff.json").write_text("drifts")
    first = machine.begin("nightly")
    within(lambda: Path("pid.red").exists())
    hourly = machine.ask("/deployments/name/retrain/hourly")["id"]
    # As a worker leaves it that dies while it starts a run.
    left = f"/deployments/{hourly}/create_flow_run"
    left = machine.ask(left, state={"type": "PENDING"})["id"]
    machine.down()
    machine.up()
    assert "runs that had ended without a word: 2" in machine.said()
    assert machine.state(first) == machine.state(left) == "Crashed"

    machine.kill("prefect --no-prompt worker")
    within(lambda: "the worker ended" in machine.said())
    second = machine.begin("nightly")
    Path("pid.red").unlink()
    within(lambda: Path("pid.red").exists())
    # As after an outage, when all that was missed is late.
    missed = [machine.begin("nightly"), machine.begin("nightly")]
    assert [within(lambda run=run: machine.state(run)) for run in missed] == (
        ["Cancelled", "Cancelled"]
    )
    within(lambda: [t for t in hook[1] if t.startswith("Chronicle: Cancelled")])
    machine.kill("uvicorn")
    within(lambda: "the server ended" in machine.said())
    within(lambda: server.is_healthy(machine.url))
    Path("hold").unlink()
    third = machine.begin("nightly") if machine.state(second) == "Crashed" else second
    assert within(lambda: machine.state(third)) == "Promoted"
    tags = subprocess.check_output(["git", "tag"], text=True)
    assert tags == "version-1\n"
    [told] = within(lambda: [t for t in hook[1] if "alone: not pushed" in t])
    assert "Promoted: nightly, run 20" in told
    # It was seen by a run that was killed, and told by the one that came to its end.
    assert "watch: red (warn)" in told.splitlines()[0]
    hourly = machine.begin("hourly")
    assert within(lambda: machine.state(hourly)) == "NoChange"

    hourly = machine.begin("hourly", source="nowhere")
    assert within(lambda: machine.state(hourly)) == "CollectFailed"
    [told] = within(lambda: [t for t in hook[1] if "Chronicle: CollectFailed" in t])
    assert "where: nowhere" in told
    [letter] = within(lambda: [e for e in post[2] if "Collect" in e["Subject"]])
    assert "where: nowhere" in text_of(letter)
    assert letter["To"] == "ml@clinic.example"
    assert sum("watch: red" in told.splitlines()[0] for told in hook[1]) == 1
    # Of two that are alike, one is told.
    assert sum(told.startswith("Chronicle: Cancelled") for told in hook[1]) == 1
    left = family(machine.process.pid)
    machine.process.terminate()
    assert machine.process.wait(timeout=120) == 0
    assert not [pid for pid in left if Path(f"/proc/{pid}").exists()]
