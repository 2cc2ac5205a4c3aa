"""How likely each disease begins this year, and how likely somebody dies.

Hazards are rates a year. Treatment enters by its trial's ratio on the hazard of the
untreated body, never through an equation's coefficients: those are associations, and
counting both would count an effect twice.
"""

import numpy as np

from chronicle.core.equations.prevent import Outcome, prevent
from chronicle.core.equations.rhythm import charge_af
from chronicle.simulate.lives import body, kidneys, mortality
from chronicle.simulate.lives.parameters import P
from chronicle.simulate.lives.rows import Floats
from chronicle.simulate.lives.state import State

MMOL = 0.02586  # mmol/L of cholesterol in a mg/dL


def hazards(state: State, at: Floats | float) -> dict[str, Floats]:
    """Return the hazard of each disease that begins as an event, and of death.

    Args:
        state: Grown and treated for the year.
        at: The time until which what happened counts, in years: a number, or one for
            each of n people.

    Returns:
        By name (`died` for death), shape (n,), at most 5.
    """
    made = {
        **_vessels(state, at),
        "afib": _afib(state, at),
        "copd": _copd(state, at),
        "dementia": _dementia(state, at),
        "depression": _depression(state, at),
        "asthma": np.full(len(state.times), P["asthma"]["onset"]),
        "failure": failure(state, at),
        "died": mortality.death(state, at),
    }
    return {name: np.clip(rate, 0, 5) for name, rate in made.items()}


def _vessels(state: State, at: Floats | float) -> dict[str, Floats]:
    given = P["vessels"]
    ascvd, failing = _untreated(state, at)
    part = np.interp(state.age(at), *given["chd_share"])
    after = {name: state.has(f"onset_{name}", at) for name in ("chd", "stroke", "afib")}
    drugs = P["treatment"]
    clot = np.where(
        state.has("start_anticoagulant", at), drugs["anticoagulant_stroke"], 1
    )
    helped = np.where(state.has("start_sglt2i", at), drugs["sglt2i_heart_failure"], 1)
    return {
        "chd": ascvd
        * (part * given["chd"] * spared("chd", state))
        * np.where(after["stroke"], given["chd_after_stroke"], 1),
        "stroke": ascvd
        * ((1 - part) * given["stroke"] * spared("stroke", state))
        * np.where(after["chd"], given["stroke_after_chd"], 1)
        * np.where(after["afib"], given["stroke_after_afib"] * clot, 1),
        "heart_failure": failing
        * (given["heart_failure"] * spared("heart_failure", state))
        * np.where(after["chd"], given["failure_after_chd"], 1)
        * np.where(after["afib"], given["failure_after_afib"], 1)
        * helped,
    }


def _untreated(state: State, at: Floats | float) -> tuple[Floats, Floats]:
    """Return the hazards of ASCVD and heart failure without any drug."""
    given, t = P["vessels"], state.traits
    shared = mortality.frailty("vessels", t["z_vessels"]) * np.exp(
        given["deprivation"] * t["deprivation"]
        + given["albumin"] * np.maximum(kidneys.own_ln_acr(state, at) - 2, 0)
    )
    old = np.maximum(state.age(at) - 65, 0)
    family = np.where(t["family_chd"] > 0, given["family"], given["no_family"])
    ascvd = ten_years("ASCVD", state, at, given["beyond_range"])
    failing = ten_years("HF", state, at, given["beyond_range_heart_failure"])
    return (
        ascvd * np.exp(given["old"] * old) * shared * family,
        failing * np.exp(given["old_heart_failure"] * old) * shared,
    )


def ten_years(what: Outcome, state: State, at: Floats | float, beyond: float) -> Floats:
    """Turn a 10-year risk of the untreated body into a rate a year."""
    v, centred = state.varying, state.age(at) - P["vessels"]["centre"]
    tc = v["own_ldl"] + v["hdl"] + v["tg"] / 5
    risk = prevent(
        what,
        female=state.female(),
        age_years=np.clip(centred, 30, 79),
        tc=np.clip(tc, 130, 320),
        hdl=np.clip(v["hdl"], 20, 100),
        sbp=np.clip(v["own_sbp"], 90, 200),
        dm=state.has("onset_t2dm", at),
        smoker=mortality.smoke_left(state, at),
        bmi=np.clip(v["bmi"], 18.5, 39.9),
        egfr=np.clip(v["egfr"], 15, 150),
        antihtn=0.0,
        statin=0.0,
    )
    outside = np.maximum(centred - 79, 0) + np.minimum(centred - 30, 0)
    rate = -np.log1p(-np.clip(risk, 1e-6, 0.97)) / 10
    return np.asarray(rate * np.exp(beyond * outside))


