"""From years to a dated record: on which day, at which visit, with which noise.

What a year brought is spread over its visits, so that what was seen in the year is what
its visits show: their pressures have the year's mean, its laboratory values were drawn
at one of them, and what was coded was coded at one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

import numpy as np

from chronicle.simulate.lives import draws, measure
from chronicle.simulate.lives.life import Lives
from chronicle.simulate.lives.onset import ACUTE
from chronicle.simulate.lives.parameters import P
from chronicle.simulate.lives.people import RACES
from chronicle.simulate.lives.regimen import orders
from chronicle.simulate.lives.state import CODED
from chronicle.simulate.record import (
    Answered,
    Diagnosed,
    Measured,
    Ordered,
    Person,
    Record,
    Visit,
)

EARLIEST = 8.0  # o'clock; visits begin until 17
HABITS = P["record"]
Row = TypeVar("Row", Measured, Answered, Diagnosed, Ordered)


@dataclass
class Chart:
    """A record that is being written: lists grow, visits keep their number."""

    lives: Lives
    column: int
    chance: np.random.Generator
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


def chart(lives: Lives, column: int, *, seed: int, sites: tuple[str, ...]) -> Record:
    """Write the record of one person.

    Args:
        lives: From `life.lives`.
        column: Whose place among them.
        seed: Of everything.
        sites: Names, in the order of the shares that people were drawn with.
    """
    number = int(lives.numbers[column])
    made = Chart(lives, column, draws.stream(seed, "chart", number))
    for year in lives.years:
        _write_year(made, year)
    return _in_order(made, _person(made, number, seed, sites))


def moment(time: float) -> datetime:
    """Turn calendar years into a local time, to the minute.

    >>> moment(2021.5)
    datetime.datetime(2021, 7, 2, 12, 0)
    """
    begins, length = _year(int(time))
    found = begins + (time - int(time)) * length + timedelta(seconds=30)
    found = min(found, begins + length - timedelta(minutes=1))
    return found.replace(second=0, microsecond=0)


def years_of(at: datetime) -> float:
    """Turn a local time into calendar years: the inverse of `moment`."""
    begins, length = _year(at.year)
    return at.year + (at - begins) / length


def _year(year: int) -> tuple[datetime, timedelta]:
    """Return when a year begins, and how long it is: a leap year has a day more."""
    begins = datetime(year, 1, 1)  # noqa: DTZ001, local
    return begins, datetime(year + 1, 1, 1) - begins  # noqa: DTZ001, local


def _write_year(made: Chart, year: int) -> None:
    visits = _visits(made, year)
    _diagnose(made, year, visits)
    if visits:
        measure.write(made, year, visits)
        _ask(made, visits)
    _repeat(made, year, visits)
    made.ordered.extend(_orders(made, year, visits))


def _visits(made: Chart, year: int) -> list[int]:
    """Add the year's outpatient visits, in order; return their numbers."""
    count = int(made.seen(year, "visits"))
    times = np.sort(made.chance.random(24)[:count])
    hours = made.chance.random((24, 2))
    died, added = made.when("died"), []
    for place, time in enumerate(times):
        day = moment(year + time).replace(hour=0, minute=0)
        start = day + timedelta(minutes=int(60 * (EARLIEST + 9 * hours[place, 0])))
        end = start + timedelta(minutes=15 + int(30 * hours[place, 1]))
        if years_of(end) < died:
            added.append(made.add_visit(start, end, "AMB"))
    return added


def _diagnose(made: Chart, year: int, visits: list[int]) -> None:
    first = min(made.lives.years)
    for name, luck in zip(CODED, made.chance.random((len(CODED), 3)), strict=True):
        time = made.when(f"code_{name}")
        if year <= time < year + 1:
            visit = _visit_for(made, name, time, visits, luck[0])
            start = made.visits[visit].start
            back = (
                timedelta(days=int(365 * luck[1]))
                if luck[2] < HABITS["backdated"]
                else None
            )
            onset = start if back is None or name in ACUTE else start - back
            made.diagnosed.append(Diagnosed(visit, name, onset, confirmed=True))
        elif time < first and visits and not _known(made, name):
            # It was there before the records began: the first visit lists it.
            onset = moment(max(time, made.trait("birth")))
            made.diagnosed.append(Diagnosed(visits[0], name, onset, confirmed=True))


