"""What was refused is kept as it came, so that it can be mended and sent again."""

from pathlib import Path

import polars as pl

from chronicle.core import store
from chronicle.core.tables import REFUSED
from chronicle.ingest import read

FILE = "refused.parquet"


def keep(refusals: pl.DataFrame, files: list[Path], landing: Path, out: Path) -> None:
    """Write the `refused` table; reads again only the files that hold a refusal."""
    rows = [
        row | {"file": read.shown(path, landing), "raw": raw}
        for (number,), group in refusals.group_by("file", maintain_order=True)
        for path in [files[int(str(number))]]
        for row, raw in _with_raw(group, path)
    ]
    frame = pl.DataFrame(rows, REFUSED.schema) if rows else REFUSED.empty()
    with store.folder(out) as folder:
        store.write(REFUSED, frame, folder / FILE)


def _with_raw(
    refusals: pl.DataFrame, path: Path
) -> list[tuple[dict[str, object], str | None]]:
    wanted = {row["entry"]: row for row in refusals.iter_rows(named=True)}
    raws = {
        entry.number: _raw(entry)
        for entry in read.entries(path)
        if entry.number in wanted
    }
    # A file that changed may not have all of them any more; they stay refused.
    return [(row, raws.get(number)) for number, row in wanted.items()]


def _raw(entry: read.Entry) -> str | None:
    if entry.number < 0 or entry.raw is None:
        return None  # the file in the landing folder is the thing itself
    return entry.raw.decode("utf-8", "replace")
