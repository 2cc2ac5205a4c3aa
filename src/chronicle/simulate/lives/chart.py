"""From years to a dated record: on which day, at which visit, with which noise.

What a year brought is spread over its visits, so that what was seen in the year is what
its visits show: their pressures have the year's mean, its laboratory values were drawn
at one of them, before anything was made of them, and what was coded was coded at one.
"""

from collections.abc import Iterator
from datetime import timedelta

from chronicle.simulate.lives import draws, measure, visits
from chronicle.simulate.lives.days import moment, years_of
from chronicle.simulate.lives.draft import Draft
from chronicle.simulate.lives.life import Lives
from chronicle.simulate.lives.onset import ACUTE
from chronicle.simulate.lives.parameters import P
from chronicle.simulate.lives.people import RACES
from chronicle.simulate.lives.regimen import orders
from chronicle.simulate.lives.state import CODED
from chronicle.simulate.record import Answered, Diagnosed, Ordered, Person, Record

HABITS = P["record"]
# Conditions that are read off a laboratory value, and the value.
FROM_RESULT = {
    "t2dm": "a1c",
    "prediabetes": "a1c",
    "hyperlipidemia": "ldl",
    "ckd3plus": "egfr",
}


def chart(lives: Lives, column: int, *, seed: int, sites: tuple[str, ...]) -> Record:
    """Write the record of one person.

    Args:
        lives: From `life.lives`.
        column: Whose place among them.
        seed: Of everything.
        sites: Names, in the order of the shares that people were drawn with.
    """
    number = int(lives.numbers[column])
    chance = draws.stream(seed, "chart", number)
    made = Draft(lives, column, chance, pulse=float(chance.standard_normal()))
    for year in lives.years:
        _write_year(made, year)
    return made.done(_person(made, number, seed, sites))


def _write_year(made: Draft, year: int) -> None:
    seen = visits.of_year(made, year)
    drawn = _diagnose(made, year, seen)
    _list_old(made, year)
    if seen:
        measure.write(made, year, seen, drawn)
        _ask(made, seen)
    _repeat(made, year, seen)
    _rule_out(made, seen)
    made.ordered.extend(_orders(made, year))


def _diagnose(made: Draft, year: int, seen: list[int]) -> dict[str, int]:
    """Write the diagnoses; return at which visit their laboratory values were drawn."""
    drawn = {}
    for name, luck in zip(CODED, made.chance.random((len(CODED), 4)), strict=True):
        time = made.when(f"code_{name}")
        if year <= time < year + 1:
            visit = visits.coding(made, name, time, luck[0])
            if name in FROM_RESULT:
                drawn[FROM_RESULT[name]] = visits.sampling(made, visit, seen, luck[3])
            back = timedelta(days=int(365 * luck[1]))
            early = luck[2] < HABITS["backdated"] and name not in ACUTE
            onset = made.start(visit) - (back if early else timedelta())
            made.diagnosed.append(Diagnosed(visit, name, onset, confirmed=True))
    return drawn


def _list_old(made: Draft, year: int) -> None:
    """List at the first visit of all what was there before the records began."""
    there, first = visits.all_of(made, year), min(made.lives.years)
    for name in CODED:
        time = made.when(f"code_{name}")
        if there and time < first and not _known(made, name):
            onset = moment(max(time, made.trait("birth")))
            made.diagnosed.append(Diagnosed(there[0], name, onset, confirmed=True))


def _known(made: Draft, name: str) -> bool:
    return any(each.condition == name for each in made.diagnosed)


def _repeat(made: Draft, year: int, seen: list[int]) -> None:
    """Code again what is known."""
    for name, luck in zip(CODED, made.chance.random(len(CODED)), strict=True):
        past = name == "prediabetes" and made.when("code_t2dm") < year + 1
        known = made.when(f"code_{name}") < year and not past
        if seen and known and luck < HABITS["repeated"]:
            start = made.start(seen[0])
            made.diagnosed.append(Diagnosed(seen[0], name, start, confirmed=True))


def _rule_out(made: Draft, seen: list[int]) -> None:
    """Now and then code what is not there, and is not coded again."""
    suspects, luck = HABITS["suspects"], made.chance.random((visits.MOST, 2))
    for visit, (chance, which) in zip(seen, luck, strict=False):
        name, start = suspects[int(which * len(suspects))], made.start(visit)
        free = made.when(f"code_{name}") > years_of(start)
        if chance < HABITS["ruled_out"] and free:
            made.diagnosed.append(Diagnosed(visit, name, start, confirmed=False))


def _ask(made: Draft, seen: list[int]) -> None:
    if made.chance.random() < HABITS["asked_smoking"]:
        at = years_of(made.start(seen[0]))
        now = made.lives.state.smokes(at)[made.column]
        former = "former" if made.when("quit") <= at else "never"
        made.answered.append(Answered(seen[0], "current" if now else former))


def _orders(made: Draft, year: int) -> Iterator[Ordered]:
    """Order what is started at the next visit, and renew it at each year's first."""
    there = visits.all_of(made, year)
    for drug, since in orders(made.lives.state, made.column):
        if since < year + 1:
            at = moment(max(since, year))
            later = [visit for visit in there if made.start(visit) >= at]
            if later:
                yield Ordered(later[0], drug)


def _person(made: Draft, number: int, seed: int, sites: tuple[str, ...]) -> Person:
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
