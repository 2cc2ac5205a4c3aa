"""What judging costs: `python benchmarks/checks.py TABLES EVENTS...`.

The patients of a project's tables (two hundred simulated ones are enough), repeated
under other subjects until there are so many events, a million to a file. For each
number: the first run; a run in which nothing changed; one in which a file lost a
patient. All in one process. The limit is the same flags over the same files by bare
polars, without a judge, actions or files written; it is taken of one file.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
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
DIGITS = 3  # of a pseudonym, which say the number of the copy


def main(words: list[str]) -> int:
    """Print a line for each number of events."""
    seed, *sizes = words
    heads = "     events  wall s  CPU s  us/event  x bare polars  peak MB"
    print(f"{heads}  CPU s: unchanged  a file changed")
    for size in map(int, sizes):
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(seed), Path(folder), size)
    return 0


def measure(seed: Path, folder: Path, size: int) -> None:
    """Lay out tables of `size` events, judge them, and print what it took."""
    rows = _apart(lay, seed, folder, size)
    store.write_json({}, folder / "ledger.json")
    wall, cpu, peak = run(folder)
    _, same, _ = run(folder)
    _apart(change, folder / "tables")
    _, changed, _ = run(folder)
    limit = rows * _apart(bare, folder)
    print(
        f"{rows:11,} {wall:7.1f} {cpu:6.1f} {1e6 * cpu / rows:9.2f}"
        f" {cpu / limit:14.2f} {peak:8.0f} {same:17.1f} {changed:15.1f}",
        flush=True,
    )


def run(folder: Path) -> tuple[float, float, float]:
    """Judge in one process; return seconds, CPU seconds and the most MB it had."""
    start = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "chronicle", *RUN],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "CHRONICLE_WORKERS"},
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(process.returncode)
    wall = time.monotonic() - start
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def lay(seed: Path, folder: Path, size: int) -> int:
    """Write tables of about `size` events; return how many."""
    people = pl.read_parquet(seed / "patients")
    events = pl.read_parquet(seed / "events")
    times = -(-FILE // events.height)
    rows = 0
    for number in range(-(-size // FILE)):
        name = f"{number:04d}.parquet"
        for table, frame in ((PATIENTS, people), (EVENTS, events)):
            copies = range(number * times, (number + 1) * times)
            whole = pl.concat([copy(frame, each) for each in copies]).sort(table.order)
            if table is EVENTS:
                whole = whole.head(min(FILE, size - rows))
                rows += whole.height
            store.write(table, whole, folder / "tables" / table.name / name)
    return rows


def copy(frame: pl.DataFrame, number: int) -> pl.DataFrame:
    """Return the same of other people: their subject, resources and encounters."""
    if number >= 16**DIGITS:
        raise SystemExit("give tables of more patients: they are copied too often")
    names = [each for each in ("provenance", "encounter_id") if each in frame.columns]
    return frame.with_columns(
        pl.col("subject_id") // 16**DIGITS * 16**DIGITS + number,
        pl.col(names).str.head(-DIGITS) + f"{number:0{DIGITS}x}",
    )


def change(tables: Path) -> None:
    """Take the first patient out of the first file."""
    gone = pl.col("subject_id") == pl.col("subject_id").min()
    for table in (PATIENTS, EVENTS):
        path = store.shards(tables / table.name)[0]
        store.write(table, store.read(table, path).filter(~gone), path)


def bare(folder: Path) -> float:
    """Return the CPU seconds that the flags alone take an event, of the last file."""
    told = asked.read_all(ROOT / "expectations", stage.JUDGED)["events"]
    path = store.shards(folder / "tables" / "events")[-1]
    people = pl.read_parquet(folder / "tables" / "patients" / path.name)
    ends = pl.DataFrame({"site": people["site"].unique()}).with_columns(
        extracted=pl.datetime(2026, 1, 1, time_unit="us")
    )
    start, n = time.process_time(), 0
    for rows in shard.slices(path):
        flag.flag(wide.events(rows, people, ends), told.ruled)
        n += rows.height
    return (time.process_time() - start) / n


def _apart(work, *args):
    """Do it in a process of its own: what starts the stage must be small.

    The most memory that a process had counts what it was before it became another.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *args).result()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
