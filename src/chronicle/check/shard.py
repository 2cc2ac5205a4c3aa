"""One file of each table: asked, acted on and written, a slice of patients at a time.

All rows of a patient lie in one file, one after another, so no slice cuts a patient.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from chronicle.check import act, flag, reference, wide
from chronicle.check.asked import Suite
from chronicle.core import store
from chronicle.core.declaration import Table
from chronicle.core.expect import suite
from chronicle.core.tables import EVENTS, PATIENTS, VERDICTS

ROWS = 200_000  # of a slice, at least; its memory, and no result, depends on it


@dataclass(frozen=True)
class Asked:
    """What one file of a table answered: counts that add up.

    Args:
        rows: That were read.
        kept: That later stages see.
        asked: As `suite.ASKED`.
        counts: As `flag.COUNTS`.
        done: Columns `action`, `id`, `n`: rows that something was done to.
    """

    rows: int
    kept: int
    asked: pl.DataFrame
    counts: pl.DataFrame
    done: pl.DataFrame


@dataclass(frozen=True)
class Places:
    """Where tables come from, and where they and the verdicts on their rows go."""

    tables: Path
    checked: Path
    verdicts: Path


def years(path: Path) -> pl.DataFrame:
    """Count the events of a file by site and year."""
    return (
        pl.scan_parquet(path)
        .group_by("site", year=pl.col("time").dt.year())
        .agg(n=pl.len())
        .collect(engine="streaming")
    )


def judge(
    name: str, *, places: Places, suites: dict[str, Suite], extracted: pl.DataFrame
) -> tuple[Asked, Asked, pl.DataFrame]:
    """Ask the file `name` of both tables, and write what later stages see of it.

    Returns:
        What the patients answered, what the events did, and the events' profile.
    """
    path = places.tables / "events" / name
    rows = wide.patients(
        store.read(PATIENTS, places.tables / "patients" / name),
        pl.scan_parquet(path),
        extracted,
    )
    asked, people = _patients(name, places, suites["patients"], rows)
    parts = [_slice(rows, people, suites["events"], extracted) for rows in slices(path)]
    acted = pl.concat([pl.DataFrame(schema=act.ACTED), *(each[2] for each in parts)])
    found = Asked(
        sum(each[0] for each in parts),
        _write(EVENTS, name, places, acted),
        pl.concat([pl.DataFrame(schema=suite.ASKED), *(each[1] for each in parts)]),
        flag.total([each[3] for each in parts]),
        _done(acted),
    )
    return asked, found, reference.total([each[4] for each in parts])


def _patients(
    name: str, places: Places, asks: Suite, rows: pl.DataFrame
) -> tuple[Asked, pl.DataFrame]:
    counts, hits = flag.flag(rows, asks.ruled)
    acted = act.decide(rows, hits, asks.ruled)
    answers = suite.ask(rows, asks)
    kept = _write(PATIENTS, name, places, acted)
    asked = Asked(rows.height, kept, answers, counts, _done(acted))
    return asked, store.read(PATIENTS, places.checked / "patients" / name)


def _slice(
    rows: pl.DataFrame, people: pl.DataFrame, asks: Suite, extracted: pl.DataFrame
) -> tuple[int, pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    seen = wide.events(rows, people, extracted)
    counts, hits = flag.flag(seen, asks.ruled)
    acted = act.decide(rows, hits, asks.ruled)
    return (
        rows.height,
        suite.ask(rows, asks),
        acted,
        counts,
        reference.profile(rows),
    )


def slices(path: Path) -> Iterator[pl.DataFrame]:
    """Give the file in slices of whole patients, each row with its number."""
    subjects = pl.read_parquet(path, columns=["subject_id"])["subject_id"]
    starts = (subjects != subjects.shift(1)).fill_null(True).arg_true().to_list()
    cuts = [0]
    for start in starts:
        if start - cuts[-1] >= ROWS:
            cuts.append(start)
    scan = pl.scan_parquet(path).with_row_index("row")
    for at, end in zip(cuts, [*cuts[1:], len(subjects)], strict=True):
        rows = scan.slice(at, end - at).collect()
        EVENTS.require(rows.drop("row"), where=str(path))
        yield rows


def _write(table: Table, name: str, places: Places, acted: pl.DataFrame) -> int:
    """Write the file as later stages see it, and who failed what; return its rows."""
    source, target = (
        folder / table.name / name for folder in (places.tables, places.checked)
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    changes = acted.filter("done", pl.col("action") != "flag")
    if acted.is_empty():
        frame = table.empty().with_row_index("row")
    else:
        frame = store.read(table, source).with_row_index("row")
    verdicts = _keyed(frame, acted)
    store.write(VERDICTS, verdicts, places.verdicts / table.name / name)
    if changes.is_empty():
        shutil.copyfile(source, target)
        return int(pl.scan_parquet(source).select(pl.len()).collect().item())
    kept = act.apply(frame, acted)
    store.write(table, kept, target)
    return kept.height


def _keyed(frame: pl.DataFrame, acted: pl.DataFrame) -> pl.DataFrame:
    code = pl.col("code") if "code" in frame.columns else pl.lit(None, pl.String)
    keys = frame.select("row", "provenance", code=code)
    return acted.join(keys, on="row").select(
        "provenance", "code", "action", "done", check="id"
    )


def _done(acted: pl.DataFrame) -> pl.DataFrame:
    done = acted.filter("done").group_by("action", "id")
    return done.agg(n=pl.len().cast(pl.Int64)).sort("action", "id")
