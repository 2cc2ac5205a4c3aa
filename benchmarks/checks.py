"""What judging costs: `python benchmarks/checks.py TABLES EVENTS...`.

The events of a project's tables, repeated under other subjects until there are enough.
The limit is the same flags over the same files by bare polars, without a judge, actions
or files written.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from chronicle.check import asked, flag, shard, stage, wide
from chronicle.core import store
from chronicle.core.tables import EVENTS, PATIENTS

ROOT = Path(__file__).resolve().parents[1]
FILE = 1_000_000  # events in a file
RUN = (
    "check", "tables", str(ROOT / "expectations"), "ledger.json",
    "checked", "verdicts", "profile.csv", "checks",
)  # fmt: skip


def main(words: list[str]) -> int:
    """Print a line for each number of events."""
    seed, *sizes = words
    print("     events  wall s  CPU s  CPU us/event  x bare polars  peak MB")
    for size in map(int, sizes):
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(seed), Path(folder), size)
    return 0


def measure(seed: Path, folder: Path, size: int) -> None:
    """Lay out tables of `size` events, judge them, and print what it took."""
    rows = lay(seed, folder, size)
    store.write_json({}, folder / "ledger.json")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "chronicle", *RUN],
        cwd=folder,
        check=True,
        env=os.environ | {"CHRONICLE_WORKERS": "1"},
    )
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    limit = bare(folder)
    print(
        f"{rows:11,} {wall:7.1f} {cpu:6.1f} {1e6 * cpu / rows:13.2f}"
        f" {cpu / limit:14.2f} {after.ru_maxrss / 1024:8.0f}"
    )


def lay(seed: Path, folder: Path, size: int) -> int:
    """Write tables of about `size` events; return how many."""
    people = pl.read_parquet(seed / "patients")
    events = pl.read_parquet(seed / "events")
    times = -(-FILE // events.height)
    rows = 0
    for number in range(-(-size // FILE)):
        name = f"{number:04d}.parquet"
        for table, frame in ((PATIENTS, people), (EVENTS, events)):
            copies = [
                frame.with_columns(pl.col("subject_id") // 1024 * 1024 + n)
                for n in range(min(times, 1024))
            ]
            whole = pl.concat(copies).head(FILE)
            store.write(table, whole, folder / "tables" / table.name / name)
            rows += whole.height if table is EVENTS else 0
    return rows


def bare(folder: Path) -> float:
    """Return the CPU seconds of the flags alone."""
    told = asked.read_all(ROOT / "expectations", stage.JUDGED)["events"]
    start = time.process_time()
    for path in store.shards(folder / "tables" / "events"):
        people = pl.read_parquet(folder / "tables" / "patients" / path.name)
        ends = pl.DataFrame({"site": people["site"].unique()}).with_columns(
            extracted=pl.datetime(2026, 1, 1, time_unit="us")
        )
        for rows in shard.slices(path):
            flag.flag(wide.events(rows, people, ends), told.ruled)
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
