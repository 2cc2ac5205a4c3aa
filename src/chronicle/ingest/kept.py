"""A bucket of rows that are made anew and rows of the run before, as one."""

import io
from pathlib import Path

import polars as pl

from chronicle.core import store
from chronicle.core.declaration import Table
from chronicle.core.tables import EVENTS, MENTIONS, PATIENTS
from chronicle.ingest import shelf
from chronicle.ingest.layout import Layout
from chronicle.ingest.part import taken_away
from chronicle.ingest.shelf import WHO, Files, Frames, Shelf

WRITTEN = (PATIENTS, EVENTS, MENTIONS)
PIECES = "pieces"


def piece(layout: Layout, table: Table, bucket: int) -> Path:
    """Return where the rows of a bucket lie that a table gets."""
    return layout.rows / PIECES / table.name / f"{bucket}.parquet"


def united(
    bucket: int,
    made: Frames | None,
    anew: pl.Series,
    now: pl.DataFrame,
    layout: Layout,
    kept: Shelf,
) -> Frames:
    """Write the pieces of a bucket, and keep them for the next run.

    Args:
        bucket: Its number.
        made: Rows of `anew`; None where there is nothing of them.
        anew: Whose rows are not those of the run before.
        now: Who is in the bucket, as `shelf.PEOPLE`.
        layout: Where pieces go.
        kept: What the run before kept.

    Returns:
        What is told of all of them, as `shelf.SMALL`.

    Raises:
        PartError: Since it was asked, another run took away what was kept.
    """
    files = kept.read(bucket)
    known = shelf.frame(files, "people", shelf.PEOPLE)
    same = now.filter(~pl.col(WHO).is_in(anew.implode()))
    if not same.join(known, on=same.columns, how="anti").is_empty():
        raise taken_away(kept.path(bucket))
    if files and made is None and known.equals(same):
        return _as_before(bucket, files, layout)
    old = _of(same, files, layout)
    rows = old if made is None else _together(old, made)
    for table in WRITTEN:
        store.write(table, rows[table.name], piece(layout, table, bucket))
    whole = {table.name: piece(layout, table, bucket).read_bytes() for table in WRITTEN}
    people = {"people": shelf.packed(now)}
    kept.write(bucket, whole | people | shelf.keyed(rows, layout))
    return rows


def _as_before(bucket: int, files: Files, layout: Layout) -> Frames:
    rows = shelf.numbered(files, layout)
    for table in WRITTEN:
        path = piece(layout, table, bucket)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[table.name])
    return rows


def _of(people: pl.DataFrame, files: Files, layout: Layout) -> Frames:
    """Return what was kept of some people."""
    rows = shelf.numbered(files, layout)
    rows |= {table.name: _read(files, table) for table in WRITTEN}
    return {
        name: each.join(people, on=WHO, how="semi", maintain_order="left")
        for name, each in rows.items()
    }


def _read(files: Files, table: Table) -> pl.DataFrame:
    if table.name not in files:
        return table.empty()
    return pl.read_parquet(io.BytesIO(files[table.name]))


def _together(old: Frames, made: Frames) -> Frames:
    return {
        name: pl.concat([old[name], each.cast(old[name].schema)], rechunk=True)
        for name, each in made.items()
    }
