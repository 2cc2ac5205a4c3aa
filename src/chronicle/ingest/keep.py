"""What did not enter is kept: what was refused as it came, of the rest where it lies.

So the one can be mended and sent again, and of the other it can be told why it is in no
table. Text and files' names may name patients, so they leave sealed (`unseal.py` opens
them). A run may refuse as much as it reads, so that text is never held as a whole.
Other rules are other code, so what those of yesterday refused is parsed anew.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from chronicle.core import store
from chronicle.core.tables import CONFLICTS, DUPLICATES, MERGED, REFUSED
from chronicle.ingest import deidentify, read, seal
from chronicle.ingest.batch import GONE
from chronicle.ingest.keys import Keys
from chronicle.ingest.persons import Merges
from chronicle.ingest.spread import ALL, Layout

FILE, DOUBLES = "refused.parquet", "duplicates.parquet"
FILES = "files.sealed"  # the path of each file that the two name, by its keyed hash
PURPOSE = "refused"
GROUP_ROWS = 8192
GROUP_BYTES = 16_000_000  # of text: what a group of rows takes of memory, and a reader
Row = tuple[Any, ...]


def refusals(layout: Layout) -> pl.DataFrame:
    """Return what was refused when it was parsed."""
    return layout.scan("refusals", ALL).collect()


def gone(layout: Layout) -> pl.DataFrame:
    """Return what other versions or deletions keep out, and each deletion itself."""
    deletions = (
        layout.scan("deletions", ALL)
        .drop_nulls("fate")
        .with_columns(
            kept_file=pl.lit(None, GONE["kept_file"]),
            kept_entry=pl.lit(None, GONE["kept_entry"]),
        )
    )
    return pl.concat([layout.scan("gone"), deletions.select(*GONE)]).collect()


def keep(
    refusals: pl.DataFrame,
    gone: pl.DataFrame,
    merges: Merges,
    files: list[Path],
    landing: Path,
    out: Path,
    keys: Keys,
) -> None:
    """Write `refused`, reading again only the files that hold one, and the others."""
    paths = [read.shown(each, landing) for each in files]
    names = [deidentify.digest(f"File/{each}", keys.pseudonym)[:8] for each in paths]
    shown = pl.Series([each.hex() for each in names], dtype=pl.String)
    listed = refusals.with_columns(number="file", file=shown.gather(refusals["file"]))
    listed = listed.sort("file", "number", "entry")
    rows = rows_a_group(listed["size"])
    doubles = gone.with_columns(
        file=shown.gather(gone["file"]), kept_file=shown.gather(gone["kept_file"])
    )
    with store.folder(out) as folder:
        frames = _frames(_with_raw(listed, files, keys), rows)
        store.write_in_groups(REFUSED, frames, folder / FILE, rows=rows)
        store.write(DUPLICATES, doubles, folder / DOUBLES)
        store.write(MERGED, merges.merged, folder / "merged.parquet")
        store.write(CONFLICTS, merges.conflicts, folder / "conflicts.parquet")
        told = dict(sorted(zip(shown, paths, strict=True)))
        sealed = seal.seal(orjson.dumps(told), keys, PURPOSE)
        (folder / FILES).write_bytes(sealed)


def rows_a_group(sizes: pl.Series) -> int:
    """Return the most rows a group with which no group has more text than it may.

    A group of one row has what it has.

    >>> rows_a_group(pl.Series([10])), rows_a_group(pl.Series([10, 6_000_000] * 9))
    (8192, 4)
    """
    rows, frame = GROUP_ROWS, pl.DataFrame({"size": sizes}).with_row_index("row")
    while rows > 1:
        text = frame.group_by(pl.col("row") // rows).agg(pl.col("size").sum())["size"]
        if (text <= GROUP_BYTES).all():
            break
        rows //= 2
    return rows


def _frames(rows: Iterator[Row], size: int) -> Iterator[pl.DataFrame]:
    while some := list(islice(rows, size)):
        yield pl.DataFrame(some, REFUSED.schema, orient="row")


def _with_raw(listed: pl.DataFrame, files: list[Path], keys: Keys) -> Iterator[Row]:
    told = ("file", "entry", "resource_type", "reason", "detail")
    for (number,), group in listed.group_by("number", maintain_order=True):
        raws = _raws(files[int(str(number))], group["entry"].to_list())
        yield from (
            (*row, None if raw is None else seal.seal(raw, keys, PURPOSE))
            for row, raw in zip(group.select(told).iter_rows(), raws, strict=True)
        )


def _raws(path: Path, wanted: list[int]) -> Iterator[bytes | None]:
    """Give the text of some entries of a file, whose numbers rise."""
    entries, found = read.entries(path), None
    for number in wanted:
        while found is None or found.number < number:
            found = next(entries, None)
            if found is None:
                break
        # A file that changed may not have all of them any more; they stay refused.
        yield _raw(found) if found is not None and found.number == number else None


def _raw(entry: read.Entry) -> bytes | None:
    if entry.number < 0 or entry.raw is None:
        return None  # the file in the landing folder is the thing itself
    return bytes(entry.raw)