def spared(what: str, state: State) -> Floats:
    """Return the hazard ratio of the pressure and LDL that drugs take away.

    Source: Ettehad D et al. Lancet 2016;387:957-967; CTT. Lancet 2010;376:1670-1681.
    """
    v, drugs = state.varying, P["treatment"]
    tens = (v["own_sbp"] - v["sbp"]) / 10
    ratio = drugs[f"{what}_per_10"] ** tens
    if what in ("chd", "stroke"):
        ratio = ratio * drugs["vascular_per_mmol"] ** ((v["own_ldl"] - v["ldl"]) * MMOL)
    return np.asarray(ratio)


def _afib(state: State, at: Floats | float) -> Floats:
    given, v, t = P["afib"], state.varying, state.traits
    risk = charge_af(
        age_years=state.age(at),
        white=t["white"],
        height_cm=t["height"],
        weight_kg=v["bmi"] * (t["height"] / 100) ** 2,
        sbp=v["own_sbp"],
        dbp=v["own_dbp"],
        smoker=mortality.smoke_left(state, at),
        antihtn=0.0,
        dm=state.has("onset_t2dm", at),
        hf=state.has("onset_heart_failure", at),
        mi=state.has("onset_chd", at),
    )
    rate = -np.log1p(-np.clip(risk, 0, 0.97)) / 5
    most = 0.0058 * np.exp(given["cap"])
    return np.asarray(
        np.minimum(rate, most) * given["scale"] * mortality.frailty("afib", t["z_afib"])
    )


def _copd(state: State, at: Floats | float) -> Floats:
    given, t = P["copd"], state.traits
    age = state.age(at)
    rate = given["at_60"] * np.exp(
        given["age"] * (age - 60)
        + given["ten_pack_years"] * state.varying["pack_years"] / 10
        + given["smoker"] * state.smokes(at)
        + given["deprivation"] * t["deprivation"]
    )
    return np.asarray(
        rate * mortality.frailty("copd", t["z_copd"]) * (age >= given["from_age"])
    )


def _dementia(state: State, at: Floats | float) -> Floats:
    given, t = P["dementia"], state.traits
    age = state.age(at)
    alleles = np.array(given["apoe4"])
    mean = float((alleles * P["population"]["apoe4"]).sum())
    rate = given["at_75"] * np.exp(given["age"] * (age - 75))
    rate = rate * alleles[t["apoe4"].astype(int)] / mean
    for name, factor in (
        ("stroke", "stroke"),
        ("t2dm", "diabetes"),
        ("afib", "afib"),
        ("depression", "depression"),
    ):
        rate = rate * np.where(state.has(f"onset_{name}", at), given[factor], 1)
    rate = rate * np.where(t["low_education"] > 0, given["low_education"], 1)
    return np.asarray(rate * (age >= given["from_age"]))


def _depression(state: State, at: Floats | float) -> Floats:
    given, t = P["depression"], state.traits
    chronic = sum(
        state.has(f"onset_{name}", at).astype(float)
        for name in ("t2dm", "chd", "copd", "stroke")
    )
    rate = given["onset"] * np.exp(
        given["female"] * t["female"]
        + given["deprivation"] * t["deprivation"]
        + given["chronic"] * chronic
    )
    again = np.where(state.has("onset_depression", at), given["again"], 1)
    by_age = np.interp(state.age(at), *given["age"])
    return np.asarray(
        rate * again * by_age * mortality.frailty("depression", t["z_depression"])
    )


def failure(state: State, at: Floats | float) -> Floats:
    """Return the hazard that beta cells begin to fail."""
    given, v, t = P["glucose"], state.varying, state.traits
    old = np.clip((state.age(at) - 55) / 25, 0, 1)
    heavier = t["black"] + t["hispanic"] + t["asian"]
    ln_ratio = (
        given["failure_hba1c"] * (v["own_a1c"] - 5.7)
        + given["failure_bmi"] * (v["bmi"] - 28) / 5
        + given["failure_family"] * (t["family_t2dm"] - 0.27)
        + given["failure_race"] * heavier
        + given["failure_old"] * old
    )
    rate = given["failure"] * np.exp(np.clip(ln_ratio, -7, 2))
    return np.asarray(rate * body.slowed(state, at))
