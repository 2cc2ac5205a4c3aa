"""What the suites of this stage may say: the kinds of rule that it knows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from chronicle.check import course, neighbours, reference, rules, typed, whole, within
from chronicle.core.declaration import Table
from chronicle.core.expect import entry, suites

# Besides its own, a table's rows have these while they are asked; see wide.py.
BESIDES = {
    "patients": (
        "events", "encounters", "first_time", "last_time", "age_at_last",
        "encounters_after_death", "share_before_birth",
    ),
    "events": (
        "born", "died", "gender", "age", "encounters", "last_time",
        "encounter", "encounter_start", "encounter_end", "extracted",
    ),
}  # fmt: skip
OfRows = (
    rules.Range | rules.Limits | rules.Regex | rules.Set | rules.Null | rules.Fate
    | rules.Order | rules.CheckDigit | rules.Heaping | rules.Midnight
    | within.Duplicate | within.Echo | within.Conflict | within.Above | within.BodyMass
    | neighbours.Jump | typed.Typed
    | course.Reversal | course.Repeat | course.Precedes | course.Once
)  # fmt: skip
OfAll = whole.Ledger | whole.Volume | reference.Drift
Rule = Annotated[OfRows | OfAll, Field(discriminator="kind")]
# Each by a name of its own here: what is sent to a worker is found by it.
Meta = entry.Meta[Rule]
Entry = entry.Entry[Rule]
Suite = entry.Suite[Rule]


def read_all(folder: Path, tables: Mapping[str, Table]) -> dict[str, Suite]:
    """Read the suites of the tables that this stage judges."""
    return suites.read_all(folder, tables, Suite, BESIDES)
