"""A week in a quarter of an hour: `PYTHONPATH=src:. python benchmarks/week.py FOLDER`.

Seven nights of the real flow on virtual patients, in a copy of the project and against
one server with pages. Prints the table of docs/reference/week.md, writes it to
FOLDER/week.json, and takes the pictures of that page.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import week_drops
import week_pictures

from flows import server

ROOT = Path(__file__).resolve().parents[1]
# As the schedule's nightly run: with a version at its end.
NIGHT = """
import sys
from flows import server
server.at_hand()
from flows.pipeline import retrain
state = retrain(sys.argv[1], keep=True, return_state=True)
print("END", state.name)
"""
SMALLER = { # two diseases, and as few draws as still draw
    r"(?s)^diseases:\n.*?\]\n": "diseases: [htn, t2dm]\n",
    r"^index_rules: .*": "index_rules: [today, visits]",
    r"^  patients: \d+": "  patients: 600",
    # So few people have too few outcomes to be held to the usual calibration.
    r"^    off_times: 1.5": "    off_times: 4.0",
    r"^  min_people: 100": "  min_people: 30",
    r"^  shards: \d+": "  shards: 2",
    r"^  bootstrap_replicates: 200": "  bootstrap_replicates: 50",
    r"^  bootstrap_replicates: 1000": "  bootstrap_replicates: 200",
}  # fmt: skip
PENALTIES = "      inverse_penalties: "
USUAL = PENALTIES + "[0.0001, 0.0003, 0.001, 0.003, 0.01, 0.1]"
WORSE = {
    r"^  rounds: \d+": "  rounds: 5",
    rf"^{PENALTIES}\[0.0001.*": PENALTIES + "[0.0000001]",
}
BETTER = {
    r"^  rounds: 5": "  rounds: 120",
    rf"^{PENALTIES}\[0.0000001\]": USUAL,
}


@dataclass(frozen=True)
class Night:
    """What came before a night: whose records, what ails them, what was edited."""

    told: str
    share: float
    ails: Callable[[Any], Any] | None = None
    edits: dict[str, str] | None = None


WEEK = (
    Night("the first drop", 0.75),
    Night("new patients", 1.0),
    Night("nothing new", 1.0),
    Night("a drop without birth dates", 1.0, week_drops.without_birth),
    Night("the drop again, whole; new cuffs read 25 mmHg more", 1.0,
          week_drops.new_cuff),
    Night("somebody edits params.yaml for the worse", 1.0, week_drops.new_cuff, WORSE),
    Night("and takes it back", 1.0, week_drops.new_cuff, BETTER),
)  # fmt: skip


def main() -> int:
    """Live the week."""
    folder = Path(sys.argv[1]).resolve()
    project = folder / "project"
    if not project.exists():
        settle(project)
    with pages(project) as url:
        told = [
            live(number, night, project, url) for number, night in enumerate(WEEK, 1)
        ]
        (folder / "week.json").write_text(json.dumps(told, indent=1))
        print(table(told))
        week_pictures.take(told, url.removesuffix("/api"), folder)
    return 0


def settle(project: Path) -> None:
    """Make a copy of the project with less to do, and let people live in it."""
    project.parent.mkdir(parents=True, exist_ok=True)
    call(ROOT, "git", "clone", "-q", ".", str(project))
    for key, value in {"name": "Eve", "email": "eve@clinic.example"}.items():
        call(project, "git", "config", f"user.{key}", value)
    edit(project, SMALLER, "a small clinic")
    if not (project.parent / "lives").exists():
        call(
            project,
            sys.executable,
            "-m",
            "chronicle",
            "simulate",
            "diseases",
            "../lives",
        )


def edit(project: Path, edits: dict[str, str], why: str) -> None:
    """Change params.yaml and commit it, as a person would."""
    params = project / "params.yaml"
    text = params.read_text()
    for old, new in edits.items():
        text, found = re.subn(old, new, text, count=1, flags=re.MULTILINE)
        if not found:
            raise ValueError(f"params.yaml has no {old}")
    params.write_text(text)
    call(project, "git", "commit", "-qam", f"params: {why}")


def of(project: Path) -> dict[str, str]:
    """Return the environment of the project, with its own code and runs."""
    code = os.pathsep.join([str(project / "src"), str(project)])
    home = str(project / ".prefect")
    return {**os.environ, "PYTHONPATH": code, "PREFECT_HOME": home}


def call(project: Path, *command: str) -> str:
    """Run a command in the project; return what it printed."""
    done = subprocess.run(
        command, cwd=project, env=of(project), capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


@contextmanager
def pages(project: Path) -> Iterator[str]:
    """Serve the pages that `make ui` serves; yield where the server answers."""
    port = server.free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "flows.ui"],
        cwd=project,
        env=of(project) | {"CHRONICLE_UI_PORT": str(port)},
        stdout=subprocess.DEVNULL,
    ) as process:
        url = server.api_url(port)
        try:
            while not server.is_healthy(url):
                time.sleep(1)
            yield url
        finally:
            process.terminate()


def live(number: int, night: Night, project: Path, url: str) -> dict[str, Any]:
    """Let the drop arrive and the night pass; return what the run's page says."""
    if night.edits:
        edit(project, night.edits, night.told)
    drop(project.parent / "lives/landing", project.parent / "drop", night)
    began = time.monotonic()
    call(project, sys.executable, "-c", NIGHT, str(project.parent / "drop"))
    seconds = time.monotonic() - began
    [run] = week_pictures.runs(url, limit=1)
    told = {
        "night": number,
        "what": night.told,
        "state": run["state_name"],
        "seconds": round(seconds),
        "message": run["state"]["message"],
        "run": run["id"],
    }
    print(json.dumps(told), flush=True)
    return told


def drop(lives: Path, landing: Path, night: Night) -> None:
    """Make the folder of drops what it is on that night."""
    shutil.rmtree(landing, ignore_errors=True)
    for path in sorted(lives.rglob("*")):
        if path.is_file() and arrival(path) <= night.share:
            to = landing / path.relative_to(lives)
            to.parent.mkdir(parents=True, exist_ok=True)
            week_drops.copy(path, to, night.ails)


def arrival(path: Path) -> float:
    """Return by when a file has arrived, as a share of all: of a patient, or a part."""
    if part := re.search(r"-(\d{4})\.ndjson", path.name):
        return (int(part[1]) + 1) / 4
    return zlib.crc32(path.name.encode()) / 2**32


def table(told: list[dict[str, Any]]) -> str:
    """Return the week as a table of a page."""
    rows = [
        "| night | what came | state | seconds | what the page says |",
        "| --- | --- | --- | --: | --- |",
    ]
    for each in told:
        says = " ".join(each["message"].split())
        rows.append(f"| {each['night']} | {each['what']} | `{each['state']}` |"
                    f" {each['seconds']} | {says} |")  # fmt: skip
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
