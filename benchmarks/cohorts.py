"""How fast cohorts are drawn, and in how much memory.

Drawn at random: 100 events a patient over ten years: measures of `params.yaml` (45 %),
encounters of three kinds (30 %), drugs (20 %) and diagnoses (5 %) that disease files
name; 2 index times a patient. One patient in 500 has a hundred times as many events.
The limit is one scan of the columns that `select` reads. Each figure is of a process of
its own; all diseases of `params.yaml`.
"""

import math
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
import yaml
from features import (
    DAYS,
    EVENTS_A_PATIENT,
    FROM,
    ROOT,
    SECOND,
    SHARDS,
    apart,
    in_full,
    index,
    patients,
)

from chronicle.core import store
from chronicle.core.tables import EVENTS, INDEX, PATIENTS
from chronicle.core.until import keep, until
from chronicle.select import stage
from chronicle.select.evidence import READ

SIZES = (1_000_000, 10_000_000)  # events
OFTEN, MORE = 500, 100  # one patient in so many has so many times the events
KINDS = {"measure": 0.45, "encounter": 0.30, "drug": 0.20, "diagnosis": 0.05}


def main() -> int:
    """Print one line for each disease and size, and how time grows with it."""
    slugs = sys.argv[1:] or settings()["diseases"]
    spent: dict[str, list[float]] = {slug: [] for slug in slugs}
    print("| disease | events | CPU s | M events/CPU s | x scan | peak MB |")
    print(f"|{' --- |' * 6}")
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            run(place, "draw", str(size))
            start, _ = run(place, "nothing")
            scan, _ = run(place, "scan")
            for slug in slugs:
                cpu, peak = run(place, "whole", slug)
                spent[slug].append(cpu - start)
                print(
                    f"| {slug} | {size:,} | {cpu - start:.1f} "
                    f"| {size / 1e6 / (cpu - start):.2f} | {(cpu - start) / scan:.1f} "
                    f"| {peak:.0f} |",
                    flush=True,
                )
    few, many = (sum(each) for each in zip(*spent.values(), strict=True))
    grown = math.log(many / few) / math.log(SIZES[-1] / SIZES[0])
    print(f"CPU seconds grow with the number of events to the power of {grown:.2f}")
    return 0


def run(folder: Path, work: str, *more: str) -> tuple[float, float]:
    """Do a piece of `WORK` in a process of its own; return CPU seconds and peak MB."""
    return apart(work, folder, *more, file=__file__)


def settings() -> dict:
    """Return the parameters."""
    return yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))


def coded() -> dict[str, list[str]]:
    """Return codes of each kind that diseases and features name."""
    told = settings()
    files = [
        yaml.safe_load((ROOT / "diseases" / f"{slug}.yaml").read_text(encoding="utf-8"))
        for slug in told["diseases"]
    ]
    named = {
        code.replace("*", "")
        for disease in files
        for listed in disease.get("lists", {}).values()
        for code in listed["include"]
    }
    systems = ("SNOMED//", "ICD10CM//", "ICD9CM//")
    return {
        "measure": [codes[0] for codes in told["measures"].values()],
        "encounter": ["ENCOUNTER//AMB"] * 8 + ["ENCOUNTER//IMP", "ENCOUNTER//EMER"],
        "drug": sorted(code for code in named if code.startswith("RXNORM//")),
        "diagnosis": sorted(code for code in named if code.startswith(systems)),
    }


def draw(size: str) -> None:
    """Write tables, index times and the parameters."""
    told = settings()
    each = int(size) // SHARDS
    for shard in range(SHARDS):
        random = np.random.default_rng(shard)
        people = np.arange(each // EVENTS_A_PATIENT) * SHARDS + shard
        name = f"{shard}.parquet"
        store.write(PATIENTS, patients(people), Path("tables/patients", name))
        store.write(EVENTS, events(random, people, each), Path("tables/events", name))
        for rule in told["index_rules"]:
            store.write(INDEX, index(random, people), Path("index", rule, name))
    end = until(store.shards(Path("tables/events")))
    for rule in told["index_rules"]:
        keep(end, Path("index", rule))
    Path("params.yaml").write_text(yaml.safe_dump(told), encoding="utf-8")
    (Path("diseases")).symlink_to(ROOT / "diseases")


def events(random: np.random.Generator, people: np.ndarray, size: int) -> pl.DataFrame:
    """Return events of all kinds; a few patients have most."""
    share = np.where(people // SHARDS % OFTEN == 0, float(MORE), 1.0)
    whose = random.choice(people, size, p=share / share.sum())
    listed = coded()
    kind = random.choice(len(KINDS), size, p=list(KINDS.values()))
    first = np.cumsum([0, *(len(listed[name]) for name in KINDS)])
    spread = np.array([len(listed[name]) for name in KINDS])
    code = first[kind] + (random.random(size) * spread[kind]).astype(int)
    every = pl.Series([code for name in KINDS for code in listed[name]])
    time_s = random.integers(0, DAYS * 86_400, size) + FROM * 86_400
    value = np.where(kind == 0, random.normal(90, 25, size), np.nan)
    types = pl.Series(["Observation", "Encounter", "MedicationRequest", "Condition"])
    made = pl.DataFrame(
        {
            "subject_id": whose,
            "time": time_s * SECOND,
            "available_time": time_s * SECOND,
            "code": every.gather(code),
            "numeric_value": pl.Series(value, nan_to_null=True),
            "resource_type": types.gather(kind),
        }
    ).with_columns(
        provenance=pl.format("{}/{}", "resource_type", pl.int_range(pl.len())),
        encounter_id=pl.format("Encounter/{}", pl.int_range(pl.len()) // 4 * 4),
        status=pl.lit("final"),
        site=pl.lit("-"),
    )
    return in_full(made, EVENTS.schema)


def scan() -> None:
    """Read once what `select` reads; print what that took."""
    began = time.process_time()
    for path in store.shards(Path("tables/events")):
        pl.read_parquet(path, columns=READ)
    sys.stdout.write(str(time.process_time() - began))


def whole(slug: str) -> None:
    """Run the stage for one disease."""
    disease = Path("diseases") / f"{slug}.yaml"
    stage.run(Path("tables"), Path("index"), disease, Path("cohorts") / slug)


def nothing() -> None:
    """Start, and end."""


WORK = {each.__name__: each for each in (draw, scan, whole, nothing)}

if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in WORK:
        WORK[sys.argv[1]](*sys.argv[2:])
    else:
        sys.exit(main())
