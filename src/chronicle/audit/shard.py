"""One file of features, counted: the counts of all files add up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from chronicle.audit import alone, known
from chronicle.audit.asked import Suite
from chronicle.core import store
from chronicle.core.expect import suite
from chronicle.core.tables import EVENTS, FEATURES

Groups = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Counted:
    """See `matrix.Built`; `asked` as `suite.ASKED`."""

    rows: int
    columns: tuple[str, ...]
    codes: frozenset[str]
    asked: pl.DataFrame
    beyond: pl.DataFrame
    present: dict[tuple[str, ...], int]
    alone: dict[str, alone.Counts]
    patients: dict[str, int]


def count(
    name: str,
    *,
    asked: Suite,
    tables: Path,
    features: Path,
    dictionary: Sequence[Mapping[str, Any]],
    steps: alone.Steps,
    outcomes: dict[str, pl.DataFrame],
    groups: Groups,
) -> Counted:
    """Count the file `name`.

    Args:
        name: Of a file of features, and of the events of the same patients.
        asked: The suite of features.
        tables: Where the events are.
        features: Of one index rule.
        dictionary: Of these features.
        steps: See `alone.steps`.
        outcomes: Disease -> index times and what came of them.
        groups: Features of which one should be there.
    """
    matrix = store.read(FEATURES, features / name)
    events = store.read(EVENTS, tables / "events" / name, columns=known.READ)
    there = matrix.select(known.KEY).with_row_index("row")
    mine = {slug: there.join(each, on=known.KEY) for slug, each in outcomes.items()}
    return Counted(
        matrix.height,
        tuple(each for each in matrix.columns if each not in known.KEY),
        frozenset(events["code"].unique()),
        suite.ask(matrix, asked),
        known.too_much(matrix, events, dictionary),
        {names: _present(matrix, names) for names in groups},
        alone.counted(matrix, steps, mine),
        {
            slug: each.filter("boolean_value")["subject_id"].n_unique()
            for slug, each in mine.items()
        },
    )


def _present(matrix: pl.DataFrame, names: tuple[str, ...]) -> int:
    there = pl.any_horizontal(pl.col(each).fill_null(0) != 0 for each in names)
    return int(matrix.select(there.sum()).item())
