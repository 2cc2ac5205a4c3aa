"""A small DVC project that has all that a flow must cope with, and a real server."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows import collect, server

ROOT = Path(__file__).resolve().parents[2]

PIPE = """
stages:
  read:
    cmd: sh steps/read.sh
    deps: [data/landing, data/risks, steps/read.sh]
    params: [read]
    outs: [data/tables.txt]
    metrics: [reports/ledger.json]
  check:
    cmd: sh steps/check.sh
    deps: [data/tables.txt, steps/check.sh]
    outs: [reports/checks.html, reports/watch.json]
    metrics: [reports/checks.json]
  gate:
    cmd: sh steps/gate.sh
    deps: [reports/checks.json, steps/gate.sh]
    outs: [reports/gate.json]
  fit:
    matrix:
      kind: ${kinds}
    cmd: sh steps/fit.sh ${item.kind}
    deps: [data/tables.txt, reports/gate.json, steps/fit.sh]
    params:
      - kinds/${item.kind}.yaml:
    outs: ["models/${item.kind}"]
  rate:
    matrix:
      kind: ${kinds}
    cmd: sh steps/rate.sh ${item.kind}
    deps: ["models/${item.kind}", steps/rate.sh]
    outs:
      - verdicts/${item.kind}.json
      - champions/${item.kind}:
          persist: true
    metrics: ["reports/${item.kind}.json"]
  tell:
    cmd: sh steps/tell.sh
    deps: [models, steps/tell.sh]
    outs: [reports/page.html, reports/summary.txt]
artifacts:
  page: {path: reports/page.html, type: page, desc: what came of it}
  checks: {path: reports/checks.html, type: page, desc: what was asked}
  summary: {path: reports/summary.txt, type: text, desc: in a few lines}
  watch: {path: reports/watch.json, type: watched, desc: what drifts}
  decided: {path: verdicts, type: verdicts, desc: what is in use}
