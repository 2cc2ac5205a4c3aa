"""Stage `convert`: a table of people, a mapping -> FHIR as NDJSON, to be collected.

A source, as `fetch` is: DVC tracks what it makes once that is collected.
"""

import logging
from pathlib import Path

import orjson
import polars as pl

from chronicle.convert.mapping import Mapping
from chronicle.convert.resources import resources
from chronicle.core import params, store
from chronicle.core.errors import ParamsError, TableError

log = logging.getLogger(__name__)
ID = r"^[A-Za-z0-9\-.]{1,48}$"  # FHIR takes 64: each resource adds a number


def run(table: Path, mapping: Path, landing: Path) -> None:
    """Write one NDJSON file for each type of resource.

    Raises:
        ParamsError: The mapping is none, or names a column that the table lacks.
        TableError: The table cannot be read.
    """
    asked = params.load(mapping, Mapping)
    rows = read(table, asked)
    lacking = sorted(asked.columns - set(rows.columns))
    if lacking:
        raise ParamsError(
            f"the table has no column {', '.join(lacking)}.",
            where=str(mapping),
            do=f"name one of its {rows.width} columns, or list their names in `header`",
        )
    for column in unheard(rows, asked):
        log.warning("convert: column %s has none of the values looked for", column)
    names = demand_names(rows, asked, where=str(table))
    lines: dict[str, list[bytes]] = {}
    for name, row in zip(names, rows.iter_rows(named=True), strict=True):
        for each in resources(row, name, asked):
            lines.setdefault(each["resourceType"], []).append(orjson.dumps(each))
    with store.folder(landing) as folder:
        for kind, texts in lines.items():
            (folder / f"{kind}.ndjson").write_bytes(b"\n".join(texts) + b"\n")
    told = ", ".join(f"{len(texts):,} {kind}" for kind, texts in sorted(lines.items()))
    log.info("convert: %s rows -> %s", f"{rows.height:,}", told or "nothing")


def read(table: Path, asked: Mapping) -> pl.DataFrame:
    """Read a table as text; null where it says nothing."""
    try:
        if table.suffix == ".parquet":
            found = pl.read_parquet(table)
        else:
            found = pl.read_csv(
                table,
                separator=asked.separator,
                has_header=asked.header is None,
                new_columns=asked.header,
                infer_schema=False,
            )
    except (OSError, pl.exceptions.PolarsError) as fault:
        raise TableError(
            f"the table cannot be read ({type(fault).__name__}).",
            where=str(table),
            do="give a text file with one row a person, or Parquet; see `separator`",
        ) from None
    text = pl.all().cast(pl.String).str.strip_chars()
    return found.select(text).with_columns(
        pl.when(pl.all().is_in(asked.missing))
        .then(None)
        .otherwise(pl.all())
        .name.keep()
    )


def unheard(rows: pl.DataFrame, asked: Mapping) -> list[str]:
    """Return the columns in which no row has a value that the mapping looks for."""
    return [
        column
        for column, words in sorted(asked.words.items())
        if not rows[column].is_in(list(words)).any()
    ]


def demand_names(rows: pl.DataFrame, asked: Mapping, *, where: str) -> list[str]:
    """Return the id of each row's Patient: what the table says, or its number."""
    if asked.person.id is None:
        return [f"row-{number}" for number in range(1, rows.height + 1)]
    names = rows[asked.person.id]
    bad = rows.height - names.str.contains(ID).fill_null(value=False).sum()
    twice = rows.height - names.n_unique()
    if bad or twice:
        raise TableError(
            f"{bad} rows have no id that FHIR allows, {twice} have that of another.",
            where=where,
            do="one row a person, ids of up to 48 letters, digits, '-' and '.'; or no"
            " `id` under `person`, and the number of the row is it",
        )
    return names.to_list()
