"""How likely somebody dies, and what hazards share: frailty, and smoke that lasts."""

import numpy as np

from chronicle.simulate.lives.parameters import P
from chronicle.simulate.lives.rows import Floats
from chronicle.simulate.lives.state import State


def death(state: State, at: Floats | float) -> Floats:
    """Return the hazard of death: Gompertz in age, times what the person has."""
    given = P["death"]
    age, own = state.age(at), state.by_sex
    rate = own(given["at_60"]) * np.exp(own(given["age"]) * (age - 60))
    ratio = np.exp(
        _shortened(state, at) * np.interp(age, [50, 90], [1, given["at_90"]])
    )
    rate = rate * given["scale"] * ratio * frailty("death", state.traits["z_death"])
    return np.asarray(rate + own(given["young"]))


def _shortened(state: State, at: Floats | float) -> Floats:
    """Return the log hazard ratio of death of what somebody has and does."""
    given, t, v = P["death"], state.traits, state.varying
    ln_ratio = given["deprivation"] * t["deprivation"]
    for name in ("chd", "heart_failure", "stroke", "copd", "afib", "dementia"):
        ln_ratio = ln_ratio + np.log(given[name]) * state.has(f"onset_{name}", at)
    left = smoke_left(state, at)
    smoking = np.log(given["ex_smoker"]) * (t["ever_smoker"] > 0)
    smoking = smoking + np.log(given["smoker"] / given["ex_smoker"]) * left
    stages = np.clip((60 - v["egfr"]) / 15, 0, 3)
    pressure = (v["sbp"] - given["pressure_ref"]) / 10
    ln_ratio = (
        ln_ratio
        + smoking
        + np.log(given["diabetes"]) * state.has("onset_t2dm", at)
        + np.log(given["kidney_stage"]) * stages
        - np.log(P["treatment"]["death_per_10"]) * pressure
        + np.log(P["treatment"]["sglt2i_death"]) * state.has("start_sglt2i", at)
    )
    return np.asarray(ln_ratio)


def smoke_left(state: State, at: Floats | float) -> Floats:
    """Return 1 for smokers, 0 for never-smokers, and what is left since quitting."""
    since = np.maximum(at - state.times["quit"], 0)
    ever = (state.traits["ever_smoker"] > 0) & (state.age(at) >= 18)
    return np.asarray(ever * 0.5 ** (since / P["treatment"]["quit_half_life"]))


def frailty(what: str, z: Floats) -> Floats:
    """Return a person's own hazard ratio: log-normal with mean 1."""
    spread = P[what]["frailty_sd"]
    return np.asarray(np.exp(spread * z - spread * spread / 2))
