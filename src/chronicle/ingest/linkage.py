"""Who a subject is: the one way back, sealed, and never an output of DVC's."""

import io
import logging
import os
from pathlib import Path

import polars as pl

from chronicle.core import store
from chronicle.core.errors import KeyRefused, UsageError
from chronicle.ingest import seal
from chronicle.ingest.keys import HOWTO, Keys, write_private

log = logging.getLogger(__name__)

FILE = "linkage.sealed"  # Parquet; subject_id, and the Patient's id sealed one by one
PURPOSE = "linkage"
COLUMNS = ("subject_id", "linked")


def sealed(key: str, keys: Keys) -> bytes:
    """Return the `Patient/id` of a resource, so that only the key opens it."""
    return seal.seal(key.encode(), keys, PURPOSE)


def write(rows: Path, merged: pl.DataFrame, private: Path) -> None:
    """Write the linkage of all patients that were gathered, for their owner alone.

    Args:
        rows: Where they are laid out, under the ids that they came with.
        merged: Ids that are given up, as `tables.MERGED`: who had one is listed under
            it, and under the one that stays.
        private: Folder of what must not leave this machine.
    """
    files = sorted((rows / "patients").glob("*/*.parquet"))
    frames = [pl.read_parquet(each, columns=list(COLUMNS)) for each in files]
    empty = pl.DataFrame(schema={"subject_id": pl.Int64, "linked": pl.Binary})
    told = pl.concat([empty, *frames])
    again = told.join(merged, on="subject_id").select(
        subject_id="into", linked="linked"
    )
    whole = pl.concat([told, again.select(COLUMNS)]).unique().sort(COLUMNS)
    buffer = io.BytesIO()
    whole.write_parquet(buffer, **store.WRITER)
    private.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = private / f".{FILE}.{os.getpid()}"
    write_private(partial, buffer.getvalue())
    partial.replace(private / FILE)


def warn_of_another_key(private: Path, own: Keys) -> None:
    """Say so where the run before had another key: then nothing new fits the old."""
    path = private / FILE
    if not path.exists() or (old := pl.read_parquet(path, n_rows=1)).is_empty():
        return
    try:
        seal.unseal(old["linked"][0], own, PURPOSE)
    except KeyRefused:
        log.warning(
            "ingest: the run before had another key than %s. All pseudonyms and all "
            "shifts of dates are others now, and no table that you kept can be joined "
            "to the new ones. If that is not what you want, stop this run, give the "
            "old key and run again; see %s",
            own.fingerprint,
            HOWTO,
        )


def read(private: Path, subjects: list[int], keys: Keys) -> dict[int, list[str]]:
    """Return the `Patient/id`s of each of `subjects` that is known.

    Raises:
        UsageError: There is no linkage yet.
        KeyRefused: It was sealed with another key.
    """
    path = private / FILE
    if not path.exists():
        raise UsageError(
            "there is no linkage.", where=str(path), do="run the stage ingest here"
        )
    found = pl.read_parquet(path).filter(pl.col("subject_id").is_in(subjects))
    people: dict[int, list[str]] = {}
    for subject, linked in found.iter_rows():
        told = seal.unseal(linked, keys, PURPOSE).decode()
        people.setdefault(subject, []).append(told)
    return people
