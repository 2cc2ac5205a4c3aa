"""Which drugs a virtual person takes, and since when."""

import math
from collections.abc import Iterator

from chronicle.simulate.lives.rows import normal_below
from chronicle.simulate.lives.state import State

# What is started, with the drugs it stands for.
TREATED = {
    "glucose_1": "metformin",
    "glucose_2": "glipizide",
    "glucose_3": "sitagliptin",
    "glucose_4": "insulin_glargine",
    "sglt2i": "empagliflozin",
    "pressure_2": "amlodipine",
    "pressure_3": "metoprolol",
}
# Drugs that go with a coded condition, and the share of people who get them.
USUAL = {
    "copd": ("albuterol", 0.9),
    "asthma": ("albuterol", 0.6),
    "dementia": ("donepezil", 0.5),
    "depression": ("sertraline", 0.5),
    "osteoporosis": ("alendronate", 0.6),
    "heart_failure": ("furosemide", 0.85),
    "chd": ("clopidogrel", 0.7),
    "afib": ("metoprolol", 0.6),
}
NEWER_STATIN = 2012.0
NEWER_ANTICOAGULANT = 2013.0


def orders(state: State, column: int) -> Iterator[tuple[str, float]]:
    """Yield each drug with the time since which it is taken, in calendar years.

    Whether somebody gets a usual drug depends on where they stand among all in what
    they take at all, so it needs no chance of its own.
    """

    def since(name: str) -> float:
        return float(state.times[name][column])

    found: dict[str, float] = {}

    def take(drug: str, time: float) -> None:
        if math.isfinite(time):
            found[drug] = min(time, found.get(drug, math.inf))

    clots = since("start_anticoagulant")
    take("warfarin" if clots < NEWER_ANTICOAGULANT else "apixaban", clots)
    statin, first = since("start_statin"), since("start_pressure_1")
    take("simvastatin" if statin < NEWER_STATIN else "atorvastatin", statin)
    raas = since("start_raas")
    take("lisinopril", raas)
    if raas > first:
        take("hydrochlorothiazide", first)
    for start, drug in TREATED.items():
        take(drug, since(f"start_{start}"))
    place = float(normal_below(state.traits["z_adherence"][column : column + 1])[0])
    for condition, (drug, share) in USUAL.items():
        if place > 1.0 - share:
            take(drug, since(f"code_{condition}"))
    yield from found.items()
