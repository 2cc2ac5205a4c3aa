"""One file of each table: asked, acted on and written, a slice of patients at a time.

All rows of a patient lie in one file, one after another, so no slice cuts a patient.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from chronicle.check import act, flag, reference, wide, written
from chronicle.check.asked import Suite
from chronicle.core import store
from chronicle.core.declaration import Table
from chronicle.core.expect import suite
from chronicle.core.tables import EVENTS, PATIENTS

ROWS = 200_000  # of a slice, at least; its memory, and no result, depends on it


@dataclass(frozen=True)
class Asked:
    """What one file of a table answered: counts that add up.

    Args:
        rows: That were read.
        kept: That later stages see.
        asked: As `suite.ASKED`.
        counts: As `flag.COUNTS`.
        done: As `act.DONE`: rows that something was done to.
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


def total(some: Sequence[Asked]) -> Asked:
    """Add up what several slices answered, or several files."""
    return Asked(
        sum(each.rows for each in some),
        sum(each.kept for each in some),
        pl.concat([pl.DataFrame(schema=suite.ASKED), *(each.asked for each in some)]),
        flag.total([each.counts for each in some]),
        act.total([each.done for each in some]),
    )


def judge(
    name: str, *, places: Places, suites: dict[str, Suite], extracted: pl.DataFrame
) -> tuple[Asked, Asked, pl.DataFrame]:
    """Ask the file `name` of both tables, and write what later stages see of it.

    Returns:
        What the patients answered, what the events did, and the events' profile.
    """
    path = places.tables / "events" / name
    frame = store.read(PATIENTS, places.tables / "patients" / name)
    people = [
        (
            frame.with_row_index("row"),
            wide.patients(frame, pl.scan_parquet(path), extracted),
        )
    ]
    asked = _asked(PATIENTS, name, places, suites["patients"], people)
    checked = store.read(PATIENTS, places.checked / "patients" / name)
    events = ((rows, wide.events(rows, checked, extracted)) for rows in slices(path))
    found = _asked(EVENTS, name, places, suites["events"], events)
    profiles = [reference.profile(rows) for rows in slices(path)]
    return asked, found, reference.total(profiles)


def _asked(
    table: Table,
    name: str,
    places: Places,
    asks: Suite,
    slices: Iterable[tuple[pl.DataFrame, pl.DataFrame]],
) -> Asked:
    """Ask each slice, write it, and make one file of what was written.

    Args:
        table: Whose rows.
        name: Of the file.
        places: Where it comes from, and where it goes.
        asks: Its suite.
        slices: Its rows, with their numbers, and the same as `wide.py` gives them.
    """
    source, kept, told = (
        folder / table.name / name
        for folder in (places.tables, places.checked, places.verdicts)
    )
    some = []
    with store.scratch(told.with_suffix(".pieces")) as pieces:
        for number, (rows, seen) in enumerate(slices):
            counts, hits = flag.flag(seen, asks.ruled)
            acted = act.decide(seen, hits, asks.ruled)
            here = written.piece(table, rows, acted, pieces, number)
            done, answers = act.done(acted), suite.ask(seen, asks)
            some.append(Asked(rows.height, here, answers, counts, done))
        found = total(some)
        changed = act.changes(found.done)
        written.unite(pieces, kept, told, same=None if changed else source)
    return found


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
