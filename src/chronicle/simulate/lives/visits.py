"""On which days somebody is seen: planned visits, admissions, and what a code needs."""

from datetime import timedelta

import numpy as np

from chronicle.simulate.lives.care import COUNTED
from chronicle.simulate.lives.days import moment, workday, years_of
from chronicle.simulate.lives.draft import Draft
from chronicle.simulate.lives.onset import ACUTE
from chronicle.simulate.lives.parameters import P

OPENS = 8.0  # o'clock; visits begin until 17
MOST = P["care"]["most_visits"]  # in a year; as many chances are drawn each year
HOUR = timedelta(hours=1)


def of_year(made: Draft, year: int) -> list[int]:
    """Add the year's outpatient visits, in order; return their numbers."""
    count = int(made.seen(year, "visits"))
    lived = min(max(made.when("died") - year, 0.0), 1.0)
    times = np.sort(made.chance.random(MOST)[:count]) * lived
    hours = made.chance.random((MOST, 2))
    found = []
    for place, time in enumerate(times):
        day = workday(moment(year + time)).replace(hour=0, minute=0)
        start = day + timedelta(minutes=int(60 * (OPENS + 9 * hours[place, 0])))
        end = start + timedelta(minutes=15 + int(30 * hours[place, 1]))
        if years_of(end) >= made.when("died"):
            # The last visit before a death: as late as it can be.
            end = moment(made.when("died")) - HOUR
            start = end - timedelta(minutes=20)
        found.append(made.add_visit(start, end, "AMB"))
    _stay(made, year, lived)
    return sorted(found, key=made.start)


def all_of(made: Draft, year: int) -> list[int]:
    """Return the visits of a year, of every kind, in order."""
    there = [i for i, visit in enumerate(made.visits) if visit.start.year == year]
    return sorted(there, key=made.start)


def _stay(made: Draft, year: int, lived: float) -> None:
    """Add an admission or an emergency that has nothing to do with our diseases."""
    given, luck = P["record"]["stays"], made.chance.random(5)
    age = year - made.trait("birth")
    ill = sum(made.when(f"code_{name}") < year for name in COUNTED)
    chance = (
        given["at_50"]
        * np.exp(given["age"] * (age - 50))
        * (1 + given["condition"] * ill)
    )
    if age < given["from_age"] or lived < 1:
        return
    start = moment(year + luck[1])
    if luck[0] < min(chance, 0.5):
        made.add_visit(start, start + timedelta(days=1 + int(7 * luck[2])), "IMP")
    if luck[3] < given["emergency"]:
        start = moment(year + luck[4])
        made.add_visit(start, start + 4 * HOUR, "EMER")


def coding(made: Draft, name: str, time: float, luck: float) -> int:
    """Return the visit at which something is coded: the next, or one of its own."""
    at = moment(time)
    died = moment(min(made.when("died"), 9000.0))
    if name in ACUTE and made.when(f"onset_{name}") == time:
        stay = timedelta(days=2 + int(6 * luck))
        return made.add_visit(at, min(at + stay, died), "IMP")
    if name == "afib" and luck < P["record"]["afib_emergency"]:
        return made.add_visit(at, min(at + 5 * HOUR, died), "EMER")
    later = [visit for visit in all_of(made, at.year) if made.start(visit) >= at]
    if later:
        return later[0]
    return made.add_visit(at, min(at + HOUR / 2, died), "AMB")


def sampling(made: Draft, visit: int, visits: list[int], luck: float) -> int:
    """Return a visit so long before another one that its results are known there."""
    late = timedelta(hours=P["record"]["result_hours"][1])
    ready = made.start(visit) - late - HOUR
    before = [each for each in visits if made.visits[each].end <= ready]
    if before:
        return before[-1]
    start = ready - timedelta(days=int(7 * luck))
    return made.add_visit(start - HOUR / 4, start, "AMB")
