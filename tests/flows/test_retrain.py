"""The whole command against a real DVC project and a real Prefect server."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.alone import LOCK

pytestmark = pytest.mark.slow

BRANCHES = {f"{stage}@{kind}" for stage in ("fit", "rate") for kind in ("red", "blue")}
ALL = {"read", "check", "gate", "tell", *BRANCHES}


@pytest.fixture
def last_run(ask):
    """Return the newest flow run as the pages of Prefect show it."""

    def look() -> dict:
        [run] = ask("flow_runs", "START_TIME_DESC", limit=1)
        its_own = {"flow_runs": {"id": {"any_": [run["id"]]}}}
        tasks = ask("task_runs", "END_TIME_DESC", limit=100, **its_own)
        artifacts = ask("artifacts", "CREATED_DESC", limit=100, **its_own)
        return {
            "state": run["state_name"],
            "message": run["state"]["message"],
            "tasks": {task["name"]: task["state_name"] for task in tasks},
            "artifacts": {made["key"]: made["data"] for made in artifacts},
        }

    return look


def test_all_stages_run_once_and_are_shown_and_the_second_time_nothing_does(
    retrain, last_run
):
    code, told = retrain()
    assert code == 0, told
    run = last_run()
    assert run["state"] == "Promoted"
    assert run["tasks"] == {"collect": "Collected", **dict.fromkeys(ALL, "Ran")}
    assert "all is told" in told
    assert not any(name in told for name in ("ann", "bob"))  # files of the landing
    assert f"page: {Path('reports/page.html').resolve()}\n" in told
    is_all_that_dvc_declares(run["artifacts"])

    code, told = retrain()
    assert code == 0
    run = last_run()
    assert run["state"] == "NoChange"
    assert run["tasks"] == {"collect": "Collected"}


def is_all_that_dvc_declares(artifacts: dict[str, str]) -> None:
    """See what the page of the first run shows."""
    assert artifacts.keys() == {
        "run-summary", "page", "checks", "summary", "watch",
        "reports-ledger-json", "reports-checks-json",
        "reports-red-json", "reports-blue-json", "progress-read", "decisions",
    }  # fmt: skip
    assert artifacts["progress-read"] == 100
    assert Path("reports/page.html").resolve().as_uri() in artifacts["page"]
    assert "all is told" in artifacts["summary"]
    assert '{"path": "total", "in": 2, "out": 1}' in artifacts["reports-ledger-json"]
    assert "| gate | Ran |" in artifacts["run-summary"]


REAL_GATE = """
mkdir -p reports/verdicts
cp verdict.json reports/verdicts/events.json
exec python -m chronicle gate reports/verdicts reports/gate.json
"""


@pytest.mark.usefixtures("ran")
def test_a_failed_gate_stops_what_is_behind_it_and_shows_why(retrain, last_run):
    answer = {"severity": "critical", "passed": False, "errored": False}
    answer |= {"unexpected": 3, "checked": 9, "places": []}
    verdict = {"table": "events", "rows": 9, "warnings": 0}
    verdict["expectations"] = {"after-birth": answer}
    Path("verdict.json").write_text(json.dumps(verdict))
    Path("steps/gate.sh").write_text(REAL_GATE)
    Path("sample/eve.json").write_text("more")
    code, told = retrain()
    assert code == 13
    run = last_run()
    assert run["state"] == "GateFailed"
    # The check, its table, the count, where, and what to do.
    assert run["message"].startswith(
        "gate: GateError: 1 critical expectation(s) failed"
    )
    assert "events.after-birth (3 of 9)" in run["message"]
    assert (
        "where: reports/verdicts/index.html\n  do:    open that page" in run["message"]
    )
    assert run["message"].endswith("what was in use stays in use")
    assert run["tasks"]["gate"] == "GateFailed"
    behind = ALL - {"read", "check", "gate"}
    assert {run["tasks"][stage] for stage in behind} == {"Skipped"}
    assert "fit@red    Skipped     " in told
    assert Path("reports/checks.html").resolve().as_uri() in run["artifacts"]["checks"]
    assert "page.html, from an earlier run" in told
    assert "all is told" not in told


def test_one_branch_fails_and_the_other_goes_on(retrain, last_run):
    Path("steps/rate.sh").write_text(
        "[ $1 = blue ] || exit 12; mkdir -p champions verdicts; echo 1 > champions/$1;"
        'echo "{}" > "verdicts/$1.json"; echo 1 > "reports/$1.json"'
    )
    code, _ = retrain()
    assert code == 12
    run = last_run()
    assert (run["state"], run["message"]) == (
        "StageFailed",
        "rate@red: ERROR: failed to reproduce 'rate@red': failed to run: "
        "sh steps/rate.sh red, exited with 12\n"
        "  do:    see the stage's log; mend it and run again: what was done is kept\n"
        "  so:    what was in use stays in use",
    )
    assert (run["tasks"]["rate@blue"], run["tasks"]["tell"]) == ("Ran", "Ran")


@pytest.mark.skipif(os.cpu_count() == 1, reason="one core runs one stage at a time")
@pytest.mark.usefixtures("ran")
def test_branches_that_do_not_need_each_other_run_side_by_side(retrain):
    meet = "for i in $(seq 300); do [ -e came.red -a -e came.blue ] && exit 0; "
    Path("steps/fit.sh").write_text(
        f"mkdir -p models; touch came.$1 models/$1; {meet} sleep 0.1; done; exit 12"
    )
    code, told = retrain()
    assert code == 0, told


@pytest.mark.usefixtures("ran")
def test_an_edit_to_one_item_runs_its_branch_only(retrain, last_run):
    Path("kinds/red.yaml").write_text("level: 7\n")
    assert retrain()[0] == 0
    tasks = last_run()["tasks"]
    assert {name for name, state in tasks.items() if state == "Ran"} == {
        "fit@red", "rate@red", "tell",
    }  # fmt: skip
    assert tasks["fit@blue"] == tasks["rate@blue"] == tasks["gate"] == "Unchanged"


@pytest.mark.usefixtures("ran")
def test_what_was_made_before_is_restored_not_made_again(retrain, last_run):
    before = Path("kinds/red.yaml").read_text()
    Path("kinds/red.yaml").write_text("level: 7\n")
    retrain()
    Path("kinds/red.yaml").write_text(before)
    assert retrain()[0] == 0
    run = last_run()
    assert run["state"] == "KeptChampion"
    assert "kept as it was: red (lower level)" in run["message"]
    assert run["tasks"]["fit@red"] == "Restored"
    assert (
        '"before": 0.7, "now": 0.1, "difference": -0.6'
        in (run["artifacts"]["what-changed"])
    )
    assert (
        "| fit@red | Restored |  | kinds/red.yaml: level changed; made before"
        in (run["artifacts"]["run-summary"])
    )


def test_a_second_run_does_not_start_beside_the_first(retrain, last_run):
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, told = retrain()
    assert code == 75
    assert last_run()["state"] == "AlreadyRunning"
    assert "AlreadyRunning: another run is under way" in told
    assert not Path("data/landing").exists()


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        ("sed -i s/blue/green/ params.yaml", "add kinds/green.yaml"),
        ("echo '  a: [' >> dvc.yaml", "where: dvc.yaml"),
    ],
)
def test_a_broken_pipe_fails_the_run_with_words(retrain, last_run, break_it, told):
    subprocess.run(break_it, shell=True, check=True)  # noqa: S602, a test's own words
    code, words = retrain()
    assert code == 10
    run = last_run()
    assert run["state"] == "PipelineBroken"
    assert told in run["message"]
    assert told in run["artifacts"]["run-summary"]
    assert told in words
    assert "Traceback" not in words


@pytest.mark.usefixtures("ran")
def test_a_source_that_is_not_there_fails_the_run_and_touches_nothing(
    retrain, last_run
):
    code, told = retrain("nowhere")
    assert code == 15
    assert last_run()["state"] == "CollectFailed"
    assert "where: nowhere" in told
    assert Path("data/landing/ann.json").exists()


@pytest.mark.usefixtures("ran")
def test_risks_that_are_named_come_with_the_source_and_go_with_the_next(
    retrain, last_run
):
    Path("given").mkdir()
    Path("given/eve_smith.parquet").write_bytes(b"risks")
    code, told = retrain("sample", "given")
    assert code == 0, told
    assert "risks: 1 files copied" in told
    assert "smith" not in told
    assert last_run()["tasks"]["collect"] == "Collected"
    assert Path("data/risks/eve_smith.parquet").exists()
    assert retrain("sample")[0] == 0
    assert not list(Path("data/risks").iterdir())
    assert retrain("sample", "given", "more")[0] == 2


RETRIED = """
from prefect import flow
from flows.stage import run_stage

