"""What the suites of this stage may say: the kinds of rule that it knows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from chronicle.audit import drawn, matrix
from chronicle.core.declaration import Table
from chronicle.core.expect import entry, suites

Rule = Annotated[
    drawn.Apart | drawn.Ahead | drawn.Observed | drawn.Followed | drawn.Prevalence
    | matrix.Known | matrix.Own | matrix.Alone | matrix.Available,
    Field(discriminator="kind"),
]  # fmt: skip
# Each by a name of its own here: what is sent to a worker is found by it.
Meta = entry.Meta[Rule]
Entry = entry.Entry[Rule]
Suite = entry.Suite[Rule]


def read_all(folder: Path, tables: Mapping[str, Table]) -> dict[str, Suite]:
    """Read the suites of the tables that this stage judges."""
    return suites.read_all(folder, tables, Suite, {})


def idle(suite: Suite) -> list[str]:
    """Name the expectations that can never fail, with the reason."""
    told = {each.id: _idle(each) for each in suite.expectations}
    return [f"{suite.name}.{name}: {why}" for name, why in told.items() if why]


def _idle(entry: Entry) -> str | None:
    if entry.meta.rule is None:
        return "all rows may fail" if entry.kwargs.get("mostly") == 0 else None
    if entry.kwargs.get("max_value", 1) >= 1:
        return "any share passes"
    said = entry.meta.rule.model_dump()
    empty = [key for key, each in said.items() if each in ((), {})]
    return f"nothing in {', '.join(empty)}" if empty else None
