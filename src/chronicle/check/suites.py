"""Suites read from files; a typo is an error that names file and entry."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from chronicle.check.digits import holds
from chronicle.check.entry import BESIDES, SHARES, Entry, Rule, Suite
from chronicle.check.flag import named_codes
from chronicle.check.rules import Range
from chronicle.core.declaration import Table
from chronicle.core.errors import ParamsError


def read(path: Path, table: Table) -> Suite:
    """Read the suite of a table.

    Raises:
        ParamsError: The file is missing, is no JSON, says something unknown, is named
            after another table, or asks about a column that the table does not have.
    """
    try:
        suite = Suite.model_validate_json(path.read_bytes())
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
            do="the keys are documented in chronicle.check.entry",
        ) from None
    _only_about(table, suite, where=str(path))
    return suite


def read_all(folder: Path, tables: Mapping[str, Table]) -> dict[str, Suite]:
    """Read the suite of every table.

    Raises:
        ParamsError: As `read`; also where a suite is of no table that is judged.
    """
    if strange := sorted({path.stem for path in folder.glob("*.json")} - {*tables}):
        raise ParamsError(
            f"nobody judges a table {', '.join(strange)}.",
            where=str(folder),
            do=f"name the file after one of {', '.join(tables)}, or remove it",
        )
    return {name: read(folder / f"{name}.json", each) for name, each in tables.items()}


def _only_about(table: Table, suite: Suite, *, where: str) -> None:
    if suite.name != table.name:
        raise ParamsError(
            f"the suite calls itself {suite.name}.",
            where=where,
            do=f'write "name": "{table.name}", as the file is called',
        )
    for entry in suite.expectations:
        known = {*table.columns} if entry.meta.rule is None else {*SHARES}
        wide = {*table.columns, *BESIDES.get(table.name, ())}
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
                f"{', '.join(BESIDES.get(table.name, ()))}; the judge's "
                f"{', '.join(SHARES)}",
            )


def idle(suite: Suite) -> list[str]:
    """Name the expectations that can never fail, or only fail, with the reason."""
    told = {each.id: _idle(each) for each in suite.expectations}
    return [f"{suite.name}.{name}: {why}" for name, why in told.items() if why]


def _idle(entry: Entry) -> str | None:
    limits, rule = entry.kwargs, entry.meta.rule
    low, high = limits.get("min_value"), limits.get("max_value")
    if limits.get("mostly") == 0:
        return "mostly is 0: all rows may fail"
    if low is not None and high is not None and low > high:
        return "min_value is above max_value: nothing passes"
    if rule is None:
        return None
    if (low is None or low <= 0) and (high is None or high >= 1):
        return "any share passes"
    if isinstance(rule, Range) and rule.low is None and rule.high is None:
        return "neither low nor high is given"
    codes = (*entry.meta.rows.codes, *named_codes(entry))
    bad = [each for each in codes if holds(each) is False and "*" not in each]
    return f"no such code: {', '.join(bad)}" if bad else _empty(rule)


def _empty(rule: Rule) -> str | None:
    gone = [key for key, each in rule.model_dump().items() if each in ((), {})]
    needed = [each for each in gone if each != "alike"]
    return f"nothing in {', '.join(needed)}" if needed else None
