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
        The hazards a year.
    """
    alive = ~state.has("died", at) & (state.age(at) >= ADULT)
    cross(state, at, alive)
    rates = hazards(state, at)
    early, late = at + span * u["when_early"], at + span * u["when_late"]
    new = {}
    for name in EVENTS:
        new[name] = alive & (u[f"onset_{name}"] < likely(rates[name], span))
        _first(state, f"onset_{name}", new[name], early if name in ACUTE else late)
    stays = u["remission"] >= rest(P["depression"]["remission"], span)
    before = state.varying["depressed"] > 0
    state.varying["depressed"] = (before & stays) | new["depression"]
    fails = alive & (u["decompensate"] < likely(rates["failure"], span))
    _first(state, "failure", fails, late)
    _quit(state, at, span, u, alive)
    _die(state, at, span, u, alive, rates["died"])
    return rates


def _die(
    state: State,
    at: Floats | float,
    span: Floats | float,
    u: Rows,
    alive: Flags,
    rate: Floats,
) -> None:
    """Let people die, of an acute event within weeks; nothing happens to the dead."""
    dies = alive & (u["died"] < likely(rate, span))
    when = np.where(dies, at + span * u["when_died"], NEVER)
    for name in ACUTE:
        began = state.times[f"onset_{name}"]
        fatal = u["fatal"] < P["death"]["fatality"][name]
        ends = began + u["when_fatal"] * P["death"]["fatality_days"] / 365.25
        now = alive & (began > at) & (began <= at + span) & fatal
        when = np.where(now, np.minimum(when, ends), when)
    _first(state, "died", alive & (when < NEVER), when)
    died = state.times["died"]
    for name in (*(f"onset_{each}" for each in EVENTS), "failure", "quit"):
        state.times[name] = np.where(state.times[name] > died, NEVER, state.times[name])


def likely(rate: Floats, span: Floats | float) -> Floats:
    """Turn a hazard into the chance of an event in `span` years."""
    return np.asarray(-np.expm1(-rate * span))


def rest(chance: Floats | float, span: Floats | float) -> Floats:
    """Return what is left of a year's chance for its last `span`, if it is still open.

    What has a chance in a year happens on any day of it; whoever gets so far without
    has the chance of the days that are left.
    """
    return np.asarray(chance * span / (1 - chance * (1 - np.asarray(span))))


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
