"""What the flow costs beside plain DVC: `PYTHONPATH=. python benchmarks/flow.py`.

On the small project of the tests, whose stages take milliseconds: all that is measured
is orchestration. CPU seconds, because those do not grow when others use the machine.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from flows import server
from tests.flows.conftest import FILES

DVC = [sys.executable, "-m", "dvc"]
FLOW = [sys.executable, "-m", "flows.retrain"]


def project(folder: Path) -> None:
    """Write the small project."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for command in (["git", "init", "-q"], [*DVC, "init", "-q"]):
        subprocess.run(command, cwd=folder, check=True)


def cost(name: str, command: list[str], folder: Path, **environment: str) -> float:
    """Run a command; print and return the CPU seconds of all that it started."""
    own = {**os.environ, "PYTHONPATH": str(Path.cwd()), **environment}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, cwd=folder, env=own, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    wall = time.monotonic() - began
    print(f"{name:48} {used:6.1f} CPU s {wall:6.1f} s", flush=True)
    return used


def forget(folder: Path) -> None:
    """Let every stage have to run again, and nothing to be restored."""
    (folder / "dvc.lock").unlink(missing_ok=True)
    shutil.rmtree(folder / ".dvc/cache/runs", ignore_errors=True)
    shutil.rmtree(folder / "champions", ignore_errors=True)


def main() -> None:
    """Measure, and print the ratios."""
    with tempfile.TemporaryDirectory() as made:
        folder, home = Path(made, "toy"), Path(made, "prefect")
        project(folder)
        collect = [sys.executable, "-m", "flows.collect", "sample"]
        cost("collect alone", collect, folder)
        repro = cost("dvc repro, 8 stages", [*DVC, "repro"], folder)
        nothing = cost("dvc repro, nothing new", [*DVC, "repro"], folder)
        port = server.free_port()
        home.mkdir()
        at_hand = server.start(port, {"PREFECT_HOME": str(home), **server.TEMPORARY})
        try:
            server.wait(at_hand, url := server.api_url(port))
            there = {"PREFECT_API_URL": url, "PREFECT_HOME": str(home)}
            idle = cost("flow, nothing new, a server at hand", FLOW, folder, **there)
            forget(folder)
            full = cost("flow, 8 stages, a server at hand", FLOW, folder, **there)
        finally:
            server.stop(at_hand)
        own = cost(
            "flow, nothing new, its own server", FLOW, folder, PREFECT_HOME=str(home)
        )
    each = (full - idle - (repro - nothing)) / 8
    print(f"\nof the flow's own, for each stage that runs: {each:.1f} CPU s")
    print(f"flow / dvc repro, nothing new: {idle / nothing:.1f}, alone {own:.1f} CPU s")


if __name__ == "__main__":
    main()
