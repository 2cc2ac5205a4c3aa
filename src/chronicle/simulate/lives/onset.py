"""When diseases begin: as events with a hazard, or where a level crosses its limit."""

import numpy as np

from chronicle.simulate.lives.hazards import hazards
from chronicle.simulate.lives.parameters import P
from chronicle.simulate.lives.rows import NEVER, Flags, Floats, Rows
from chronicle.simulate.lives.state import ADULT, State

EVENTS = (
    "chd", "stroke", "heart_failure", "afib", "copd", "dementia", "depression",
    "asthma",
)  # fmt: skip
ACUTE = ("chd", "stroke", "heart_failure")  # they end in a hospital, and at once


def begin(
    state: State, at: Floats | float, span: Floats | float, u: Rows
) -> dict[str, Floats]:
    """Let diseases begin, and people die, in `span` years from `at`, in place.

    Returns:
        The hazards that were used, and under `again` who is newly depressed.
    """
    alive = ~state.has("died", at) & (state.age(at) >= ADULT)
    cross(state, at, alive)
    rates = hazards(state, at)
    early, late = at + span * u["when_early"], at + span * u["when_late"]
    for name in EVENTS:
        # Independent of which of them it is, two in a year keep their order by chance.
        when = early if name in ACUTE else late
        happens = alive & (u[f"onset_{name}"] < likely(rates[name], span))
        _first(state, f"onset_{name}", happens, when)
        if name == "depression":
            stays = u["remission"] >= P["depression"]["remission"]
            state.varying["depressed"] = (
                state.varying["depressed"] > 0
            ) & stays | happens
    _first(
        state, "failure", alive & (u["decompensate"] < likely(rates["failure"], span)),
        late,
    )  # fmt: skip
    _quit(state, at, span, u, alive)
    dies = alive & (u["died"] < likely(rates["died"], span))
    _first(state, "died", dies, at + span * u["when_died"])
    return rates


def likely(rate: Floats, span: Floats | float) -> Floats:
    """Turn a hazard into the chance of an event in `span` years."""
    return np.asarray(-np.expm1(-rate * span))


def cross(state: State, at: Floats | float, alive: Flags) -> None:
    """Let the diseases begin that are a level beyond a limit."""
    v = state.varying
    old_enough = state.age(at) >= 45
    for name, beyond in (
        ("t2dm", v["own_a1c"] + v["ar_a1c"] >= 6.5),
        ("htn", (v["own_sbp"] >= 140) | (v["own_dbp"] >= 90)),
        ("ckd3plus", v["true_egfr"] < 60),
        ("osteoporosis", (v["bone"] <= P["bone"]["threshold"]) & old_enough),
    ):
        _first(state, f"onset_{name}", alive & beyond, at)


def _quit(
    state: State, at: Floats | float, span: Floats | float, u: Rows, alive: Flags
) -> None:
    given = P["smoking"]
    event = sum(
        state.has(f"onset_{name}", at).astype(float)
        for name in ("chd", "stroke", "copd")
    )
    rate = (
        given["quit"]
        + given["quit_age"] * np.maximum(state.age(at) - 35, 0)
        + given["quit_after_event"] * (event > 0)
    )
    stops = alive & state.smokes(at) & (u["quit"] < likely(rate, span))
    _first(state, "quit", stops, at + span * u["when_late"])


def _first(state: State, name: str, happens: Flags, when: Floats | float) -> None:
    """Note a time where there is none yet."""
    known = state.times[name]
    state.times[name] = np.where(happens & (known == NEVER), when, known)
