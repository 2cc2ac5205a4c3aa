"""Who they are: what does not change over a virtual life."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chronicle.simulate.lives import draws
from chronicle.simulate.lives.parameters import P
from chronicle.simulate.lives.rows import Floats, Rows, Whole

RACES = ("white", "black", "hispanic", "asian", "other")
UNIFORM = (
    "birth_span", "birth", "female", "race", "low_education", "family_t2dm",
    "family_chd", "family_htn", "apoe4", "inactive", "smoker", "uninsured", "asthma",
    "site",
)  # fmt: skip
# z_: how far somebody stands from the average, in standard deviations.
NORMAL = (
    "deprivation", "height", "z_bmi", "z_sbp", "z_sbp_slope", "z_dbp", "z_ldl",
    "z_hdl", "z_tg", "z_a1c", "z_a1c_slope", "z_egfr", "z_egfr_slope", "z_acr",
    "z_vessels", "z_afib", "z_copd", "z_depression", "z_death", "z_visits",
    "z_adherence", "z_bone",
)  # fmt: skip
TRAITS = (
    "birth", "female", "black", "hispanic", "asian", "white", "race", "low_education",
    "family_t2dm", "family_chd", "family_htn", "apoe4", "inactive", "ever_smoker",
    "uninsured", "child_asthma", "site", "adherence", *NORMAL,
)  # fmt: skip


def people(seed: int, purpose: str, numbers: Whole, shares: Sequence[float]) -> Rows:
    """Draw the traits of some people; shape (len(TRAITS), n).

    Args:
        seed: Of everything.
        purpose: Names the stream.
        numbers: Whose.
        shares: Of each site; `site` is a place in this list.
    """
    drawn = np.empty((len(UNIFORM) + len(NORMAL), len(numbers)))
    for column, number in enumerate(numbers):
        source = draws.stream(seed, purpose, int(number))
        drawn[: len(UNIFORM), column] = source.random(len(UNIFORM))
        drawn[len(UNIFORM) :, column] = source.standard_normal(len(NORMAL))
    return _traits(Rows((*UNIFORM, *NORMAL), drawn), shares)


def _traits(drawn: Rows, shares: Sequence[float]) -> Rows:
    given = P["population"]
    race = pick(drawn["race"], [given["race"][name] for name in RACES])
    worse = given["deprivation_black_hispanic"] * ((race == 1) | (race == 2))
    found: dict[str, Any] = {name: drawn[name] for name in NORMAL}
    found |= {
        "birth": _birth(drawn["birth_span"], drawn["birth"]),
        "female": drawn["female"] < given["female"],
        "race": race,
        **{name: race == RACES.index(name) for name in RACES if name in TRAITS},
        "deprivation": drawn["deprivation"] + worse,
        "family_t2dm": drawn["family_t2dm"] < given["family_t2dm"],
        "family_chd": drawn["family_chd"] < given["family_chd"],
        "family_htn": pick(drawn["family_htn"], given["family_htn"]),
        "apoe4": pick(drawn["apoe4"], given["apoe4"]),
        "child_asthma": drawn["asthma"] < P["asthma"]["child"],
        "site": pick(drawn["site"], shares),
    }
    found |= _together(drawn) | _habits(drawn, found)
    return Rows(TRAITS, np.array([found[name] for name in TRAITS], float))


def _habits(drawn: Rows, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what depends on how somebody lives, and on their height."""
    given, worse = P["population"], found["deprivation"]

    def share_of(name: str) -> Floats:
        return share(given[name] + given[f"{name}_deprivation"] * worse)

    mean, spread = (
        np.where(found["female"], f, m)
        for m, f in zip(given["height_m"], given["height_f"], strict=True)
    )
    smokes = _smokes(found["birth"], found["female"], worse)
    return {
        "height": mean + spread * drawn["height"],
        "low_education": drawn["low_education"] < share_of("low_education"),
        "inactive": drawn["inactive"] < share_of("inactive"),
        "ever_smoker": drawn["smoker"] < smokes,
        "uninsured": drawn["uninsured"] < given["uninsured"] * np.exp(0.3 * worse),
    }


def _together(drawn: Rows) -> dict[str, Floats]:
    """Return what goes together: triglycerides with weight, HDL against them."""
    mean, spread = P["population"]["adherence"]
    pull = P["lipids"]["hdl_tg"]
    own = drawn["z_tg"]
    return {
        "z_tg": 0.25 * drawn["z_bmi"] + np.sqrt(1 - 0.25**2) * own,
        "z_hdl": pull * own + np.sqrt(1 - pull**2) * drawn["z_hdl"],
        "adherence": np.clip(mean + spread * drawn["z_adherence"], 0.05, 1.0),
    }


def _birth(span: Floats, within: Floats) -> Floats:
    knots = np.array(P["population"]["birth_knots"], float)
    weight = np.array(P["population"]["birth_weight"], float) * np.diff(knots)
    chosen = pick(span, list(weight / weight.sum()))
    return np.asarray(knots[chosen] + within * np.diff(knots)[chosen])


def _smokes(birth: Floats, female: np.ndarray, deprivation: Floats) -> Floats:
    habit = P["smoking"]
    later = np.maximum(birth - habit["cohort_peak"], 0)
    return share(
        habit["ever"]
        + habit["male"] * ~female
        + habit["deprivation"] * deprivation
        + habit["cohort_slope"] * later
    )


def pick(uniform: Floats, shares: Sequence[float]) -> Whole:
    """Return which of several shares each uniform number falls into."""
    bounds = np.cumsum(np.asarray(shares, float) / np.sum(shares))[:-1]
    return np.searchsorted(bounds, uniform, side="right")


def share(log_odds: Floats) -> Floats:
    """Turn log-odds into a probability."""
    return np.asarray(1 / (1 + np.exp(-log_odds)))
