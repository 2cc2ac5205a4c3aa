"""A record that is being written."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

import numpy as np

from chronicle.simulate.lives.life import Lives
from chronicle.simulate.record import (
    Answered,
    Diagnosed,
    Measured,
    Ordered,
    Person,
    Record,
    Visit,
)

Row = TypeVar("Row", Measured, Answered, Diagnosed, Ordered)


@dataclass
class Draft:
    """One person's record: lists grow, visits keep their number until it is done.

    Args:
        lives: Whose years it is written from.
        column: Whose place among them.
        chance: The person's own, for what only dates and rows need.
        pulse: How far the person's heart rate is from the average, in standard
            deviations.
    """

    lives: Lives
    column: int
    chance: np.random.Generator
    pulse: float
    visits: list[Visit] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)
    diagnosed: list[Diagnosed] = field(default_factory=list)
    ordered: list[Ordered] = field(default_factory=list)

    def when(self, name: str) -> float:
        """Return when something happened, in calendar years; infinite for never."""
        return float(self.lives.state.times[name][self.column])

    def trait(self, name: str) -> float:
        """Return what does not change."""
        return float(self.lives.state.traits[name][self.column])

    def seen(self, year: int, name: str) -> float:
        """Return what a year's measurements showed; NaN where there was none."""
        return float(self.lives.years[year].seen[name][self.column])

    def add_visit(self, start: datetime, end: datetime, kind: str) -> int:
        """Add a visit; return its number."""
        self.visits.append(Visit(start, end, kind))
        return len(self.visits) - 1

    def start(self, visit: int) -> datetime:
        """Return when a visit begins."""
        return self.visits[visit].start

    def done(self, person: Person) -> Record:
        """Return the record, with its visits in order of time."""
        order = sorted(range(len(self.visits)), key=lambda i: (self.start(i), i))
        place = {old: new for new, old in enumerate(order)}

        def moved(rows: list[Row]) -> tuple[Row, ...]:
            found = [replace(row, visit=place[row.visit]) for row in rows]
            return tuple(sorted(found, key=lambda row: row.visit))

        return Record(
            person,
            tuple(self.visits[i] for i in order),
            moved(self.measured),
            moved(self.answered),
            moved(self.diagnosed),
            moved(self.ordered),
        )
