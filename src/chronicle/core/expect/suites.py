"""Suites read from files; a typo is an error that names file and entry."""

from collections.abc import Mapping
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
            f"{'.'.join(map(str, each['loc'])) or 'file'}: {each['msg']}"
            for each in fault.errors()
        )
        raise ParamsError(
            f"{fault.error_count()} fault(s): {told}.",
            where=str(path),
            do="the keys are documented in chronicle.core.expect.entry",
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
                f"{entry.id} asks about {', '.join(sorted(strange))}, which "
                f"{table.name} does not have, or may not be null.",
                where=where,
                do=f"its columns are {', '.join(table.columns)}; a rule's also "
                f"{', '.join(more)}; the judge's "
                f"{', '.join(SHARES)}",
            )
