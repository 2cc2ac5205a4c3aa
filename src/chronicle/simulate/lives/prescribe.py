"""Which drugs are started: by what was seen and coded, and by who takes them."""

import numpy as np

from chronicle.simulate.lives.hazards import ten_years
from chronicle.simulate.lives.onset import likely, rest
from chronicle.simulate.lives.parameters import P
from chronicle.simulate.lives.rows import NEVER, Flags, Floats, Rows
from chronicle.simulate.lives.state import ADULT, State


def prescribe(
    state: State,
    at: Floats | float,
    span: Floats | float,
    seen: Rows,
    u: Rows,
) -> None:
    """Start drugs in `span` years from `at`, in place; what is coded comes first."""
    alive = ~state.has("died", at) & (state.age(at) >= ADULT)
    end = at + span
    when = np.minimum(at + span * u["when_visit"], end)
    for drug, starts in (
        *_pressure(state, at, end, seen, u).items(),
        *_glucose(state, at, end, seen, u).items(),
        ("statin", _statin(state, at, span, seen, u)),
        ("anticoagulant", _anticoagulant(state, at, span, u)),
    ):
        name = f"start_{drug}"
        known = state.times[name]
        starts = alive & starts & (when < state.times["died"])
        state.times[name] = np.where(starts & (known == NEVER), when, known)


def _newly(state: State, name: str, at: Floats | float, end: Floats | float) -> Flags:
    return state.has(f"code_{name}", end) & ~state.has(f"code_{name}", at)


def _pressure(
    state: State, at: Floats | float, end: Floats | float, seen: Rows, u: Rows
) -> dict[str, Flags]:
    given = P["start"]
    steps = state.steps("pressure", at)
    new = _newly(state, "htn", at, end)
    known = state.has("code_htn", at)
    high = (seen["sbp"] >= 140) | (seen["dbp"] >= 90)
    starts = new & (u["start_pressure"] < given["pressure"])
    late = known & (steps == 0) & high & (u["late_pressure"] < given["pressure_late"])
    bad = (seen["sbp"] >= 142) | (seen["dbp"] >= 90)
    more = (steps > 0) & bad & (u["add_pressure"] < given["pressure_more"])
    return {
        "pressure_1": starts | late,
        "raas": (starts | late) & (u["start_raas"] < given["raas"]),
        "pressure_2": more & (steps == 1),
        "pressure_3": more & (steps == 2),
    }


def _glucose(
    state: State, at: Floats | float, end: Floats | float, seen: Rows, u: Rows
) -> dict[str, Flags]:
    given = P["start"]
    steps = state.steps("glucose", at)
    new = _newly(state, "t2dm", at, end)
    known = state.has("code_t2dm", at)
    bad = known & (seen["a1c"] > 7.6)
    more = bad & (u["add_glucose"] < given["glucose_more"])
    modern = np.asarray(at) >= given["sglt2i_from"]
    return {
        "glucose_1": (new & (u["start_metformin"] < given["metformin"]))
        | (more & (steps == 0)),
        "glucose_2": more & (steps == 1),
        "glucose_3": more & (steps == 2),
        "glucose_4": more & (steps == 3),
        "sglt2i": more & modern & (u["start_sglt2i"] < given["sglt2i"]),
    }


def _statin(
    state: State, at: Floats | float, span: Floats | float, seen: Rows, u: Rows
) -> Flags:
    given = P["start"]
    first, last = given["statin_years"]
    used = np.clip((np.asarray(at) - first) / (last - first), 0, 1)
    event = state.has("code_chd", at) | state.has("code_stroke", at)
    diabetic = state.has("code_t2dm", at) & (state.age(at) >= 40)
    measured = ~np.isnan(seen["ldl"])
    # What a doctor could work out: the equation, without what nobody can see.
    rate = ten_years("ASCVD", state, at, P["vessels"]["beyond_range"])
    risky = measured & (likely(rate, 10) > 0.075)
    chance = np.where(
        event,
        given["statin_event"],
        np.where(
            diabetic,
            given["statin_diabetes"],
            np.where(
                risky,
                given["statin_risk"],
                given["statin_ldl_190"] * (seen["ldl"] >= 190),
            ),
        ),
    )
    visited = (seen["visits"] > 0) & (state.age(at) >= 30)
    return np.asarray(visited & (u["start_statin"] < rest(used * chance, span)))


def _anticoagulant(
    state: State, at: Floats | float, span: Floats | float, u: Rows
) -> Flags:
    chance = rest(P["start"]["anticoagulant"], span) * (state.age(at) >= 60)
    return np.asarray(state.has("code_afib", at) & (u["start_anticoagulant"] < chance))