def _visit_for(
    made: Chart, name: str, time: float, visits: list[int], luck: float
) -> int:
    """Return the visit at which something is coded; add one where none fits."""
    at = moment(time)
    if name in ACUTE and made.when(f"onset_{name}") == time:
        days = timedelta(days=2 + int(6 * luck))
        return made.add_visit(at, at + days, "IMP")
    if name == "afib" and luck < 0.4:
        return made.add_visit(at, at + timedelta(hours=5), "EMER")
    if visits:
        return min(visits, key=lambda visit: abs(made.visits[visit].start - at))
    start = at.replace(hour=11, minute=0)
    return made.add_visit(start, start + timedelta(minutes=30), "AMB")


def _known(made: Chart, name: str) -> bool:
    return any(each.condition == name for each in made.diagnosed)


def _repeat(made: Chart, year: int, visits: list[int]) -> None:
    """Code again what is known, and now and then what is not there at all."""
    for name, luck in zip(CODED, made.chance.random(len(CODED)), strict=True):
        if visits and made.when(f"code_{name}") < year and luck < HABITS["repeated"]:
            start = made.visits[visits[0]].start
            made.diagnosed.append(Diagnosed(visits[0], name, start, confirmed=True))
    suspects, suspicion = HABITS["suspects"], made.chance.random((24, 2))
    for place, visit in enumerate(visits):
        name = suspects[int(suspicion[place, 1] * len(suspects))]
        free = made.when(f"code_{name}") > year + 1
        if suspicion[place, 0] < HABITS["ruled_out"] and free:
            start = made.visits[visit].start
            made.diagnosed.append(Diagnosed(visit, name, start, confirmed=False))


def _ask(made: Chart, visits: list[int]) -> None:
    if made.chance.random() < HABITS["asked_smoking"]:
        at = years_of(made.visits[visits[0]].start)
        now = made.lives.state.smokes(at)[made.column]
        former = "former" if made.when("quit") <= at else "never"
        made.answered.append(Answered(visits[0], "current" if now else former))


def _orders(made: Chart, year: int, visits: list[int]) -> Iterator[Ordered]:
    """Order what is started at the nearest visit, and renew the rest at the first."""
    if not visits:
        return
    for drug, since in orders(made.lives.state, made.column):
        if year <= since < year + 1:
            at = moment(since)
            near = min(visits, key=lambda visit: abs(made.visits[visit].start - at))
            yield Ordered(near, drug)
        elif since < year:
            yield Ordered(visits[0], drug)


def _person(made: Chart, number: int, seed: int, sites: tuple[str, ...]) -> Person:
    last = max(made.lives.years)
    died = made.when("died")
    family = [name for name in ("t2dm", "chd", "htn") if made.trait(f"family_{name}")]
    return Person(
        number=number,
        id=draws.stream(seed, "id", number).bytes(8).hex(),
        site=sites[int(made.trait("site"))],
        female=bool(made.trait("female")),
        born=moment(made.trait("birth")).date(),
        died=moment(died) if died < last + 1 else None,
        race=RACES[int(made.trait("race"))],
        family=tuple(family),
    )


def _in_order(made: Chart, person: Person) -> Record:
    """Return the record with its visits in order of time."""
    order = sorted(range(len(made.visits)), key=lambda i: (made.visits[i].start, i))
    place = {old: new for new, old in enumerate(order)}

    def moved(rows: list[Row]) -> tuple[Row, ...]:
        found = [replace(row, visit=place[row.visit]) for row in rows]
        return tuple(sorted(found, key=lambda row: row.visit))

    return Record(
        person,
        tuple(made.visits[i] for i in order),
        moved(made.measured),
        moved(made.answered),
        moved(made.diagnosed),
        moved(made.ordered),
    )
