"""Measurements at visits: what the year showed, with the noise of each day."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

import numpy as np

from chronicle.core.equations.prevent import creatinine_of
from chronicle.simulate.lives.draft import Draft
from chronicle.simulate.lives.parameters import P
from chronicle.simulate.record import Measured

PANELS = {
    "a1c": {"hba1c": "a1c"},
    "ldl": {"ldl": "ldl", "hdl": "hdl", "triglycerides": "tg"},
    "egfr": {"egfr": "egfr", "glucose": "glucose"},
    "acr": {"uacr": "acr"},
}
HABITS = P["record"]
TALKS = 12  # minutes into a visit at which something is measured
Values = Iterator[tuple[str, float]]


def write(made: Draft, year: int, visits: list[int], drawn: Mapping[str, int]) -> None:
    """Add what was measured in a year to its visits, of which there is one at least.

    Args:
        made: The record.
        year: The year.
        visits: Its outpatient visits.
        drawn: Where the values were drawn that something was made of, by panel.
    """
    _vitals(made, year, visits)
    for asked, measures in PANELS.items():
        if not np.isnan(made.seen(year, asked)):
            any_one = visits[int(made.chance.random() * len(visits))]
            visit = drawn.get(asked, any_one)
            _draw(made, visit, _laboratory(made, year, measures))
            _once_more(made, year, [each for each in visits if each != visit], asked)


def _vitals(made: Draft, year: int, visits: list[int]) -> None:
    count = len(visits)
    luck = made.chance.random((count, 4))
    noise = made.chance.standard_normal((count, 3))
    for name in ("sbp", "dbp"):
        level = made.seen(year, name)
        if np.isnan(level):
            continue
        # Around the year's mean, which is what the year's decisions were made on.
        spread = noise[:, 0 if name == "sbp" else 1]
        values = level + P["noise"][name] * (spread - spread.mean())
        for visit, value, chance in zip(visits, values, luck, strict=True):
            if chance[0] < P["tests"]["bp"] or visit == visits[0]:
                _add(made, visit, name, _preferred(float(value), chance[1]))
    if not np.isnan(made.seen(year, "sbp")):
        for visit, beat in zip(visits, noise[:, 2], strict=True):
            _add(made, visit, "heart_rate", 74 + 8 * made.pulse + 6 * float(beat))
    _weigh(made, year, visits, luck)


def _weigh(made: Draft, year: int, visits: list[int], luck: np.ndarray) -> None:
    bmi, metres = made.seen(year, "bmi"), made.trait("height") / 100
    if np.isnan(bmi):
        return
    for visit, chance in zip(visits, luck, strict=True):
        if chance[2] < P["tests"]["weight"] or visit == visits[0]:
            error = P["noise"]["weight_cv"] * (2 * float(chance[3]) - 1)
            found = bmi * (1 + error)
            _add(made, visit, "weight", found * metres * metres)
            _add(made, visit, "bmi", found)
    known = any(each.measure == "height" for each in made.measured)
    if not known or made.chance.random() < HABITS["height_again"]:
        error = 0.5 * float(made.chance.standard_normal())
        _add(made, visits[0], "height", made.trait("height") + error)


def _preferred(value: float, luck: float) -> float:
    """Round to the zero that a quarter of all readings end with, else to the unit."""
    return round(value, -1) if luck < P["noise"]["digit_zero"] else round(value)


def _laboratory(made: Draft, year: int, measures: dict[str, str]) -> Values:
    for measure, name in measures.items():
        value = made.seen(year, name)
        yield measure, value
        if measure == "egfr":
            yield "creatinine", _creatinine(made, year, value)
    if "ldl" in measures:
        parts = {name: made.seen(year, name) for name in ("ldl", "hdl", "tg")}
        yield "total_cholesterol", parts["ldl"] + parts["hdl"] + parts["tg"] / 5


def _creatinine(made: Draft, year: int, egfr: float) -> float:
    age = max(year - made.trait("birth"), 18.0)
    return float(creatinine_of(egfr=egfr, age_years=age, female=made.trait("female")))


def _once_more(made: Draft, year: int, visits: list[int], asked: str) -> None:
    luck = made.chance.random(2)
    followed = made.when("code_t2dm") < year and len(visits) > 1
    if asked == "a1c" and followed and luck[0] < HABITS["hba1c_twice"]:
        error = 1 + P["noise"]["a1c_cv"] * float(made.chance.standard_normal())
        visit = visits[int(luck[1] * len(visits))]
        value = float(made.lives.years[year].varying["a1c"][made.column]) * error
        _draw(made, visit, iter([("hba1c", value)]))


def _draw(made: Draft, visit: int, values: Values) -> None:
    soon, late = HABITS["result_hours"]
    hours = soon + (late - soon) * float(made.chance.random())
    at = made.visits[visit].start + timedelta(minutes=TALKS)
    issued = at + timedelta(minutes=int(60 * hours))
    for name, value in values:
        made.measured.append(Measured(visit, name, value, at, issued))


def _add(made: Draft, visit: int, measure: str, value: float) -> None:
    at = made.visits[visit].start + timedelta(minutes=TALKS)
    made.measured.append(Measured(visit, measure, value, at, at))
