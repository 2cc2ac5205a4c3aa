"""Risks that somebody else gave to the same patients: judged and pseudonymised here.

They leave by a door of their own, `data/comparators`, which only `evaluate` opens: no
cohort, feature or model can come to depend on them.
"""

import logging
from pathlib import Path

import polars as pl

from chronicle.core import store
from chronicle.core.errors import TableError
from chronicle.core.tables import COMPARATORS, RISKS
from chronicle.ingest import deidentify, persons, shift
from chronicle.ingest.keys import Keys

log = logging.getLogger(__name__)

FILE = "comparators.parquet"
# They become keys of metrics and headings, so they are words and no sentences.
WORD = r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,39}$"
ONE = ["patient", "disease", "name"]


def read(folder: Path) -> tuple[pl.DataFrame, int]:
    """Return the rows of every Parquet file below `folder`, and how many were read.

    Rows that say the same twice are one.

    Raises:
        TableError: The folder or a column is not there, a risk is none, or two hold
            for one index time. Counts only: the files' names may name patients.
    """
    if not folder.is_dir():
        raise TableError(
            "the folder of risks is not there.",
            where=str(folder),
            do="create it; it stays empty where nobody else gave risks",
        )
    files = sorted(folder.rglob("*.parquet"))
    frames = [_read(path, where=str(folder)) for path in files]
    rows = pl.concat([RISKS.empty(), *frames])
    return _sound(rows.unique().sort(*RISKS.columns), where=str(folder)), rows.height


def keep(
    rows: pl.DataFrame,
    read: int,
    patients: pl.Series,
    merged: pl.DataFrame,
    out: Path,
    *,
    keys: Keys,
    weeks: int,
) -> dict[str, int]:
    """Write the rows of accepted patients; return what became of all of them.

    Args:
        rows: From `read`.
        read: How many rows that were, doubles among them.
        patients: subject_id of the accepted, shape (n,).
        merged: Ids that are given up, as `tables.MERGED`.
        out: Folder of the `comparators` table.
        keys: Make the pseudonyms and the shifts.
        weeks: At most so many is a patient's time moved back, as in the tables.
    """
    names = rows["patient"].unique().to_list()
    pseudonyms = [deidentify.subject_id(f"Patient/{name}", by=keys) for name in names]
    known = pl.DataFrame(
        {"patient": names, "subject_id": pseudonyms},
        {"patient": pl.String, "subject_id": pl.Int64},
    ).with_columns(own="subject_id")
    known = persons.follow(known, merged)
    known = known.filter(pl.col("subject_id").is_in(patients.implode()))
    found = rows.join(known, on="patient")
    kept = _of_one(found).drop("patient", "own")
    if weeks:
        moves = shift.by_subject(kept["subject_id"].unique(), keys, weeks)
        kept = shift.moved(kept, moves)
    with store.folder(out) as folder:
        store.write(COMPARATORS, kept, folder / FILE)
    counts = {
        "read": read,
        "kept": kept.height,
        "duplicate": read - rows.height + found.height - kept.height,
        "unknown_patient": rows.height - found.height,
    }
    if read:
        told = ", ".join(f"{n} {fate.replace('_', ' ')}" for fate, n in counts.items())
        log.info("ingest: risks from outside: %s", told)
    return counts


def _of_one(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep, of what is said of one person under several ids, that of one id.

    That is the one that stays, else the least that has any.
    """
    given_up = pl.col("own") != pl.col("subject_id")
    group = ["subject_id", "disease", "name"]
    first = rows.sort(given_up, "own").unique(group, keep="first", maintain_order=True)
    return rows.join(first, on=[*group, "own"], how="semi")


def _read(path: Path, *, where: str) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError):
        raise TableError(
            "a file of risks is no Parquet.",
            where=where,
            do="write it again; docs/how-to/run-on-your-bundles.md shows how",
        ) from None
    return RISKS.require(frame, where=where)


def _sound(rows: pl.DataFrame, *, where: str) -> pl.DataFrame:
    """Return the sorted rows, or say what is wrong with how many of them."""
    word = pl.col("disease", "name").str.contains(WORD)
    until = pl.col("until_time").shift().over(ONE)
    faults = {
        "a risk is not between 0 and 1": ~pl.col("risk").is_between(0, 1),
        "disease or name is no word": ~pl.all_horizontal(word),
        "until_time is not after from_time": pl.col("from_time")
        >= pl.col("until_time"),
        "one patient has two risks of one name at one time": pl.col("from_time")
        < until,
    }
    told = [
        f"{what} in {found} rows"
        for what, fault in faults.items()
        if (found := rows.filter(fault).height)
    ]
    if told:
        raise TableError(
            f"{RISKS.name}: {'; '.join(told)}.",
            where=where,
            do="docs/reference/tables.md says what each column holds",
        )
    return rows
