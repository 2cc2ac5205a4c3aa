"""What a suite in `expectations/` may say: Great Expectations' own JSON, and a why."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from chronicle.core.declaration import Table
from chronicle.core.errors import ParamsError
from chronicle.core.params import Params

COLUMNS = ("column", "column_A", "column_B")
WORDS = {"==": "is", "!=": "is not", "IN": "is one of", "NOT_IN": "is none of"}


class Column(Params):
    """A column of the table, as a condition names it."""

    name: str


class Comparison(Params):
    """The rows in which a column compares so with a fixed value."""

    type: Literal["comparison"]
    column: Column
    operator: Literal["==", "!=", "<", "<=", ">", ">=", "IN", "NOT_IN"]
    parameter: str | float | list[str] | list[float]

    def words(self) -> str:
        """Say it as a person would."""
        fixed = self.parameter
        value = ", ".join(map(str, fixed)) if isinstance(fixed, list) else fixed
        return f"{self.column.name} {WORDS.get(self.operator, self.operator)} {value}"


class Nullity(Params):
    """The rows in which a column is null, or in which it is not."""

    type: Literal["nullity"]
    column: Column
    is_null: bool

    def words(self) -> str:
        """Say it as a person would."""
        return f"{self.column.name} is {'absent' if self.is_null else 'there'}"


class Both(Params):
    """The rows that meet every one of these."""

    type: Literal["and"]
    conditions: tuple[Comparison | Nullity, ...]

    def words(self) -> str:
        """Say it as a person would."""
        return " and ".join(each.words() for each in self.conditions)


# The text form of older releases goes away with Great Expectations 2, and hides its
# columns from the check below.
Condition = Annotated[Comparison | Nullity | Both, Field(discriminator="type")]
CONDITION: TypeAdapter[Comparison | Nullity | Both] = TypeAdapter(Condition)
ANY = Both(type="and", conditions=())


class Meta(Params):
    """Why an expectation is there. `id` names it in verdicts and messages."""

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    why: str = Field(min_length=10)
    source: str | None = None


class Entry(Params):
    """One expectation. `critical` stops the run; the others are shown."""

    # Which columns a table has is kept by core/tables.py; here only those are loaded
    # that a suite asks about.
    type: str = Field(pattern=r"^expect_(column|compound|multicolumn|select|table_row)")
    kwargs: dict[str, Any]
    severity: Literal["critical", "warning", "info"]
    meta: Meta

    @field_validator("kwargs")
    @classmethod
    def _condition_reads(cls, kwargs: dict[str, Any]) -> dict[str, Any]:
        try:
            CONDITION.validate_python(kwargs.get("row_condition", ANY))
        except ValidationError:
            raise ValueError(
                "row_condition is no object of type comparison, nullity or and"
            ) from None
        return kwargs

    @property
    def id(self) -> str:
        """Its name in verdicts."""
        return self.meta.id

    @property
    def condition(self) -> Comparison | Nullity | Both | None:
        """Which rows it asks about; None is all."""
        found = self.kwargs.get("row_condition")
        return None if found is None else CONDITION.validate_python(found)

    @property
    def judged(self) -> list[str]:
        """The columns that it asks about."""
        named = [str(self.kwargs[key]) for key in COLUMNS if key in self.kwargs]
        return named + list(self.kwargs.get("column_list", []))

    @property
    def columns(self) -> set[str]:
        """Those, and the columns that say in which rows."""
        found = self.condition
        if found is None:
            return set(self.judged)
        parts = found.conditions if isinstance(found, Both) else (found,)
        return {*self.judged, *(each.column.name for each in parts)}


class Suite(Params):
    """A file of expectations; its name is the table's."""

    name: str
    meta: dict[str, str] = {}  # noqa: RUF012, pydantic copies it
    expectations: tuple[Entry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        ids = [each.id for each in self.expectations]
        twice = sorted({each for each in ids if ids.count(each) > 1})
        if twice:
            raise ValueError(f"meta.id used twice: {', '.join(twice)}")
        return self

    @property
    def columns(self) -> set[str]:
        """The columns to load."""
        return {name for each in self.expectations for name in each.columns}


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
        if strange := sorted(entry.columns - set(table.columns)):
            raise ParamsError(
                f"{entry.id} asks about {', '.join(strange)}, which {table.name} "
                "does not have.",
                where=where,
                do=f"its columns are {', '.join(table.columns)}",
            )