@flow
def once():
    quick = run_stage.with_options(retry_delay_seconds=[0, 0, 0])
    print(quick("read", why="asked", return_state=True).name)

once(return_state=True)
"""


@pytest.mark.parametrize(
    ("exits", "works_at", "state", "tries"),
    [
        pytest.param(75, 3, "Ran", 3, id="a lost worker comes back"),
        pytest.param(75, 9, "StageFailed", 4, id="but not for ever"),
        pytest.param(12, 2, "StageFailed", 1, id="bad data is as bad again"),
    ],
)
@pytest.mark.usefixtures("ran")
def test_only_what_may_pass_is_tried_again(
    environment, api, exits, works_at, state, tries
):
    Path("steps/read.sh").write_text(
        f"echo try >> tries; [ $(wc -l < tries) -lt {works_at} ] && exit {exits}\n"
        "mkdir -p data reports; echo x > data/tables.txt; echo {} > reports/ledger.json"
    )
    done = subprocess.run(
        [sys.executable, "-c", RETRIED],
        env={**environment, "PREFECT_API_URL": api},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == state, done.stderr
    assert len(Path("tries").read_text().splitlines()) == tries


def test_with_no_server_anywhere_it_brings_its_own_and_takes_it_away(toy, environment):
    run = [sys.executable, "-m", "flows.retrain"]
    done = subprocess.run(run, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "\nPromoted: in use now: blue, red; 8 ran" in done.stdout
    assert "View at http://127.0.0.1:4200/runs/flow-run/" in done.stderr
    left = subprocess.run(["pgrep", "-f", str(toy)], capture_output=True, text=True)
    assert not left.stdout


def test_a_server_that_cannot_start_speaks_in_its_log_not_at_the_terminal(
    toy, environment, tmp_path
):
    broken = {
        **environment,
        "PREFECT_HOME": str(tmp_path / "home"),
        "PREFECT_API_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:////nowhere/at/all",
    }
    run = [sys.executable, "-m", "flows.retrain"]
    done = subprocess.run(run, env=broken, capture_output=True, text=True)
    assert done.returncode == 75
    assert "server ended before it answered" in done.stderr
    assert f"read {tmp_path / 'home' / 'server.log'}" in done.stderr
    assert "Traceback" not in done.stderr
    assert "unable to open database" in (tmp_path / "home/server.log").read_text()


def test_outside_a_project_nothing_is_made(tmp_path, environment):
    done = subprocess.run(
        [sys.executable, "-m", "flows.retrain"],
        cwd=tmp_path, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "run it where dvc.yaml is" in done.stderr
    assert not list(tmp_path.iterdir())
