"""Physiology, a year at a time: weight, glucose, pressure, lipids, kidneys, bone.

What a body does by itself is kept apart from what drugs do to it, so that a treatment
acts by its trial's effect and by nothing else (`hazards.py`).
"""

import numpy as np

from chronicle.simulate.lives import kidneys
from chronicle.simulate.lives.parameters import P
from chronicle.simulate.lives.rows import Flags, Floats, Rows
from chronicle.simulate.lives.state import ADULT, State


def grow(state: State, year: Floats | float, draws: Rows) -> None:
    """Take the bodies through one year, in place; `year` is its beginning.

    One number for all, or one for each of n people.
    """
    grown = state.age(year) >= ADULT
    _weigh(state, year, draws)
    _smoke(state, year, grown)
    _glucose(state, year, draws, grown)
    _pressure(state, year, draws)
    _lipids(state, year, draws)
    kidneys.filter_blood(state, year, draws, grown)
    _bones(state, year, draws)
    treat(state, year)


def treat(state: State, at: Floats | float) -> None:
    """Let the drugs that are taken at `at` act on pressure, LDL and HbA1c."""
    v, drugs = state.varying, P["treatment"]
    dose = state.traits["adherence"]
    taken = state.steps("pressure", at)
    height = np.clip((v["own_sbp"] - 90) / 45, 0.3, 1.4)
    drop = np.array(drugs["sbp"])[taken] * dose * height
    v["sbp"] = np.clip(v["own_sbp"] - drop, 82, 240)
    v["dbp"] = np.clip(v["own_dbp"] - np.array(drugs["dbp"])[taken] * dose, 40, 130)
    v["ldl"] = v["own_ldl"] * (1 - drugs["ldl"] * dose * state.has("start_statin", at))
    # Before it is diabetes, metformin slows the way there (`slowed`): a lower HbA1c
    # would hide the diagnosis, and count its effect twice.
    steps = np.array(drugs["hba1c"])[state.steps("glucose", at)]
    steps = steps * state.has("code_t2dm", at)
    room = np.clip((v["own_a1c"] - 5.6) / 2.2, 0.2, 1.3)
    treated = v["own_a1c"] - steps * dose * room + v["ar_a1c"]
    v["a1c"] = np.clip(treated, 4.2, P["glucose"]["max"])


def _weigh(state: State, year: Floats | float, draws: Rows) -> None:
    t, given = state.traits, P["bmi"]
    moved = state.wander("ar_bmi", given["ar"], given["ln_walk"], draws["bmi"])
    median = np.interp(state.age(year), given["age_knots"], given["median"])
    z = t["z_bmi"]
    ln_bmi = (
        np.log(median)
        + given["secular"]
        * (np.maximum(year, given["secular_from"]) - given["secular_ref"])
        + given["ln_sd"] * (z + given["skew"] * (z * z - 1))
        + moved
        + given["female"] * t["female"]
        + given["black_female"] * t["female"] * t["black"]
        + given["hispanic"] * t["hispanic"]
        + given["asian"] * t["asian"]
        + given["deprivation"] * t["deprivation"]
        + given["smoker"] * state.smokes(year)
        + np.log(P["treatment"]["lifestyle_weight"]) * state.has("lifestyle", year)
    )
    state.varying["bmi"] = np.clip(np.exp(ln_bmi), 15, 70)


def _smoke(state: State, year: Floats | float, grown: Flags) -> None:
    packs = P["smoking"]["packs_a_day"] * (grown & state.smokes(year))
    state.varying["pack_years"] += packs


def _glucose(state: State, year: Floats | float, draws: Rows, grown: Flags) -> None:
    v, t, given = state.varying, state.traits, P["glucose"]
    old = np.clip((state.age(year) - 55) / 25, 0, 1)
    drift = (
        given["slope"]
        + given["slope_sd"] * t["z_a1c_slope"]
        + given["slope_bmi"] * (v["bmi"] - 27) / 5
        + given["slope_family"] * t["family_t2dm"]
        + given["slope_black"] * t["black"]
        + given["slope_hispanic"] * t["hispanic"]
        + given["slope_asian"] * t["asian"]
        + given["slope_inactive"] * t["inactive"]
    ) * (1 + given["slope_old"] * old)
    ill = state.has("onset_t2dm", year)
    pace = given["failure_rate"] * np.exp(given["failure_rate_sd"] * t["z_a1c_slope"])
    drift = np.minimum(drift + pace * state.has("failure", year), given["cap"])
    drift = drift * slowed(state, year)
    drift = np.where(state.has("code_t2dm", year), given["after_treatment"], drift)
    walk = given["walk"] * draws["a1c_walk"] * ~ill
    moved = v["own_a1c"] + drift + walk
    v["own_a1c"] = np.where(grown, np.clip(moved, 4.2, given["max"]), v["own_a1c"])
    state.wander("ar_a1c", given["ar"], given["noise"], draws["a1c"])


