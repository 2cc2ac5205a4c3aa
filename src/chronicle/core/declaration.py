"""What a table's declaration says: columns, types, meanings; `tables` has them all."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import polars as pl

from chronicle.core.errors import TableError

TIME = pl.Datetime("us")


@dataclass(frozen=True)
class Column:
    """One column: its type, what it means, and whether it may be null."""

    dtype: pl.DataType
    meaning: str
    nullable: bool = False


SUBJECT = Column(pl.Int64(), "patient: keyed hash of the source's Patient id (MEDS)")
SITE = Column(
    pl.String(),
    "who sent it: its folder below the landing where `ingest.sites` names that, else a "
    "pseudonym; - where it lay in none",
)


@dataclass(frozen=True)
class Table:
    """A table's declaration.

    Args:
        name: The word that messages use.
        row: What one row is.
        columns: Every column, in the order in which it is written.
        order: The columns that sort the rows; together with the others they make the
            bytes independent of the order in which rows were made.
        more: The type of further columns, where a table may have them (features).
    """

    name: str
    row: str
    columns: Mapping[str, Column]
    order: tuple[str, ...]
    more: pl.DataType | None = None

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column names and types."""
        return {name: column.dtype for name, column in self.columns.items()}

    def only(self, names: Collection[str]) -> "Table":
        """Return the declaration of some of its columns."""
        kept = {name: each for name, each in self.columns.items() if name in names}
        order = tuple(name for name in self.order if name in names)
        return replace(self, columns=kept, order=order)

    def empty(self) -> pl.DataFrame:
        """Return the table without a row."""
        return pl.DataFrame(schema=self.schema)

    def require(self, frame: pl.DataFrame, *, where: str) -> pl.DataFrame:
        """Return `frame` with exactly the declared columns, in their order.

        Raises:
            TableError: A column is missing, has another type, or holds a null where
                none is allowed. The message names columns and counts only.
        """
        faults = [*self._wrong_columns(frame.schema), *self._nulls(frame)]
        if faults:
            raise TableError(
                f"{self.name}: {'; '.join(faults)}.",
                where=where,
                do="every column is declared in chronicle/core/tables.py",
            )
        extra = [name for name in frame.columns if name not in self.columns]
        return frame.select(*self.columns, *extra)

    def _wrong_columns(self, schema: pl.Schema) -> list[str]:
        faults = [
            f"column {name} is {schema.get(name, 'missing')}, not {column.dtype}"
            for name, column in self.columns.items()
            if schema.get(name) != column.dtype
        ]
        faults += [
            f"column {name} is not declared"
            for name, dtype in schema.items()
            if name not in self.columns and dtype != self.more
        ]
        return faults

    def _nulls(self, frame: pl.DataFrame) -> list[str]:
        return [
            f"column {name} is null in {frame[name].null_count()} rows"
            for name, column in self.columns.items()
            if name in frame.columns
            and not column.nullable
            and frame[name].null_count()
        ]
