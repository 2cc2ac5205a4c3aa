"""What gets written down: a disease is coded late, or never, and only in those seen."""

from collections.abc import Mapping

import numpy as np

from chronicle.simulate.lives import care
from chronicle.simulate.lives.onset import ACUTE, EVENTS, likely, rest
from chronicle.simulate.lives.parameters import P
from chronicle.simulate.lives.rows import Flags, Floats, Rows, normal_below
from chronicle.simulate.lives.state import ADULT, CODED, State

Chances = dict[str, Floats]


def write_down(
    state: State,
    at: Floats | float,
    span: Floats | float,
    seen: Rows,
    rates: Mapping[str, Floats],
    u: Rows,
) -> Chances:
    """Let conditions be coded in `span` years from `at`, in place.

    Returns:
        The chance that each condition is coded for the first time, as it stood before
        onset and coding were drawn; 0 for the dead and for those in whom it has been.
        Summed over years it is the condition's compensator (Andersen PK et al.
        Statistical models based on counting processes, 1993, II.1): its mean over
        replays is the risk, with less noise than counting cases has.
    """
    alive = ~state.has("died", at) & (state.age(at) >= ADULT)
    lives = 1 - likely(rates["died"], span) / 2  # who dies, does so midway on average
    made: Chances = {}
    for name, (chance, happens) in {
        **_events(state, at, span, seen, rates, u),
        **_levels(state, at, span, seen, u),
    }.items():
        free = alive & ~state.has(f"code_{name}", at)
        made[name] = np.where(free, chance * lives, 0.0)
        when = at + span * u["when_visit"]
        if name in EVENTS:
            began = state.times[f"onset_{name}"]
            late = np.maximum(when, began)
            when = np.where((began > at) & (name in ACUTE), began, late)
        coded = free & happens & (when < state.times["died"])
        known = state.times[f"code_{name}"]
        state.times[f"code_{name}"] = np.where(coded, when, known)
    return {name: made[name] for name in CODED}


def _events(
    state: State,
    at: Floats | float,
    span: Floats | float,
    seen: Rows,
    rates: Mapping[str, Floats],
    u: Rows,
) -> dict[str, tuple[Floats, Flags]]:
    given, visited = P["coding"], seen["visits"] > 0
    made = {}
    for name in EVENTS:
        found = np.full(len(visited), float(given[name]))
        if name in ("copd", "depression", "asthma"):
            found = found * visited
        if name == "dementia":
            found = found * np.where(visited, 1, given["unseen_dementia"])
        ill = state.has(f"onset_{name}", at)
        found = np.where(ill, rest(found, span), found)
        now = state.has(f"onset_{name}", at + span)
        chance = found * np.where(ill, 1, likely(rates[name], span))
        if name == "depression":  # nobody writes down what has passed
            now = state.varying["depressed"] > 0
            chance = found * now
        made[name] = (chance, now & (u[f"code_{name}"] < found))
    return made


def _levels(
    state: State, at: Floats | float, span: Floats | float, seen: Rows, u: Rows
) -> dict[str, tuple[Floats, Flags]]:
    given, v = P["coding"], state.varying
    low = seen["egfr"] < 60
    v["seen_low_egfr"] += low
    fat = (seen["ldl"] >= 160) | (seen["tg"] >= 250)
    chances = {
        "prediabetes": given["prediabetes"]
        * ((seen["a1c"] >= 5.7) & (seen["a1c"] < 6.5) & ~state.has("code_t2dm", at)),
        "htn": _pressure(state, at, seen),
        "ckd3plus": given["ckd3plus"] * (low & (v["seen_low_egfr"] >= 2)),
        "hyperlipidemia": given["hyperlipidemia"] * fat,
        "obesity": given["obesity"] * (seen["bmi"] >= 30),
        "osteoporosis": given["osteoporosis"]
        * np.where(state.female(), 1, given["osteoporosis_male"])
        * (state.has("onset_osteoporosis", at) & (state.age(at) >= 60))
        * (seen["visits"] > 0),
    }
    left = {name: rest(chance, span) for name, chance in chances.items()}
    made = {name: (chance, u[f"code_{name}"] < chance) for name, chance in left.items()}
    believed = rest(given["t2dm"], span)
    raised = (seen["a1c"] >= 6.5) & (u["code_t2dm"] < believed)
    made["t2dm"] = (_glucose(state, at, seen["visits"]) * believed, raised)
    return made


def _glucose(state: State, at: Floats | float, visits: Floats) -> Floats:
    """Return the chance that HbA1c is asked for and comes out raised."""
    a1c = state.varying["a1c"]
    beyond = (a1c - 6.5) / (P["noise"]["a1c_cv"] * a1c)
    asked = care.tested(state, at, visits, "a1c")
    return np.asarray(asked * normal_below(beyond))


def _pressure(state: State, at: Floats | float, seen: Rows) -> Floats:
    given, v = P["coding"], state.varying
    high = (seen["sbp"] >= 140) | (seen["dbp"] >= 90)
    v["seen_high_bp"] += high
    again = high & ((seen["visits"] >= 2) | (v["seen_high_bp"] >= 2))
    risky = state.has("code_t2dm", at)
    for name in ("chd", "stroke", "ckd3plus"):
        risky |= state.has(f"code_{name}", at)
    raised = (seen["sbp"] >= 130) | (seen["dbp"] >= 80)
    mild = raised * np.where(risky, given["htn_130_high_risk"], given["htn_130"])
    return np.asarray(1 - (1 - given["htn_140"] * again) * (1 - mild))