def slowed(state: State, at: Floats | float) -> Floats:
    """Return the share that prevention leaves of the way into diabetes.

    Source: Knowler WC et al. (DPP). N Engl J Med 2002;346:393-403.
    """
    drugs = P["treatment"]
    metformin = np.where(state.has("start_glucose_1", at), drugs["metformin_onset"], 1)
    changed = np.where(state.has("lifestyle", at), drugs["lifestyle_onset"], 1)
    return np.asarray(metformin * changed)


def _pressure(state: State, year: Floats | float, draws: Rows) -> None:
    v, t, given = state.varying, state.traits, P["pressure"]
    age = state.age(year)
    slope = state.by_sex(given["slope"]) * (1 + given["slope_sd"] * t["z_sbp_slope"])
    usual = state.by_sex(given["base"]) + slope * (age - 20)
    own = (
        usual
        + given["bmi"] * (v["bmi"] - 26)
        + given["black"] * t["black"]
        + given["deprivation"] * t["deprivation"]
        + given["sd"] * t["z_sbp"]
        + given["a_parent"] * (t["family_htn"] - 0.7)
        + given["diabetes"] * state.has("onset_t2dm", year)
        + given["kidney"] * (v["true_egfr"] < 60)
        + state.wander("ar_sbp", given["ar"], given["walk"], draws["sbp"])
    )
    v["own_sbp"] = np.clip(own, 82, 240)
    low = (
        given["diastolic"]
        + given["diastolic_to_50"] * (np.minimum(age, 50) - 20)
        + given["diastolic_after_50"] * np.maximum(age - 50, 0)
        + given["diastolic_coupling"] * (own - usual)
        + given["diastolic_sd"] * t["z_dbp"]
        + given["diastolic_female"] * t["female"]
        + given["diastolic_bmi"] * (v["bmi"] - 26)
    )
    v["own_dbp"] = np.clip(low, 40, 130)


def _lipids(state: State, year: Floats | float, draws: Rows) -> None:
    v, t, given = state.varying, state.traits, P["lipids"]
    keep, step = given["ldl_ar"], given["ldl_walk"]
    apart = (state.age(year) - given["ldl_peak_age"]) / given["ldl_width"]
    own = (
        given["ldl"]
        + given["ldl_peak"] * np.exp(-apart * apart)
        + given["ldl_sd"] * t["z_ldl"]
        + given["ldl_bmi"] * (v["bmi"] - 27)
        + given["ldl_black"] * t["black"]
        + state.wander("ar_ldl", keep, step, draws["ldl"])
    )
    v["own_ldl"] = np.clip(own, 25, 350)
    ln_hdl = (
        given["hdl_ln_sd"] * t["z_hdl"]
        + given["hdl_bmi"] * (v["bmi"] - 27)
        + given["hdl_smoker"] * state.smokes(year)
        + given["hdl_black"] * t["black"]
        + given["hdl_diabetes"] * state.has("onset_t2dm", year)
    )
    v["hdl"] = np.clip(state.by_sex(given["hdl"]) * np.exp(ln_hdl), 15, 130)
    _triglycerides(state, year, draws)


def _triglycerides(state: State, year: Floats | float, draws: Rows) -> None:
    v, t, given = state.varying, state.traits, P["lipids"]
    ln_tg = (
        given["tg"]
        + given["tg_age"] * (np.minimum(state.age(year), 60) - 40)
        + given["tg_bmi"] * (v["bmi"] - 27)
        + given["tg_diabetes"] * state.has("onset_t2dm", year)
        + given["tg_black"] * t["black"]
        + given["tg_hispanic"] * t["hispanic"]
        + given["tg_sd"] * t["z_tg"]
        + state.wander("ar_tg", given["tg_ar"], given["tg_walk"], draws["tg"])
    )
    v["tg"] = np.clip(np.exp(ln_tg), 25, 3000)


def _bones(state: State, year: Floats | float, draws: Rows) -> None:
    given, age, own = P["bone"], state.age(year), state.by_sex
    state.varying["bone"] = (
        own(given["peak"])
        + own(given["before_50"]) * np.clip(age - 30, 0, 20)
        + own(given["after_50"]) * np.clip(age - 50, 0, 12)
        + own(given["after_62"]) * np.maximum(age - 62, 0)
        + given["sd"] * state.traits["z_bone"]
        + given["bmi"] * (state.varying["bmi"] - 27)
        + given["smoker"] * state.smokes(year)
        + state.wander("ar_bone", given["ar"], given["walk"], draws["bone"])
    )
