"""Invent the people of the sample: who they are, what is measured, what they get.

Hypertension follows from age, pressure, weight and smoking by a logistic story with
noise; the rest is chance. Nobody here is a real person.
"""

import math
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

SEED = 1  # picked, see README.md: chance alone gives 24 to 39 late onsets
LAST_YEAR = 2024
RARE = {"chd": 6, "heart_failure": 2, "t2dm": 3}  # patients: too few to learn from
SMOKING = {"266919005": 0.0, "8517006": 0.2, "449868002": 0.8}  # never, former, daily

Visit = dict[str, Any]  # the day and what was measured


@dataclass
class Person:
    """One invented adult; `onsets` says at which visit a disease is first coded."""

    number: int
    female: bool
    born: date
    smoking: str
    height_m: float
    bmi: float
    pressure: float
    drift: float  # mmHg a year
    risk: float = 0.0  # log-odds, up to a constant, of being diagnosed at a visit
    died: date | None = None
    visits: list[Visit] = field(default_factory=list)
    onsets: dict[str, int] = field(default_factory=dict)


def invent(count: int) -> list[Person]:
    """Return `count` people, the same ones every time."""
    rng = Random(SEED)  # noqa: S311 - a story that repeats, not a secret
    people = [draw(number, rng) for number in range(1, count + 1)]
    add_rare(people, rng)
    return people


def draw(number: int, rng: Random) -> Person:
    """Draw one adult and follow them from their first visit to the last."""
    age, years, bmi = rng.uniform(34, 66), rng.randint(8, 12), max(rng.gauss(27, 4), 19)
    lost = rng.random() < 0.15
    last = rng.randint(2008 + years, LAST_YEAR - 3) if lost else LAST_YEAR
    person = Person(
        number,
        female=rng.random() < 0.5,
        born=date(last - years, 1, 1) - timedelta(days=round(age * 365.25)),
        smoking=rng.choices(list(SMOKING), (55, 25, 20))[0],
        height_m=rng.gauss(1.68, 0.08),
        bmi=bmi,
        pressure=rng.gauss(117 + 0.25 * (age - 50) + 0.5 * (bmi - 27), 7),
        drift=rng.gauss(0.9 + 0.05 * (bmi - 27), 0.6),
    )
    season = rng.randint(40, 300)
    for year in range(last - years, last + 1):
        if not person.died:
            day = date(year, 1, 1) + timedelta(days=season + rng.randint(-20, 20))
            see(person, day, rng)
    return person


def see(person: Person, day: date, rng: Random) -> None:
    """Add a visit a year after the last one: perhaps a diagnosis, perhaps the end."""
    age = (day - person.born).days / 365.25
    person.bmi += rng.gauss(0.1, 0.3)
    person.pressure += rng.gauss(person.drift, 1)
    person.risk = 0.10 * (person.pressure - 125) + 0.03 * (age - 50)
    person.risk += 0.06 * (person.bmi - 27) + SMOKING[person.smoking]
    person.visits.append(measure(person, day, rng))
    diagnosed = rng.random() < 1 / (1 + math.exp(3.75 - person.risk))
    if diagnosed and "htn" not in person.onsets:
        person.onsets["htn"] = len(person.visits) - 1
        person.pressure, person.drift = person.pressure - 10, 0.2  # treated from now on
    if rng.random() < 0.004 * math.exp(0.09 * (age - 55)):
        person.died = day + timedelta(days=rng.randint(5, 40))


def measure(person: Person, day: date, rng: Random) -> Visit:
    """Return what a visit finds."""
    systolic = rng.gauss(person.pressure, 5)
    hba1c = rng.gauss(5.5 + 0.02 * (person.bmi - 27), 0.2)
    return {
        "day": day,
        "systolic": round(systolic),
        "diastolic": round(rng.gauss(0.45 * systolic + 22, 5)),
        "bmi": round(person.bmi, 1),
        "weight": round(person.bmi * person.height_m**2, 1),
        "creatinine": round(rng.gauss(0.88, 0.14), 2),
        "cholesterol": round(rng.gauss(195, 28)),
        "hdl": round(max(rng.gauss(53, 11), 25)),
        "hba1c": round(hba1c, 1),
        "glucose": round(28.7 * hba1c - 46.7 + rng.gauss(0, 7)),
    }


def add_rare(people: list[Person], rng: Random) -> None:
    """Give the rare diseases to some who are likely to get them, at a later visit."""
    ranked = sorted(
        (person for person in people if len(person.visits) > 5),
        key=lambda person: person.risk + rng.gauss(0, 1),
    )
    for slug, count in RARE.items():
        for _ in range(count):
            person = ranked.pop()
            person.onsets[slug] = rng.randint(3, len(person.visits) - 1)
            for place, visit in enumerate(person.visits if slug == "t2dm" else []):
                rise = max(0.0, 1.4 + 0.3 * (place - person.onsets[slug]))
                visit["hba1c"] = round(visit["hba1c"] + rise, 1)
                visit["glucose"] = round(visit["glucose"] + 28.7 * rise)
