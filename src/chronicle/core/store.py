"""Parquet, JSON and YAML on disk: same rows, same bytes; whole or not at all."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import yaml
from polars.io.plugins import register_io_source

from chronicle.core.declaration import Table
from chronicle.core.errors import TableError

# Fixed, because the writer's defaults are free to change with its version.
WRITER: dict[str, Any] = {
    "compression": "zstd",
    "compression_level": 3,
    "statistics": True,
    "row_group_size": 64 * 1024,
}
# Written in C, ten times as fast, where PyYAML was built with it.
YAML: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
METRIC_DIGITS = 6  # below it, sums differ with the processor's vector width


def shards(folder: Path) -> list[Path]:
    """Return the Parquet files of a table, in the order of their names."""
    found = sorted(folder.glob("*.parquet"))
    if not found:
        raise TableError(
            "the table has no file.",
            where=str(folder),
            do="run the stage that makes it",
        )
    return found


def read(
    table: Table,
    path: Path,
    *,
    columns: list[str] | None = None,
    rows: pl.DataFrame | None = None,
    first: int | None = None,
) -> pl.DataFrame:
    """Read a table from one file, or from all files of a folder.

    Args:
        table: Its declaration.
        path: The file or folder.
        columns: Those to read; None reads all.
        rows: Those to read: whose values are in it; None reads all.
        first: So many of each file at most; None reads all.

    Raises:
        TableError: There is no such file, or its columns are not those of `table`.
    """
    files = shards(path) if path.is_dir() else [path]
    if not files[0].exists():
        raise TableError(
            f"{table.name} is not there.", where=str(path), do="run the stage before"
        )
    frame = pl.concat(
        [
            _of(rows, pl.read_parquet(file, columns=columns, n_rows=first))
            for file in files
        ]
    )
    wanted = table if columns is None else table.only(columns)
    return wanted.require(frame, where=str(path))


def scan(table: Table, path: Path, *, columns: list[str]) -> pl.LazyFrame:
    """Give some columns of one file, to be read when and as far as they are asked.

    Raises:
        TableError: There is no such file, or its columns are not those of `table`.
    """
    read(table, path, columns=columns, first=0)
    return pl.scan_parquet(path).select(columns)


def write(table: Table, frame: pl.DataFrame, path: Path) -> None:
    """Write a table: checked, sorted, and visible only when it is whole."""
    whole = table.require(frame, where=str(path))
    by = [*table.order, *(name for name in table.columns if name not in table.order)]
    keys = whole.select(by)
    # Moving hundreds of columns costs more than a look at whether they must move.
    wide = whole.width > 2 * len(by)
    if not (wide and keys.equals(keys.sort(by))):
        whole = whole.sort(by)
    with beside(path) as partial:
        whole.write_parquet(partial, **WRITER)


def write_in_groups(
    table: Table, frames: Iterator[pl.DataFrame], path: Path, *, rows: int
) -> None:
    """Write a table that is never in memory as a whole: a group of rows a frame.

    Args:
        table: Its declaration.
        frames: Of `rows` rows each, save the last; already in the order of `table`.
        path: As in `write`: visible only when it is whole.
        rows: In a group. It is part of the bytes, so what it depends on may be nothing
            but the rows.
    """

    def checked(*_: object) -> Iterator[pl.DataFrame]:
        yield from (table.require(frame, where=str(path)) for frame in frames)

    with beside(path) as partial:
        register_io_source(checked, schema=table.schema).sink_parquet(
            partial, maintain_order=True, **(WRITER | {"row_group_size": rows})
        )


def unite(pieces: list[Path], path: Path) -> None:
    """Make one file of pieces that `write` wrote, and whose rows follow one another.

    Into how many pieces the rows were cut changes no byte, and each is read only once,
    a group of rows at a time. They are gone afterwards.
    """
    with beside(path) as partial:
        if len(pieces) == 1:
            pieces[0].rename(partial)
            return
        pl.scan_parquet(pieces).sink_parquet(partial, maintain_order=True, **WRITER)
    for piece in pieces:
        piece.unlink()


def write_json(value: object, path: Path) -> None:
    """Write JSON with sorted keys; floats to `METRIC_DIGITS` decimal places."""
    text = json.dumps(rounded(value), indent=2, sort_keys=True, allow_nan=False)
    write_text(text + "\n", path)


def read_json(path: Path) -> Any:
    """Read a JSON file that a stage before wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def read_yaml(path: Path) -> Any:
    """Read a YAML file."""
    return yaml.load(path.read_text(encoding="utf-8"), YAML)  # noqa: S506, a safe one


def write_text(text: str, path: Path) -> None:
    """Write a text file, visible only when it is whole."""
    with beside(path) as partial:
        partial.write_text(text, encoding="utf-8")


def fingerprint(model: Path) -> str | None:
    """Return the SHA-256 of a model's files, or None where there is no model."""
    if not (model / "model.json").exists():
        return None
    told = hashlib.sha256()
    for path in sorted(model.rglob("*")):
        if path.is_file():
            told.update(path.relative_to(model).as_posix().encode() + b"\0")
            told.update(hashlib.sha256(path.read_bytes()).digest())
    return told.hexdigest()


@contextmanager
def folder(path: Path) -> Iterator[Path]:
    """Give a new folder that takes the name `path` when the block ends well."""
    partial = path.with_name(f".{path.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
    except BaseException:
        shutil.rmtree(partial)
        raise
    shutil.rmtree(path, ignore_errors=True)
    partial.rename(path)


@contextmanager
def scratch(path: Path) -> Iterator[Path]:
    """Give an empty folder, which nobody else may open, for the block.

    What a killed run left there goes first.
    """
    shutil.rmtree(path, ignore_errors=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700)
    try:
        yield path
    finally:
        shutil.rmtree(path)


def _of(rows: pl.DataFrame | None, frame: pl.DataFrame) -> pl.DataFrame:
    return frame if rows is None else frame.join(rows, on=rows.columns, how="semi")


@contextmanager
def beside(path: Path, word: str = "partial") -> Iterator[Path]:
    """Give a path for the block that takes the name `path` when it ends well.

    Args:
        path: Of a file.
        word: Tells it from those of others who may write the same file now.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{word}")
    try:
        yield partial
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    os.replace(partial, path)  # noqa: PTH105, Path.replace says the same less plainly


def rounded(value: object) -> object:
    """Return JSON with floats to `METRIC_DIGITS` decimal places."""
    if isinstance(value, float):
        return round(value, METRIC_DIGITS)
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(each) for each in value]
    return value
