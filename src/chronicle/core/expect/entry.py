"""What a suite in `expectations/` may say: Great Expectations' own JSON, and a why.

An expectation without `meta.rule` asks the table itself. With one, the rule flags rows,
and the expectation judges the share of flagged rows at each site.
"""

from typing import Any, Generic, Literal, Self, TypeVar

import polars as pl
from pydantic import Field, ValidationError, field_validator, model_validator

from chronicle.core.expect.condition import ANY, CONDITION, Both, Comparison, Nullity
from chronicle.core.params import Params

COLUMNS = ("column", "column_A", "column_B")
NAMES = ("column", "first", "then", "beside")  # parameters of rules that name one
# The column that is judged where there is a rule: a row for each site and part.
SHARES = ("share",)
NARROW = {
    "site": pl.String(),
    "part": pl.String(),
    "n": pl.Int64(),
    "failed": pl.Int64(),
    "share": pl.Float64(),
}
Action = Literal["stop", "refuse", "null", "flag", "warn"]


# The kinds of rule that a stage knows. One that flags rows has `failed`, an expression;
# one about a whole has `narrow`, which gives a frame as `NARROW`.
Rule = TypeVar("Rule", bound=Params)


class Rows(Params):
    """Which rows a rule asks about; empty is all. A code may end in `*`."""

    types: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


class Meta(Params, Generic[Rule]):
    """Why an expectation is there. `id` names it in verdicts and messages.

    Args:
        check: Its number in the catalogue of checks, as T01.
        kahn: Its category, after Kahn et al., eGEMs 2016;4(1):1244.
        source: Whose rule or limit it is, were it our own judgement.
        action: What becomes of a row that fails: its resource is refused, the columns
            `nulls` are nulled, it is flagged, or nothing. What becomes of the run
            where too many fail is the severity: `critical` stops it.
    """

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    check: str = Field(pattern=r"^[A-Z]\d\d$")
    kahn: Literal[
        "conformance/value", "conformance/relational", "conformance/computational",
        "completeness", "plausibility/uniqueness", "plausibility/atemporal",
        "plausibility/temporal", "leakage",
    ]  # fmt: skip
    action: Action
    why: str = Field(min_length=10)
    source: str = Field(min_length=3)
    rows: Rows = Rows()
    rule: Rule | None = None
    nulls: tuple[str, ...] = ()


class Entry(Params, Generic[Rule]):
    """One expectation. `critical` stops the run; the others are shown."""

    # Which columns a table has is kept by core/tables.py; here only those are loaded
    # that a suite asks about.
    type: str = Field(pattern=r"^expect_(column|compound|multicolumn|select|table_row)")
    kwargs: dict[str, Any]
    severity: Literal["critical", "warning", "info"]
    meta: Meta[Rule]

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

    @model_validator(mode="after")
    def _action_fits(self) -> Self:
        action, rule = self.meta.action, self.meta.rule
        if action in ("refuse", "null", "flag") and not self.flags:
            raise ValueError(f"action {action} needs a rule that flags rows")
        if (action == "null") is not bool(self.meta.nulls):
            raise ValueError(
                "action null names the columns in nulls, and no other does"
            )
        if rule is not None and "row_condition" in self.kwargs:
            raise ValueError("a rule says in meta.rows which rows it asks about")
        if action == "stop" and self.severity != "critical":
            raise ValueError("action stop is for severity critical")
        return self

    @property
    def flags(self) -> bool:
        """Whether its rule flags rows."""
        return hasattr(self.meta.rule, "failed")

    @property
    def of_table(self) -> bool:
        """Whether it asks about a table as a whole, and of no row."""
        return self.type.startswith("expect_table_")

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

    @property
    def named(self) -> set[str]:
        """The columns that its rule names, and those that it nulls."""
        said = self.meta.rule.model_dump() if self.meta.rule else {}
        return {said[key] for key in NAMES if said.get(key)} | {
            *self.meta.nulls,
            *said.get("alike", ()),
        }


class Suite(Params, Generic[Rule]):
    """A file of expectations; its name is the table's."""

    name: str
    meta: dict[str, str] = {}  # noqa: RUF012, pydantic copies it
    expectations: tuple[Entry[Rule], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        ids = [each.id for each in self.expectations]
        twice = sorted({each for each in ids if ids.count(each) > 1})
        if twice:
            raise ValueError(f"meta.id used twice: {', '.join(twice)}")
        return self

    @property
    def plain(self) -> tuple[Entry[Rule], ...]:
        """What asks the table itself."""
        return tuple(each for each in self.expectations if each.meta.rule is None)

    @property
    def ruled(self) -> tuple[Entry[Rule], ...]:
        """What flags rows."""
        return tuple(each for each in self.expectations if each.flags)

    @property
    def whole(self) -> tuple[Entry[Rule], ...]:
        """What a rule asks of all rows together."""
        return tuple(
            each for each in self.expectations if each.meta.rule and not each.flags
        )

    @property
    def columns(self) -> set[str]:
        """The columns that the plain ones ask about."""
        return {name for each in self.plain for name in each.columns}
