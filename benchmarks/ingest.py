"""How fast bundles become tables, and in how much memory: `make bench`.

The limit is `orjson.loads` of the same bytes, unpacked, one document or line at a time,
in this process: nothing that looks at JSON from Python is faster. It is given twice, as
Python is by default and with its collector of circles off, as `ingest` has it.
`python benchmarks/ingest.py FOLDER...` measures landings of your own.
"""

import gc
import gzip
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import orjson
from simulate import MEGA, ROOT, run, simulate

SIZES = (300, 3_000)  # patients
LEAST_FILES = 50  # of which 1 % can be new
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
            if len([*landing.rglob("*")]) > LEAST_FILES:
                drop(name, landing)
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
    cpu, peak_mb, _ = ingest(landing)
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


def ingest(
    landing: Path, place: Path | None = None, workers: int = 1
) -> tuple[float, float, float]:
    """Return CPU seconds, start included, the most memory in MB, and wall seconds.

    Args:
        landing: What is read.
        place: Where it is done, with the parts that are there; else a new one.
        workers: How many processes.
    """
    with tempfile.TemporaryDirectory() as folder:
        where = place or Path(folder)
        (where / "risks").mkdir(exist_ok=True)
        (where / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
        cost = run(
            where, workers, "ingest", str(landing), "risks", "parts", "tables",
            "comparators", "refused", "ledger.json",
        )  # fmt: skip
    return cost.cpu, cost.peak_mb, cost.wall


def drop(name: str, landing: Path) -> None:
    """Print what a drop of 1 % new files costs, and two processes beside one."""
    files = sorted(each for each in landing.rglob("*") if each.is_file())
    with tempfile.TemporaryDirectory() as folder:
        place, kept = Path(folder), Path(folder) / "landing"
        few = files[::100]
        shutil.copytree(landing, kept)
        full, _, alone = ingest(kept, place)
        for path in few:
            old = kept / path.relative_to(landing)
            text = old.read_bytes()
            # Another content under the same name: it is new to the parts.
            packed = old.suffix == ".gz"
            plain = gzip.decompress(text) if packed else text
            plain += b"\n"
            old.write_bytes(gzip.compress(plain, 1) if packed else plain)
        again, _, _ = ingest(kept, place)
        _, _, both = ingest(landing, workers=2)
    print(
        f"{name}: {len(few)} of {len(files):,} files new: {again:.1f} CPU s, "
        f"{again / full:.2f} of all new ({full:.1f}); "
        f"two processes {alone / both:.2f} times as fast as one",
        flush=True,
    )


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
