"""Visits, tests and what they show: the sick are seen and measured more.

What is measured here is one value a year and test; the record spreads it over visits.
"""

import numpy as np

from chronicle.simulate.lives.parameters import P
from chronicle.simulate.lives.rows import Floats, Rows
from chronicle.simulate.lives.state import ADULT, State

SEEN = (
    "visits", "sbp", "dbp", "bmi", "a1c", "glucose", "ldl", "hdl", "tg", "egfr", "acr",
)  # fmt: skip
COUNTED = (
    "t2dm", "htn", "ckd3plus", "chd", "stroke", "heart_failure", "copd", "afib",
    "dementia", "depression",
)  # fmt: skip


def observe(state: State, at: Floats | float, u: Rows, *, here: bool = False) -> Rows:
    """Return what the health system sees in the calendar year of `at`.

    Args:
        state: The people; `in_care` is moved on.
        at: From when on the year is lived.
        u: The year's chances.
        here: They are at a visit at this moment, so they are in care, and seen.

    Returns:
        `SEEN`, shape (11, n): the number of visits, and measured values; NaN where
        nothing was measured.
    """
    visits = _visits(state, at, u, here=here)
    seen = Rows(SEEN, np.full((len(SEEN), len(visits)), np.nan))
    seen["visits"] = visits
    done = {
        test: u[f"test_{test}"] < 1 - (1 - np.clip(chance, 0, 0.97)) ** visits
        for test, chance in _chances(state, at).items()
    }
    values = _values(state, visits, u)
    for name, test in (
        ("sbp", "bp"),
        ("dbp", "bp"),
        ("bmi", "weight"),
        ("a1c", "a1c"),
        ("ldl", "lipid"),
        ("hdl", "lipid"),
        ("tg", "lipid"),
        ("egfr", "renal"),
        ("glucose", "renal"),
        ("acr", "acr"),
    ):
        seen[name] = np.where(done[test], values[name], np.nan)
    return seen


def tested(state: State, at: Floats | float, visits: Floats, test: str) -> Floats:
    """Return the chance that a test is done in a year with so many visits."""
    chance = np.clip(_chances(state, at)[test], 0, 0.97)
    return np.asarray(1 - (1 - chance) ** visits)


def _visits(state: State, at: Floats | float, u: Rows, *, here: bool) -> Floats:
    given = P["care"]
    if not here:
        comes = np.where(
            state.varying["in_care"] > 0,
            u["in_care"] >= given["drop_out"],
            u["in_care"] < given["come_back"],
        )
        state.varying["in_care"] = comes
    grown = (state.age(at) >= ADULT) & ~state.has("died", at)
    mean = _rate(state, at) * (state.varying["in_care"] > 0) * lived(state, at) * grown
    visits = poisson(u["visits"], np.clip(mean, 0, 20), given["most_visits"])
    return np.maximum(visits, grown) if here else visits


def lived(state: State, at: Floats | float) -> Floats:
    """Return the part of the time from `at` to the year's end that is lived."""
    ends = np.floor(at) + 1
    return np.clip((state.times["died"] - at) / (ends - at), 0, 1)


def _rate(state: State, at: Floats | float) -> Floats:
    """Return visits a year of people in care."""
    given, t = P["care"], state.traits
    ill = sum(state.has(f"code_{name}", at).astype(float) for name in COUNTED)
    age = state.age(at)
    rate = (
        given["visits"]
        + given["visits_age"] * np.maximum(age - 30, 0)
        + given["visits_condition"] * ill
    ) * np.exp(
        given["visits_sd"] * t["z_visits"]
        - given["visits_sd"] ** 2 / 2
        + given["visits_deprivation"] * t["deprivation"]
    )
    rate = rate * np.where(state.female(), given["visits_female"], 1)
    poor = (t["uninsured"] > 0) & (age < 65)
    return np.asarray(rate * np.where(poor, given["uninsured"], 1))


def poisson(u: Floats, mean: Floats, most: int) -> Floats:
    """Return the Poisson count that a uniform number stands for, at most `most`."""
    chance = np.exp(-mean)
    below, count = chance.copy(), np.zeros_like(mean)
    for k in range(1, most + 1):
        more = u >= below
        if not more.any():
            break
        count += more
        chance = chance * mean / k
        below = below + chance
    return count


def _chances(state: State, at: Floats | float) -> dict[str, Floats]:
    given, age = P["tests"], state.age(at)
    diabetes, hypertension, before = (
        state.has(f"code_{name}", at) for name in ("t2dm", "htn", "prediabetes")
    )
    a1c, lipid, renal, acr = (given[x] for x in ("a1c", "lipid", "renal", "acr"))
    return {
        "bp": np.full(len(age), given["bp"]),
        "weight": np.full(len(age), given["weight"]),
        "a1c": a1c["base"]
        + a1c["age_45"] * (age > 45)
        + a1c["obese"] * (state.varying["bmi"] >= 30)
        + a1c["prediabetes"] * before
        + a1c["diabetes"] * diabetes,
        "lipid": lipid["base"]
        + lipid["age_40"] * (age > 40)
        + lipid["statin"] * state.has("start_statin", at)
        + lipid["diabetes"] * diabetes,
        "renal": renal["base"]
        + renal["age_45"] * (age > 45)
        + renal["hypertension"] * hypertension
        + renal["diabetes"] * diabetes,
        "acr": acr["base"]
        + acr["hypertension"] * hypertension
        + acr["diabetes"] * diabetes,
    }


def _values(state: State, visits: Floats, z: Rows) -> dict[str, Floats]:
    v, given = state.varying, P["noise"]
    mean_of = np.sqrt(np.clip(visits, 1, 6))
    per_point, intercept, spread = given["glucose"]
    return {
        "sbp": v["sbp"] + given["white_coat"] + given["sbp"] * z["seen_sbp"] / mean_of,
        "dbp": v["dbp"] + 1 + given["dbp"] * z["seen_dbp"] / mean_of,
        "bmi": v["bmi"] * (1 + given["weight_cv"] * z["seen_weight"]),
        "a1c": v["a1c"] * (1 + given["a1c_cv"] * z["seen_a1c"]),
        "ldl": v["ldl"] * (1 + given["ldl_cv"] * z["seen_ldl"]),
        "hdl": v["hdl"] * (1 + given["hdl_cv"] * z["seen_hdl"]),
        "tg": v["tg"] * np.exp(given["tg_cv"] * z["seen_tg"]),
        "egfr": np.clip(v["egfr"] * (1 + given["egfr_cv"] * z["seen_egfr"]), 3, 160),
        "acr": np.exp(v["ln_acr"] + given["acr_ln"] * z["seen_acr"]),
        "glucose": np.maximum(
            intercept + per_point * v["a1c"] + spread * z["seen_glucose"], 45
        ),
    }
