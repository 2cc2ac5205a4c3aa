"""What a suite in `expectations/` may say: Great Expectations' own JSON, and a why."""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from chronicle.core.errors import ParamsError
from chronicle.core.params import Params
from chronicle.core.tables import Table

COLUMNS = ("column", "column_A", "column_B")


class Meta(Params):
    """Why an expectation is there. `id` names it in verdicts and messages."""

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    why: str = Field(min_length=10)
    source: str | None = None


class Entry(Params):
    """One expectation. `critical` stops the run; the others are shown."""

    type: str = Field(pattern=r"^expect_[a-z_]+$")
    kwargs: dict[str, Any]
    severity: Literal["critical", "warning", "info"]
    meta: Meta

    @property
    def id(self) -> str:
        """Its name in verdicts."""
        return self.meta.id

    @property
    def column(self) -> str | None:
        """The column or columns that it asks about."""
        named = [str(self.kwargs[key]) for key in COLUMNS if key in self.kwargs]
        return ", ".join(named + self.kwargs.get("column_list", [])) or None


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
        """Every word that may be a column, so that only those are converted."""
        text = " ".join(str(each.kwargs) for each in self.expectations)
        for mark in "'\"(),[]=<>":
            text = text.replace(mark, " ")
        return set(text.split())


def read(path: Path, table: Table) -> Suite:
    """Read the suite of a table.

    Raises:
        ParamsError: The file is missing, is no JSON, says something unknown, or asks
            about a column that the table does not have.
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
    _only_columns_of(table, suite, where=str(path))
    return suite


def _only_columns_of(table: Table, suite: Suite, *, where: str) -> None:
    for entry in suite.expectations:
        asked = set((entry.column or "").split(", ")) - {""}
        if strange := sorted(asked - set(table.columns)):
            raise ParamsError(
                f"{entry.id} asks about {', '.join(strange)}, which {table.name} "
                "does not have.",
                where=where,
                do=f"its columns are {', '.join(table.columns)}",
            )
