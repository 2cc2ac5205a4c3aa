"""Which rows an expectation asks about: Great Expectations' own objects, typed."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from chronicle.core.params import Params

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
# columns from the check in entry.py.
Condition = Annotated[Comparison | Nullity | Both, Field(discriminator="type")]
CONDITION: TypeAdapter[Comparison | Nullity | Both] = TypeAdapter(Condition)
ANY = Both(type="and", conditions=())
