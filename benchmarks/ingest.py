"""How fast bundles become tables, and in how much memory: `make bench`.

The limit is `orjson.loads` of the same bytes, unpacked, one document or line at a time,
in this process: nothing that looks at JSON from Python is faster. It is given twice, as
Python is by default and with its collector of circles off, as `ingest` has it.
`python benchmarks/ingest.py FOLDER...` measures landings of your own.
"""

import gc
import gzip
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import orjson
from simulate import MEGA, ROOT, simulate

SIZES = (300, 3_000)  # patients
JUDGED = 1_500  # resources that R4B is timed on, evenly spread


@dataclass(frozen=True)
class Limit:
    """What reading the same landing costs: bytes, resources, CPU seconds."""

    size: int
    resources: int
    parsed: float
    uncollected: float


def main() -> int:
    """Print one line for each landing."""
    print(
        "landing               MB  resources  CPU s  MB/s  res./s  x orjson (no gc)"
        "  x R4B faster  peak MB"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, landing in landings(Path(folder)):
            measure(name, landing)
    return 0


def landings(folder: Path) -> Iterator[tuple[str, Path]]:
    """Give a landing of nothing to do, then those of the command line, or simulated."""
    idle = folder / "idle"
    idle.mkdir()
    (idle / "x.json").write_bytes(b'{"resourceType": "Patient", "id": "x"}')
    yield "start alone", idle
    for named in sys.argv[1:]:
        yield Path(named).name, Path(named).resolve()
    for patients in () if sys.argv[1:] else SIZES:
        place = folder / str(patients)
        place.mkdir()
        simulate(place, patients, 1)
        yield f"{patients:,} simulated", place / "simulated" / "landing"


def measure(name: str, landing: Path) -> None:
    """Ingest a landing in a process of its own; print what it cost."""
    limit = orjsons(landing)
    judged = r4bs(landing, every=max(1, limit.resources // JUDGED))
    cpu, peak_mb = ingest(landing)
    if limit.resources == 1:
        print(f"{name:18} {'':17} {cpu:6.1f} {'':41} {peak_mb:8.0f}", flush=True)
        return
    print(
        f"{name[:18]:18} {limit.size / MEGA:6.0f} {limit.resources:10,} {cpu:6.1f} "
        f"{limit.size / MEGA / cpu:5.0f} {limit.resources / cpu:7,.0f} "
        f"{cpu / limit.parsed:8.1f} {f'({cpu / limit.uncollected:.1f})':>7} "
        f"{judged * limit.resources / cpu:13.0f} {peak_mb:8.0f}",
        flush=True,
    )


def ingest(landing: Path) -> tuple[float, float]:
    """Return CPU seconds, start included, and the most memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "risks").mkdir()
        params = (ROOT / "params.yaml").read_bytes()
        (place / "params.yaml").write_bytes(params)
        process = subprocess.Popen(
            [sys.executable, "-m", "chronicle", "ingest", str(landing), "risks",
             "parts", "tables", "comparators", "refused", "ledger.json"],
            cwd=place,
            env={**os.environ, "CHRONICLE_WORKERS": "1"},
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(os.waitstatus_to_exitcode(status))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def documents(landing: Path) -> Iterator[bytes]:
    """Give the text of each file, or each line of it, unpacked."""
    for path in sorted(each for each in landing.rglob("*.*json*") if each.is_file()):
        raw = path.read_bytes()
        text = gzip.decompress(raw) if path.suffix == ".gz" else raw
        yield from text.splitlines() if ".ndjson" in path.name else [text]


def orjsons(landing: Path) -> Limit:
    """Parse everything twice, and keep nothing."""
    gc.freeze()  # Else the limit grows with what was imported before.
    size = resources = 0
    spent = {True: 0.0, False: 0.0}
    for text in documents(landing):
        size += len(text)
        for collecting in spent:
            if not collecting:
                gc.disable()
            began = time.process_time()
            found = parsed(text)
            spent[collecting] += time.process_time() - began
            resources += len(held(found)) if collecting else 0
            found = None
            gc.enable()
    return Limit(size, resources, spent[True], spent[False])


def r4bs(landing: Path, *, every: int) -> float:
    """Return the CPU seconds that `fhir.resources` takes for a resource."""
    from chronicle.ingest import accept

    every_one = (each for text in documents(landing) for each in held(parsed(text)))
    some = list(islice(every_one, 0, None, every))
    accept.refusal(some[0])  # imports the models
    began = time.process_time()
    for each in some:
        accept.refusal(each)
    return (time.process_time() - began) / len(some)


def parsed(text: bytes) -> object:
    """Return a document; None where it is broken, as some simulated ones are."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def held(found: object) -> list[object]:
    """Return the resources of a bundle, or the one resource."""
    if not isinstance(found, dict):
        return []
    if found.get("resourceType") != "Bundle":
        return [found]
    return [each.get("resource") for each in found.get("entry", [])]


if __name__ == "__main__":
    sys.exit(main())
