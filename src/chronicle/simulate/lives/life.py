"""One year of virtual lives, and all the years up to the present."""

from dataclasses import dataclass

import numpy as np

from chronicle.simulate.lives import body, care, coding, draws, onset, people, prescribe
from chronicle.simulate.lives.rows import Flags, Floats, Rows, Whole
from chronicle.simulate.lives.state import State, newborn

START = 1946  # when the oldest are 20


@dataclass(frozen=True)
class Year:
    """What a year brought.

    Args:
        varying: The bodies, grown for the year, before anything happened in it.
        seen: What was measured (`care.SEEN`).
        rates: Hazards a year.
    """

    varying: Rows
    seen: Rows
    rates: dict[str, Floats]


@dataclass(frozen=True)
class Lives:
    """Some people from their youth to the end of the records.

    Args:
        numbers: Who they are in the population.
        state: Where they stand at the end.
        years: What each recorded year brought, by calendar year.
    """

    numbers: Whole
    state: State
    years: dict[int, Year]


def live(
    state: State,
    at: Floats | float,
    span: Floats | float,
    u: Rows,
    *,
    here: bool = False,
) -> tuple[Rows, dict[str, Floats], coding.Chances]:
    """Let `span` years from `at` pass for grown and treated bodies, in place.

    Args:
        state: The people.
        at: When that begins; `span` reaches to the end of its calendar year.
        span: How much of the year is left.
        u: The year's chances.
        here: They are at a visit at this moment.

    Returns:
        What was seen, the hazards, and the chances of being coded.
    """
    rates = onset.begin(state, at, span, u)
    seen = care.observe(state, at, u, here=here)
    chances = coding.write_down(state, at, span, seen, rates, u)
    prescribe.prescribe(state, at, span, seen, u)
    return seen, rates, chances


def lives(
    seed: int, numbers: Whole, shares: tuple[float, ...], first: int, last: int
) -> Lives:
    """Live the lives of these people; records are kept from `first` to `last`.

    Who dies before the records begin, or never comes while they are kept, was no
    patient: somebody else, with chances of their own, takes that number.
    """
    found = population(seed, "life 0", numbers, shares, first, last)
    places = np.flatnonzero(_no_patient(found, first))
    tries = 0
    while places.size:
        tries += 1
        others = population(seed, f"life {tries}", numbers[places], shares, first, last)
        for mine, theirs in zip(_arrays(found), _arrays(others), strict=True):
            mine[..., places] = theirs
        places = places[_no_patient(others, first)]
    return found


def population(
    seed: int,
    purpose: str,
    numbers: Whole,
    shares: tuple[float, ...],
    first: int,
    last: int,
) -> Lives:
    """Live the lives of everybody, patients or not."""
    state = newborn(people.people(seed, f"{purpose}: who", numbers, shares))
    drawn = draws.years(seed, purpose, numbers, last - START + 1)
    years = {}
    for year in range(START, last + 1):
        u = draws.of_year(drawn, year - START)
        body.grow(state, year, u)
        varying = state.varying.copy()
        seen, rates, _ = live(state, float(year), 1.0, u)
        if year >= first:
            years[year] = Year(varying, seen, rates)
    return Lives(numbers, state, years)


def _no_patient(found: Lives, first: int) -> Flags:
    visits = sum(year.seen["visits"] for year in found.years.values())
    return np.asarray((found.state.times["died"] < first) | (visits == 0))


def _arrays(found: Lives) -> list[Floats]:
    state = found.state
    arrays = [state.traits.values, state.varying.values, state.times.values]
    for year in found.years.values():
        arrays += [year.varying.values, year.seen.values, *year.rates.values()]
    return arrays
