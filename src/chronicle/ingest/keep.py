"""What did not enter is kept: what was refused as it came, of the rest where it lies.

So the one can be mended and sent again, and of the other it can be told why it is in no
table. Text and files' names may name patients, so they leave sealed (`unseal.py` opens
them). A run may refuse as much as it reads, so that text is never held as a whole.
What was refused when it was parsed has its text in the part; a file is read again only
where something of it was refused for what other files say or do not say, once (`late`).
Other rules are other code, so what those of yesterday refused is parsed anew.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import polars as pl

from chronicle.core import store
from chronicle.core.tables import CONFLICTS, DUPLICATES, MERGED, REFUSED
from chronicle.ingest import deidentify, entry, part, read, seal
from chronicle.ingest.batch import GONE
from chronicle.ingest.keys import Keys
from chronicle.ingest.late import Late
from chronicle.ingest.layout import ALL, Layout
from chronicle.ingest.persons import Merges

FILE, DOUBLES = "refused.parquet", "duplicates.parquet"
FILES = "files.sealed"  # the path of each file that the two name, by its keyed hash
PURPOSE = "refused"
WORDS = ("resource_type", "fate")
COPIES = 65_536  # rows of a group of `duplicates`
GROUP_ROWS = 8192
GROUP_BYTES = 4_000_000  # of text: what a group of rows takes of memory, and a reader
Row = tuple[Any, ...]
Text = tuple[int, bytes | None]  # of an entry, by its number
FILE_ITSELF = entry.FILE
NOWHERE: Text = (sys.maxsize, None)


class File(NamedTuple):
    """A file of the landing, and its part; None where it has none."""

    path: Path
    part: Path | None


def files(paths: list[Path], names: list[str | None], parts: Path) -> list[File]:
    """Return the files of the landing, each with its part among `parts`."""
    return [
        File(path, None if name is None else parts / name)
        for path, name in zip(paths, names, strict=True)
    ]


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
    found = pl.concat([layout.scan("gone"), deletions.select(*GONE)])
    # There may be as many as resources: a number each, and not a text.
    return found.with_columns(pl.col(WORDS).cast(pl.Categorical)).collect()


def keep(
    refusals: pl.DataFrame,
    gone: pl.DataFrame,
    merges: Merges,
    files: list[File],
    landing: Path,
    out: Path,
    keys: Keys,
) -> set[str]:
    """Write `refused`, and where the others lie that are in no table.

    Returns:
        The names of what was kept beside parts (`late`).
    """
    paths = [read.shown(each.path, landing) for each in files]
    names = [deidentify.digest(f"File/{each}", keys.pseudonym)[:8] for each in paths]
    shown = pl.Series([each.hex() for each in names], dtype=pl.String)
    listed = refusals.with_columns(number="file", file=shown.gather(refusals["file"]))
    listed = listed.sort("file", "number", "entry")
    rows = rows_a_group(listed["size"])
    with store.folder(out) as folder:
        late: set[str] = set()
        frames = _frames(_with_text(listed, files, keys, late), rows)
        store.write_in_groups(REFUSED, frames, folder / FILE, rows=rows)
        copies = _named(gone, shown)
        store.write_in_groups(DUPLICATES, copies, folder / DOUBLES, rows=COPIES)
        store.write(MERGED, merges.merged, folder / "merged.parquet")
        store.write(CONFLICTS, merges.conflicts, folder / "conflicts.parquet")
        told = dict(sorted(zip(shown, paths, strict=True)))
        sealed = seal.seal(orjson.dumps(told), keys, PURPOSE)
        (folder / FILES).write_bytes(sealed)
    return late


def _named(gone: pl.DataFrame, names: pl.Series) -> Iterator[pl.DataFrame]:
    """Give what is gone as `DUPLICATES`, in its order, a group of rows at a time.

    Files are numbers until then: sorting their names would hold all of them twice.
    """
    place = names.rank("ordinal").cast(pl.Int32) - 1
    ranked = gone.with_columns(
        file=place.gather(gone["file"]), kept_file=place.gather(gone["kept_file"])
    ).sort("file", "entry")
    names = names.sort()
    for some in ranked.iter_slices(COPIES):
        yield some.with_columns(
            pl.col(WORDS).cast(pl.String),
            file=names.gather(some["file"]),
            kept_file=names.gather(some["kept_file"]),
        )


def rows_a_group(sizes: pl.Series) -> int:
    """Return the most rows a group with which no group has more text than it may.

    A group of one row has what it has.

    >>> rows_a_group(pl.Series([10])), rows_a_group(pl.Series([10, 1_500_000] * 9))
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


def _with_text(
    listed: pl.DataFrame, files: list[File], keys: Keys, late: set[str]
) -> Iterator[Row]:
    told = ("file", "entry", "resource_type", "reason", "detail")
    for (number,), group in listed.group_by("number", maintain_order=True):
        texts = _texts(files[int(str(number))], group["entry"].to_list(), keys, late)
        yield from (
            (*row, None if text is None else seal.seal(text, keys, PURPOSE))
            for row, text in zip(group.select(told).iter_rows(), texts, strict=True)
        )


def _texts(
    file: File, wanted: list[int], keys: Keys, late: set[str]
) -> Iterator[bytes | None]:
    """Give the text of some entries of a file, whose numbers rise."""
    parsed, others = _Ahead(_of_part(file.part, keys)), Late(*file, keys)
    for number in wanted:
        if number == FILE_ITSELF:
            yield None  # the file in the landing folder is the thing itself
        elif parsed.has(number):
            yield parsed.at[1]
        else:
            yield others.text(number)
    late |= others.keep()


@dataclass
class _Ahead:
    """Texts, of which those are asked for whose numbers rise."""

    rest: Iterator[Text]
    at: Text = (FILE_ITSELF, None)

    def has(self, number: int) -> bool:
        """Go on to an entry, and tell whether it is there."""
        while self.at[0] < number:
            self.at = next(self.rest, NOWHERE)
        return self.at[0] == number


def _of_part(path: Path | None, keys: Keys) -> Iterator[Text]:
    chunks = () if path is None else part.read(path, keys, part.TEXTS)
    for columns in (chunk["texts"] for chunk in chunks):
        yield from zip(columns["entry"], columns["text"], strict=True)
