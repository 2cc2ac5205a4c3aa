"""Kidneys, a year at a time: filtration falls, albumin leaks, drugs slow both."""

import numpy as np

from chronicle.simulate.lives.parameters import P
from chronicle.simulate.lives.rows import Flags, Floats, Rows
from chronicle.simulate.lives.state import State


def filter_blood(state: State, year: Floats | float, draws: Rows, grown: Flags) -> None:
    """Take the kidneys through one year, in place."""
    v, given = state.varying, P["kidney"]
    spared = np.where(
        state.has("start_sglt2i", year), P["treatment"]["sglt2i_injury"], 1
    )
    chance = given["injury"] * np.where(state.age(year) > 60, 2, 1) * spared
    injury = (draws["aki"] < chance) * given["injury_drop"] * draws["aki_size"]
    moved = v["true_egfr"] + np.minimum(_decline(state, year), 0.2) - injury
    moved = np.clip(moved + given["walk"] * draws["egfr_walk"], given["floor"], 145)
    v["true_egfr"] = np.where(grown, moved, v["true_egfr"])
    noise = state.wander("ar_egfr", given["ar"], given["noise"], draws["egfr"])
    v["egfr"] = np.clip(v["true_egfr"] + noise, 4, 160)
    _albumin(state, year, draws)


def _decline(state: State, year: Floats | float) -> Floats:
    """Return the change of eGFR in a year, before chance."""
    v, t, given, drugs = state.varying, state.traits, P["kidney"], P["treatment"]
    slow = np.where(state.has("start_raas", year), drugs["raas_slope"], 1)
    slow = slow * np.where(state.has("start_sglt2i", year), drugs["sglt2i_slope"], 1)
    slope = (
        given["slope"]
        + given["slope_sd"] * t["z_egfr_slope"]
        + given["diabetes"] * state.has("onset_t2dm", year)
        + given["hba1c_over_7"] * np.maximum(v["a1c"] - 7, 0)
        + given["pressure_over_130"] * np.maximum(v["sbp"] - 130, 0) / 10
        + given["albumin_over_30"] * np.maximum(v["ln_acr"] - np.log(30), 0) * slow
        + given["below_60"] * (v["true_egfr"] < 60)
    )
    return np.asarray(slope)


def _albumin(state: State, year: Floats | float, draws: Rows) -> None:
    v, t, given, drugs = state.varying, state.traits, P["kidney"], P["treatment"]
    keep, step = given["albumin_ar"], given["albumin_walk"]
    high = np.maximum(v["a1c"] - 6, 0) * state.has("onset_t2dm", year)
    v["ln_acr"] = (
        given["albumin"]
        + given["albumin_age"] * (state.age(year) - 40)
        + given["albumin_female"] * t["female"]
        + given["albumin_pressure"] * (v["sbp"] - 120)
        + given["albumin_hba1c"] * high
        + given["albumin_below_60"] * np.maximum(60 - v["egfr"], 0)
        + given["albumin_sd"] * t["z_acr"]
        + state.wander("ar_acr", keep, step, draws["acr"])
        + drugs["raas_albumin"] * state.has("start_raas", year)
        + drugs["sglt2i_albumin"] * state.has("start_sglt2i", year)
    )


def own_ln_acr(state: State, at: Floats | float) -> Floats:
    """Return ln albuminuria as it would be without the drugs that lower it."""
    drugs, lowered = P["treatment"], state.varying["ln_acr"]
    for drug in ("raas", "sglt2i"):
        lowered = lowered - drugs[f"{drug}_albumin"] * state.has(f"start_{drug}", at)
    return np.asarray(lowered)