"""
STEPS = {
    # Files that a test puts there make a stage hang, meet a full disk, or lose its DVC
    # in the middle of a commit.
    "read": """
        if [ -e full ]; then echo x > /dev/full || exit 20; fi
        if [ -e kill_dvc ]; then
            dvc=$(grep -o '"pid": [0-9]*' .dvc/tmp/rwlock | head -1 | tr -dc 0-9)
            me=$$
            (while [ -e /proc/$me ]; do :; done; kill -9 $dvc) &
        fi
        echo 'read: 50 % of 2 files, 9 things/s, 1 s left'
        mkdir -p data reports
        cat data/landing/*.json > data/tables.txt
        echo '{"total": {"in": 2, "out": 1}, "of": {"A": {"in": 2, "out": 1}}}' \
            > reports/ledger.json""",
    "check": """
        echo checked > reports/checks.html
        drifts=silent
        if grep -q drifts data/tables.txt; then drifts=warn; fi
        echo '{"red": {"verdict": "'$drifts'"}}' > reports/watch.json
        grep -c bad data/tables.txt > reports/checks.json || true""",
    "gate": """
        if [ "$(cat reports/checks.json)" != 0 ]; then
            echo 'GateError: a rule failed.' >&2
            echo '  where: reports/checks.json' >&2
            exit 13
        fi
        echo '{}' > reports/gate.json""",
    "fit": """
        if [ -e hold ]; then
            echo $$ > pid.$1
            while [ -e hold ]; do sleep 0.1; done
        fi
        mkdir -p models
        cat kinds/$1.yaml data/tables.txt > models/$1""",
    "rate": """
        new=$(sed -n 's/level: //p' models/$1)
        new=${new:-0}
        best=$(cat champions/$1 2>/dev/null || echo 0)
        mkdir -p champions verdicts
        promoted=false why='lower level'
        if [ "$new" -ge "$best" ]; then
            promoted=true why='no lower level'
            echo $new > champions/$1
        fi
        echo '{"promoted": '$promoted', "reasons": ["'$why'"],' \
            '"champion": '$(cat champions/$1)', "challenger": '$new', "questions":' \
            '[{"asked": "level", "challenger": '$new', "champion": '$best'}]}' \
            > verdicts/$1.json
        echo '{"auc": 0.'$new', "curve": [0, 1]}' > reports/$1.json""",
    "tell": """
        cat models/* > reports/page.html
        echo 'all is told' > reports/summary.txt""",
}
FILES = {
    ".gitignore": "/data/?*\n!/data/*.dvc\n/models/\n/reports/\n/verdicts/\n"
    "/champions/\n/.prefect/\n",
    "dvc.yaml": PIPE,
    "params.yaml": "kinds: [red, blue]\nread:\n  shards: 2\n",
    "kinds/red.yaml": "level: 1\n",
    "kinds/blue.yaml": "level: 2\n",
    # It makes sources that nobody asked for: it never ran.
    "simulation/dvc.yaml": "stages:\n  simulate:\n    cmd: exit 1\n"
    "    outs: [../data/simulated]\n",
    "sample/ann.json": '{"name": "ann"}\n',
    "sample/more/bob.json": '{"name": "bob"}\n',
    "sample/readme.txt": "not for us\n",
    **{f"steps/{name}.sh": text for name, text in STEPS.items()},
}


@pytest.fixture(scope="session", autouse=True)
def ours() -> Iterator[None]:
    """Let what is started from here find our packages, wherever it stands."""
    known = filter(None, [os.environ.get("PYTHONPATH")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), *known]))
        yield


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the project once; tests get copies of it."""
    folder = tmp_path_factory.mktemp("pattern")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for command in (
        ["git", "init", "-q", "-b", "main"],
        ["git", "config", "user.name", "Eve"],
        ["git", "config", "user.email", "eve@clinic.example"],
        [sys.executable, "-m", "dvc", "init", "-q"],
        ["git", "add", "."],
        ["git", "commit", "-q", "-m", "the project"],
    ):
        subprocess.run(command, cwd=folder, check=True)
    return folder


@pytest.fixture
def toy(pattern: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a fresh copy of the project."""
    folder = tmp_path / "toy"
    shutil.copytree(pattern, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="session")
def run_once(pattern: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the project's stages once, without the flow; tests get copies of it."""
    folder = tmp_path_factory.mktemp("run") / "once"
    shutil.copytree(pattern, folder)
    with contextlib.chdir(folder):
        collect.bring(Path("sample"), None)
        subprocess.run([sys.executable, "-m", "dvc", "repro", "-q"], check=True)
    return folder


@pytest.fixture
def ran(toy: Path, run_once: Path) -> None:
    """Let the project's stages have run before."""
    shutil.copytree(run_once, toy, dirs_exist_ok=True)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return Prefect's folder; one for all, because making it takes 15 s."""
    return tmp_path_factory.mktemp("prefect")


@pytest.fixture(scope="session")
def environment(home: Path) -> dict[str, str]:
    """Return the environment of a person who has never heard of Prefect."""
    ours = ("PREFECT", "CHRONICLE")
    known = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return {**known, "PREFECT_HOME": str(home), "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="session")
def api(home: Path) -> Iterator[str]:
    """Start a real server for all tests; return where it answers."""
    port = server.free_port()
    process = server.start(port, {"PREFECT_HOME": str(home), **server.TEMPORARY})
    server.wait(process, server.api_url(port))
    yield server.api_url(port)
    server.stop(process)
    process.stdin.close()


@pytest.fixture
def retrain(toy: Path, environment: dict, api: str) -> Callable[..., tuple[int, str]]:
    """Run the command that `make run` calls; return its exit code and its words."""

    def run(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "flows.retrain", *arguments],
            env={**environment, "PREFECT_API_URL": api},
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.fixture
def ask(api: str) -> Callable[..., list[dict]]:
    """Ask the server for things, newest first."""

    def post(things: str, sort: str, **wanted: object) -> list[dict]:
        # Other tests have schedules, in the same server.
        wanted.setdefault("flow_runs", {"start_time": {"is_null_": False}})
        request = urllib.request.Request(  # noqa: S310, our own server
            f"{api}/{things}/filter",
            data=json.dumps({"sort": sort, **wanted}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return json.load(answer)

    return post
