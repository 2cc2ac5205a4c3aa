"""How fast virtual patients are made, and in how much memory: `make bench`.

The limit is `orjson` reading and writing the same landing again: no simulator that
writes JSON with it can be faster. Ratios are of one run, on one machine.
"""

import gzip
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import orjson
import yaml

ROOT = Path(__file__).resolve().parents[1]
SIZES = ((1_000, 1), (1_000, 2), (20_000, 2))  # patients, workers
MEGA = 1_000_000
WATCH = "/proc/{}/status"


@dataclass(frozen=True)
class Cost:
    """What a run cost: seconds on the clock and of processors, most memory of one."""

    wall: float
    cpu: float
    peak_mb: float


def main() -> int:
    """Print one line for each size."""
    print(
        "patients workers  wall s  patients/s  MB/s  CPU s  x limit  peak MB a process"
    )
    for patients, workers in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            cost = simulate(Path(folder), patients, workers)
            landing = Path(folder, "simulated", "landing")
            size, limit = written_again(landing)
        print(
            f"{patients:8,} {workers:7} {cost.wall:7.1f} {patients / cost.wall:11.0f} "
            f"{size / MEGA / cost.wall:5.1f} {cost.cpu:6.1f} {cost.cpu / limit:8.1f} "
            f"{cost.peak_mb:13.0f}",
            flush=True,
        )
    return 0


def simulate(folder: Path, patients: int, workers: int) -> Cost:
    """Run the stage in a folder of its own."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["simulate"]["patients"] = patients
    (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    return run(folder, workers, "simulate", str(ROOT / "diseases"), "simulated")


def run(folder: Path, workers: int, *stage: str) -> Cost:
    """Run a stage in a folder, in a process of its own; return what it cost.

    Not `ru_maxrss`: it counts what this process had when it started that one.
    """
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "chronicle", *stage],
        cwd=folder,
        env={**os.environ, "CHRONICLE_WORKERS": str(workers)},
        stderr=subprocess.DEVNULL,
    )
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, *map(memory_mb, family(process.pid)))
        time.sleep(0.05)
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise SystemExit(process.returncode)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, peak)


def family(pid: int) -> list[int]:
    """Return a process and those that it started."""
    told = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        children = [int(word) for word in told.read_text(encoding="ascii").split()]
    except OSError:
        children = []
    return [pid, *(one for child in children for one in family(child))]


def memory_mb(pid: int) -> float:
    """Return the most memory that a process had so far."""
    try:
        lines = Path(WATCH.format(pid)).read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    found = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return int(found[0]) / 1000 if found else 0.0


def written_again(landing: Path) -> tuple[int, float]:
    """Read and write every resource with orjson; return bytes of JSON and CPU s."""
    size, spent = 0, 0.0
    for path in sorted(each for each in landing.rglob("*") if each.is_file()):
        raw = path.read_bytes()
        text = gzip.decompress(raw) if path.suffix == ".gz" else raw
        size += len(text)
        parts = text.splitlines() if ".ndjson" in path.name else [text]
        began = time.process_time()
        for part in parts:
            try:
                orjson.dumps(orjson.loads(part))
            except orjson.JSONDecodeError:
                continue  # Planted: it is cut off.
        spent += time.process_time() - began
    return size, spent


if __name__ == "__main__":
    sys.exit(main())
