"""Suites read from files; a typo is an error that names file and entry."""

import json
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError

from chronicle.core.declaration import Table
from chronicle.core.errors import ParamsError
from chronicle.core.expect.entry import SHARES, Rule, Suite

SUITES = ("cohort", "events", "features", "patients")  # whichever stage asks them
Besides = Mapping[str, tuple[str, ...]]


def read(
    path: Path, table: Table, kind: type[Suite[Rule]], besides: Besides
) -> Suite[Rule]:
    """Read the suite of a table.

    Args:
        path: Its file.
        table: What it is asked of.
        kind: `Suite` of the rules that the stage knows.
        besides: By table: columns that its rows have besides its own while they are
            asked.

    Raises:
        ParamsError: The file is missing, is no JSON, says something unknown, is named
            after another table, or asks about a column that the table does not have.
    """
    try:
        suite = kind.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise ParamsError(
            f"the table {table.name} has no suite.",
            where=str(path),
            do="write one: a table that nobody asks anything is not judged",
        ) from None
    except ValidationError as fault:
        told = "; ".join(
            f"{_place(path, each['loc'])}: {each['msg']}" for each in fault.errors()
        )
        raise ParamsError(
            f"{fault.error_count()} fault(s): {told}.",
            where=str(path),
            do="how an entry is written: docs/how-to/add-a-check.md",
        ) from None
    _only_about(table, suite, besides.get(table.name, ()), where=str(path))
    return suite


def read_all(
    folder: Path,
    tables: Mapping[str, Table],
    kind: type[Suite[Rule]],
    besides: Besides,
) -> dict[str, Suite[Rule]]:
    """Read the suite of every table that a stage judges.

    Raises:
        ParamsError: As `read`; also where a suite is of no table that is judged, by
            this stage or another.
    """
    if strange := sorted({path.stem for path in folder.glob("*.json")} - {*SUITES}):
        raise ParamsError(
            f"nobody judges a table {', '.join(strange)}.",
            where=str(folder),
            do=f"name the file after one of {', '.join(SUITES)}, or remove it",
        )
    return {
        name: read(folder / f"{name}.json", each, kind, besides)
        for name, each in tables.items()
    }


def _only_about(
    table: Table, suite: Suite[Rule], more: tuple[str, ...], *, where: str
) -> None:
    if suite.name != table.name:
        raise ParamsError(
            f"the suite calls itself {suite.name}.",
            where=where,
            do=f'write "name": "{table.name}", as the file is called',
        )
    for entry in suite.expectations:
        known = {*table.columns} if entry.meta.rule is None else {*SHARES}
        wide = {*table.columns, *more}
        writable = {name for name, each in table.columns.items() if each.nullable}
        strange = {
            *(entry.columns - known),
            *(entry.named - wide),
            *(set(entry.meta.nulls) - writable),
        }
        if strange:
            raise ParamsError(
                f"{entry.id} asks about {_likely(strange, wide)}, which "
                f"{table.name} does not have, or may not be null.",
                where=where,
                do=f"its columns are {', '.join(table.columns)}; a rule's also "
                f"{', '.join(more)}; the judge's "
                f"{', '.join(SHARES)}",
            )


def _place(path: Path, where: Sequence[int | str]) -> str:
    """Return where in a file a fault is: by the entry's name, if it has one."""
    words = [str(each) for each in where]
    if len(where) > 1 and where[0] == "expectations":
        entry = json.loads(path.read_bytes())["expectations"][where[1]]
        meta = entry.get("meta") if isinstance(entry, dict) else None
        name = meta.get("id") if isinstance(meta, dict) else None
        words[:2] = [str(name or f"expectation {int(where[1]) + 1}")]
    return ".".join(words) or "file"


def _likely(strange: Collection[str], known: Collection[str]) -> str:
    """Return names that nobody knows, each with the one that may be meant."""
    meant = {each: get_close_matches(each, sorted(known), 1) for each in strange}
    return ", ".join(
        f"{name} ({meant[name][0]}?)" if meant[name] else name for name in sorted(meant)
    )
