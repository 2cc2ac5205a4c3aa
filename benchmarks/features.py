"""How fast features are made, and in how much memory: `make bench`.

Drawn at random: 100 events a patient, of which 1 in 5 has no number and 1 in 20 is
reported days late; 2 index times a patient; 21 measures, 3 windows and the whole past.
The limit is one scan of the same Parquet files: no engine that reads them is faster.
Each figure is of a process of its own.
"""

import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import yaml

from chronicle.core import params, store
from chronicle.core.disease import Measures
from chronicle.core.tables import EVENTS, INDEX, PATIENTS
from chronicle.featurize import stage
from chronicle.featurize.assemble import assemble
from chronicle.featurize.catalogue import catalogue
from chronicle.featurize.known import READ
from chronicle.featurize.wanted import FeaturizeParams

ROOT = Path(__file__).resolve().parents[1]
SIZES = (1_000_000, 10_000_000)  # events
EVENTS_A_PATIENT, INDEX_TIMES, MEASURES, SHARDS = 100, 2, 21, 4
SECOND = 1_000_000
FROM, DAYS = 14_610, 3650  # 2010-01-01 and ten years


def main() -> int:
    """Print one line for each size, and how time grows with it."""
    print(
        "    events  index times  CPU s  M events/CPU s  engine alone  x scan  peak MB"
    )
    spent = []
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            apart("draw", place, str(size))
            start, _ = apart("nothing", place)
            scan, _ = apart("scan", place)
            engine, _ = apart("engine", place)
            whole, peak = apart("whole", place)
        spent.append(whole - start)
        print(
            f"{size:10,} {size // EVENTS_A_PATIENT * INDEX_TIMES:12,} {spent[-1]:6.1f} "
            f"{size / 1e6 / spent[-1]:15.2f} {size / 1e6 / engine:13.2f} "
            f"{spent[-1] / scan:7.1f} {peak:8.0f}",
            flush=True,
        )
    grown = math.log(spent[-1] / spent[0]) / math.log(SIZES[-1] / SIZES[0])
    print(f"CPU seconds grow with the number of events to the power of {grown:.2f}")
    return 0


def apart(
    work: str, folder: Path, *more: str, file: str = __file__
) -> tuple[float, float]:
    """Do a piece of `WORK` in a process of its own; return CPU seconds and peak MB.

    `scan` and `engine` tell their own seconds: `engine` those without any file.
    """
    process = subprocess.Popen(
        [sys.executable, file, work, *more],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    told = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(os.waitstatus_to_exitcode(status))
    cpu = float(told) if told else usage.ru_utime + usage.ru_stime
    return cpu, usage.ru_maxrss / 1000


def draw(size: str) -> None:
    """Write tables, index times and the parameters."""
    each = int(size) // SHARDS
    for shard in range(SHARDS):
        random = np.random.default_rng(shard)
        people = np.arange(each // EVENTS_A_PATIENT) * SHARDS + shard
        store.write(
            PATIENTS, patients(people), Path(f"tables/patients/{shard}.parquet")
        )
        made = events(random, people, each)
        store.write(EVENTS, made, Path(f"tables/events/{shard}.parquet"))
        store.write(INDEX, index(random, people), Path(f"index/{shard}.parquet"))
    settings = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    wanted = settings["featurize"]
    names = [f"m{i}" for i in range(MEASURES)]
    wanted |= {name: {} for name in ("answers", "history", "drugs", "counts")}
    wanted |= {"derived": [], "scores": [], "windows_days": [90, 365, 1095]}
    settings["measures"] = {name: [f"LOINC//{name}"] for name in names}
    wanted |= {"units": dict.fromkeys(names, "1")}
    Path("params.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")


def patients(people: np.ndarray) -> pl.DataFrame:
    """Return as many patients."""
    made = pl.DataFrame({"subject_id": people}).with_columns(
        birth_date=pl.date(1950, 1, 1), site=pl.lit("-"), provenance=pl.lit("Patient/0")
    )
    return in_full(made, PATIENTS.schema)


def events(random: np.random.Generator, people: np.ndarray, size: int) -> pl.DataFrame:
    """Return values of all measures, evenly spread."""
    time = random.integers(0, DAYS * 86_400, size) + FROM * 86_400
    late = (
        np.where(random.random(size) < 0.05, random.integers(1, 30, size), 0) * 86_400
    )
    value = random.normal(100, 20, size)
    value[random.random(size) < 0.2] = np.nan
    code = random.integers(0, MEASURES, size)
    made = pl.DataFrame(
        {
            "subject_id": random.choice(people, size),
            "time": time * SECOND,
            "available_time": (time + late) * SECOND,
            "code": pl.Series([f"LOINC//m{i}" for i in range(MEASURES)]).gather(code),
            "numeric_value": pl.Series(value, nan_to_null=True),
        }
    ).with_columns(
        provenance=pl.format("Observation/{}", pl.int_range(pl.len())),
        resource_type=pl.lit("Observation"),
        status=pl.lit("final"),
        site=pl.lit("-"),
    )
    return in_full(made, EVENTS.schema)


def index(random: np.random.Generator, people: np.ndarray) -> pl.DataFrame:
    """Return two index times of each, in the later years."""
    whose = np.repeat(people, INDEX_TIMES)
    at = random.integers(1500 * 86_400, DAYS * 86_400, whose.size) + FROM * 86_400
    made = pl.DataFrame({"subject_id": whose, "prediction_time": at * SECOND})
    return in_full(made, INDEX.schema)


def in_full(made: pl.DataFrame, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """Return the frame with every declared column and type."""
    return made.select(
        (pl.col(name) if name in made.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )


def scan() -> None:
    """Read once what features read; print what that took."""
    began = time.process_time()
    for path in store.shards(Path("tables/events")):
        pl.read_parquet(path, columns=READ)
    sys.stdout.write(str(time.process_time() - began))


def engine() -> None:
    """Make the features of frames in memory; print what that took."""
    wanted = params.section("featurize", FeaturizeParams)
    measures = params.section("measures", Measures).codes
    spent = 0.0
    for path in store.shards(Path("tables/events")):
        read = (
            store.read(INDEX, Path("index", path.name)),
            store.read(PATIENTS, Path("tables/patients", path.name)),
            store.read(EVENTS, path, columns=READ),
        )
        began = time.process_time()
        assemble(*read, catalogue(wanted, measures), wanted, measures)
        spent += time.process_time() - began
    sys.stdout.write(str(spent))


def whole() -> None:
    """Run the stage."""
    stage.run(Path("tables"), Path("index"), Path("features"))


def nothing() -> None:
    """Start, and end."""


WORK: dict[str, Callable[..., None]] = {
    each.__name__: each for each in (draw, scan, engine, whole, nothing)
}

if __name__ == "__main__":
    if len(sys.argv) > 1:
        WORK[sys.argv[1]](*sys.argv[2:])
    else:
        sys.exit(main())
