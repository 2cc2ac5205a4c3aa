"""What the flow costs beside plain DVC: `PYTHONPATH=. python benchmarks/flow.py`.

With words, of their diseases only: `… benchmarks/flow.py htn t2dm`.

On the whole graph of dvc.yaml, whose commands are replaced by ones that take
milliseconds: all that is measured is orchestration, and hashing what stages read.
CPU seconds, because those do not grow when others use the machine.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from flows import server

DVC = [sys.executable, "-m", "dvc"]
FLOW = [sys.executable, "-m", "flows.retrain", "drop"]
OUTS = ("outs", "metrics", "plots")
# A folder for what has no suffix; nothing of note for what has one.
MAKE = """
for out; do
    case $out in
        *.json) mkdir -p "${out%/*}"; echo '{}' > "$out";;
        *.*) mkdir -p "${out%/*}"; echo "$out" > "$out";;
        *) mkdir -p "$out"; echo "$out" > "$out/part.txt";;
    esac
done
"""


def project(folder: Path) -> int:
    """Clone the project and let its stages do nothing; return how many there are."""
    run(Path.cwd(), "git", "clone", "-q", ".", str(folder))
    if sys.argv[1:]:
        text = (folder / "params.yaml").read_text()
        some = f"diseases: [{', '.join(sys.argv[1:])}]\n"
        text = re.sub(r"(?s)^diseases:\n.*?\]\n", some, text, flags=re.M)
        (folder / "params.yaml").write_text(text)
    (folder / "make.sh").write_text(MAKE)
    (folder / "drop").mkdir()
    (folder / "drop/ann.json").write_text("{}")
    pipe = yaml.safe_load((folder / "dvc.yaml").read_text())
    read = {dep for stage in pipe["stages"].values() for dep in stage["deps"]}
    for stage in pipe["stages"].values():
        outs = [out for kind in OUTS for out in stage.get(kind, [])]
        names = [next(iter(out)) if isinstance(out, dict) else out for out in outs]
        inside = {dep for dep in read for name in names if dep.startswith(f"{name}/")}
        stage["cmd"] = f"sh make.sh {' '.join([*names, *sorted(inside)])}"
    (folder / "dvc.yaml").write_text(yaml.safe_dump(pipe))
    (folder / "dvc.lock").unlink(missing_ok=True)
    run(folder, sys.executable, "-m", "flows.collect", "drop")
    return len(run(folder, *DVC, "stage", "list", "--name-only").split())


def run(folder: Path, *command: str) -> str:
    """Run a command; return what it said."""
    own = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    return subprocess.check_output(command, cwd=folder, env=own, text=True)


def cost(name: str, command: list[str], folder: Path, **environment: str) -> float:
    """Run a command; print a row, and return the CPU seconds of all that it started."""
    own = {**os.environ, "PYTHONPATH": str(Path.cwd()), **environment}
    before, began = used_seconds(), time.monotonic()
    subprocess.run(command, cwd=folder, env=own, check=True, capture_output=True)
    used = used_seconds() - before
    row(name, f"{used:.1f}", f"{time.monotonic() - began:.0f}")
    return used


def row(*cells: str) -> None:
    """Print a row of the table of docs/reference/faults.md."""
    print(f"| {' | '.join(cells)} |", flush=True)


def used_seconds() -> float:
    """Return the CPU seconds of all that we started and that has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def forget(folder: Path) -> None:
    """Let every stage have to run again, and nothing to be restored."""
    (folder / "dvc.lock").unlink(missing_ok=True)
    shutil.rmtree(folder / ".dvc/cache/runs", ignore_errors=True)


def main() -> None:
    """Measure; print the table and, below it, the ratios."""
    with tempfile.TemporaryDirectory() as made:
        folder, home = Path(made, "project"), Path(made, "prefect")
        stages = project(folder)
        row("", "CPU s", "s")
        row("---", "--:", "--:")
        repro = cost(f"`dvc repro`, all {stages} stages", [*DVC, "repro"], folder)
        nothing = cost("`dvc repro`, nothing new", [*DVC, "repro"], folder)
        home.mkdir()
        idle, full = beside_a_server(folder, home, stages)
        alone = "a run with nothing new that brings its own server"
        own = cost(alone, FLOW, folder, PREFECT_HOME=str(home))
    each = (full - repro) / stages
    print(f"\nall stages: run / dvc repro {full / repro:.2f}, {each:.2f} CPU s a stage")
    print(f"nothing new: run / dvc repro {idle / nothing:.1f}, alone {own:.1f} CPU s")
    print(f"load {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores")


def beside_a_server(folder: Path, home: Path, stages: int) -> tuple[float, float]:
    """Measure a run with nothing new, and one of all stages, with a server at hand."""
    port = server.free_port()
    at_hand = server.start(port, {"PREFECT_HOME": str(home), **server.TEMPORARY})
    try:
        server.wait(at_hand, url := server.api_url(port))
        there = {"PREFECT_API_URL": url, "PREFECT_HOME": str(home)}
        beside = "a server at hand (`make serve`)"
        idle = cost(f"a run with nothing new, {beside}", FLOW, folder, **there)
        forget(folder)
        full = cost(f"a run, all {stages} stages, {beside}", FLOW, folder, **there)
    finally:
        before = used_seconds()
        server.stop(at_hand)
        row(
            "of that server, for both of its runs", f"{used_seconds() - before:.1f}", ""
        )
    return idle, full


if __name__ == "__main__":
    main()
