"""A file of a table as later stages see it, and who failed what: a piece at a time.

Into how many pieces a file is cut changes no byte. Its rows are never in memory as a
whole; the verdicts on them, which are narrow, are, since they stand in another order.
"""

import shutil
from pathlib import Path

import polars as pl

from chronicle.check import act
from chronicle.core import store
from chronicle.core.declaration import Table
from chronicle.core.tables import VERDICTS

KEPT, TOLD = "kept", "told"


def piece(
    table: Table, rows: pl.DataFrame, acted: pl.DataFrame, folder: Path, number: int
) -> int:
    """Write some rows and the verdicts on them; return how many rows are kept.

    Args:
        table: Whose rows.
        rows: With their numbers in `row`.
        acted: What is done to them, as `act.ACTED`.
        folder: Of all pieces of the file.
        number: Of this piece; their rows follow one another.
    """
    name = f"{number:06d}.parquet"
    kept = act.apply(rows, acted)
    store.write(table, kept, folder / KEPT / name)
    store.write(VERDICTS, _keyed(rows, acted), folder / TOLD / name)
    return kept.height


def unite(folder: Path, kept: Path, told: Path, *, same: Path | None) -> None:
    """Make one file of the rows that are kept, and one of all verdicts.

    Args:
        folder: Of the pieces.
        kept: Where the rows go.
        told: Where the verdicts go.
        same: The file as it came, if nothing was done to it; None if something was.
    """
    if same:
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(same, kept)
    else:
        store.unite(store.shards(folder / KEPT), kept)
    store.write(VERDICTS, store.read(VERDICTS, folder / TOLD), told)


def _keyed(rows: pl.DataFrame, acted: pl.DataFrame) -> pl.DataFrame:
    code = pl.col("code") if "code" in rows.columns else pl.lit(None, pl.String)
    keys = rows.select("row", "provenance", code=code)
    return acted.join(keys, on="row").select(
        "provenance", "code", "action", "done", check="id"
    )
