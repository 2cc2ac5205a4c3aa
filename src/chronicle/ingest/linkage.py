"""Who a subject is: the one way back, sealed, and never an output of DVC's."""

import io
import os
from pathlib import Path

import polars as pl

from chronicle.core import store
from chronicle.core.errors import UsageError
from chronicle.ingest import seal
from chronicle.ingest.keys import Keys, write_private

FILE = "linkage.sealed"  # Parquet; subject_id, and the Patient's id sealed one by one
PURPOSE = "linkage"
COLUMNS = ("subject_id", "linked")


def sealed(key: str, keys: Keys) -> bytes:
    """Return the `Patient/id` of a resource, so that only the key opens it."""
    return seal.seal(key.encode(), keys, PURPOSE)


def write(parts: Path, private: Path) -> None:
    """Write the linkage of all patients that were gathered, for their owner alone.

    Args:
        parts: Where rows are laid out.
        private: Folder of what must not leave this machine.
    """
    files = sorted((parts / "patients").glob("*/*.parquet"))
    frames = [pl.read_parquet(each, columns=list(COLUMNS)) for each in files]
    empty = pl.DataFrame(schema={"subject_id": pl.Int64, "linked": pl.Binary})
    whole = pl.concat([empty, *frames]).unique().sort(COLUMNS)
    buffer = io.BytesIO()
    whole.write_parquet(buffer, **store.WRITER)
    private.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = private / f".{FILE}.{os.getpid()}"
    write_private(partial, buffer.getvalue())
    partial.replace(private / FILE)


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
