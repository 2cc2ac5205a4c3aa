"""Rows that decide between all, kept as they were laid out: a bucket a file, sealed.

So a drop opens the parts of its own files alone. Rows of files that are gone are left
out, those of new ones come beside the rest, and all lie in the order of files and of
each file: the same landing has the same bytes after every history. What is kept is of
one list of files, which is written last.
"""

import io
from dataclasses import replace

import polars as pl

from chronicle.ingest import naming
from chronicle.ingest.layout import ALL, THIN, Layout
from chronicle.ingest.part import taken_away
from chronicle.ingest.shelf import Files, Shelf

SUFFIX = ".laid"
FILES = "files"  # whose rows are kept: keys, in the order of their numbers
BEFORE = "before"  # the number that each had, and the one it has now
OF_ALL = ("deletions", "refusals")
OF_FILES = ("counted",)
OF_BUCKET = (
    *("identifiers", "labels", "links", "medications", "names", "patients"),
    *("seen", "tokens", *THIN),
)


def buckets(layout: Layout) -> list[int | str]:
    """Return where rows lie that are kept."""
    return [*layout.all_buckets(), ALL, *layout.all_packs()]


def now(shelf: Shelf, layout: Layout) -> Shelf:
    """Return where rows of this landing are to be kept."""
    return _of(shelf, layout.file_keys()["key"].to_list())


def before(shelf: Shelf, layout: Layout, *, ask: bool) -> tuple[Shelf, set[int]]:
    """Return where rows of the run before are kept, and which files they are of now.

    Where it is not to be asked, or part of it is gone, they are of none.
    """
    keys = shelf.read(FILES).get(FILES, b"").decode().split()
    kept = _of(shelf, keys)
    if not ask or not all(kept.path(each).exists() for each in buckets(layout)):
        keys = []
    old = pl.DataFrame({"key": keys}, {"key": pl.String}).with_row_index("old")
    both = old.join(layout.file_keys(), on="key", how="left", maintain_order="left")
    layout.lay(both.select(pl.col("old").cast(pl.Int32), "file"), BEFORE, ALL, ALL)
    return kept, set(both["file"].drop_nulls().to_list())


def renew(bucket: int | str, *, layout: Layout, old: Shelf, new: Shelf) -> None:
    """Lay out what is kept of a bucket beside what is new in it, and keep all of it.

    Args:
        bucket: One of `buckets`.
        layout: Where rows of new files lie, and those of the others come to lie.
        old: Where those are kept; what is kept of none is not asked for.
        new: Where all of them are to be kept.

    Raises:
        PartError: Since it was asked, another run took away what was kept.
    """
    numbers = pl.read_parquet(layout.files(BEFORE, ALL))
    kept = {} if numbers.is_empty() else _kept(bucket, old)
    if kept and old == new:
        for table, rows in kept.items():
            layout.path(table, bucket, ALL).write_bytes(rows)
        return
    found: Files = {}
    for table in _tables(bucket):
        some = [_renumbered(kept[table], numbers)] if table in kept else []
        some += layout.added(table, bucket)
        if not some:
            continue
        whole = pl.concat(some).sort("file", maintain_order=True)
        if not whole.is_empty():  # all of it may be of files that are gone
            found[table] = layout.lay(whole, table, bucket, ALL).read_bytes()
    new.write(bucket, found)


def end(shelf: Shelf, layout: Layout) -> set[str]:
    """Say that all rows of this landing are kept; return the names of what has them."""
    keys = layout.file_keys()["key"]
    shelf.write(FILES, {FILES: "\n".join(keys).encode()})
    kept = now(shelf, layout)
    return {shelf.path(FILES).name, *(kept.path(each).name for each in buckets(layout))}


def _tables(bucket: int | str) -> tuple[str, ...]:
    if isinstance(bucket, int):
        return OF_BUCKET
    return OF_ALL if bucket == ALL else OF_FILES


def _of(shelf: Shelf, keys: list[str]) -> Shelf:
    return replace(shelf, rules=naming.named(shelf.rules, *keys))


def _kept(bucket: int | str, old: Shelf) -> Files:
    if not old.path(bucket).exists():
        raise taken_away(old.path(bucket))
    return old.read(bucket)


def _renumbered(kept: bytes, numbers: pl.DataFrame) -> pl.DataFrame:
    """Return rows of a run before under the numbers of now, if their file is there."""
    rows = pl.read_parquet(io.BytesIO(kept))
    if numbers["old"].equals(numbers["file"]):
        return rows
    return rows.with_columns(numbers["file"].gather(rows["file"])).drop_nulls("file")
