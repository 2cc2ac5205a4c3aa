"""PREVENT and CKD-EPI, and what all published equations here are made of.

Every function takes scalars or arrays of one shape and works element by element: no
sum runs over people, so a person's risk has the same bytes alone and among 10,000.
Coefficients are in `coefficients.yaml`, each with its paper. Null (NaN) in, null out.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import yaml

Floats = npt.NDArray[np.float64]
Values = Floats | npt.NDArray[np.bool_] | npt.NDArray[np.int64] | float
Weights = Mapping[str, Floats]
Outcome = Literal["CVD", "ASCVD", "HF"]

COEFFICIENTS: Mapping[str, Any] = yaml.safe_load(
    Path(__file__).with_name("coefficients.yaml").read_text(encoding="utf-8")
)


def floats(value: Values) -> Floats:
    """Return `value` as float64; an array that is one already is not copied."""
    return np.asarray(value, dtype=np.float64)


def choose(index: Values, tables: Sequence[Mapping[str, float]]) -> Weights:
    """Choose each coefficient of `tables[index]` for each person; null for a null."""
    at = floats(index)
    known = np.where(np.isnan(at), len(tables), at).astype(np.int64)
    return {
        name: np.array([*(each[name] for each in tables), np.nan]).take(known)
        for name in tables[0]
    }


def by_sex(female: Values, equation: Mapping[str, Mapping[str, float]]) -> Weights:
    """Choose each coefficient of `women` or `men` for each person."""
    return choose(female, (equation["men"], equation["women"]))


def holds(condition: npt.NDArray[np.bool_], *values: Values) -> Floats:
    """Return `condition` as 0/1; null where a value that it looked at is null."""
    unknown = np.isnan(sum((floats(value) for value in values), start=floats(0.0)))
    return np.where(unknown, np.nan, condition)


def weighted(
    weights: Mapping[str, float] | Weights, terms: Mapping[str, Values]
) -> Floats:
    """Sum weight times term over the names of `terms`, and `const` if there is one."""
    total = floats(weights.get("const", 0.0))
    for name, term in terms.items():
        total = total + weights[name] * floats(term)
    return total


def logistic(log_odds: Floats) -> Floats:
    """Return the probability of some log odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))


def proportional(survival: Values, log_hazard: Floats) -> Floats:
    """Return 1 - survival to the power of exp(log_hazard), as Cox models say it."""
    # np.power, not **: numpy's scalars raise by another routine than its arrays.
    return np.asarray(1.0 - np.power(survival, np.exp(log_hazard)))


def prevent(
    outcome: Outcome,
    *,
    female: Values,
    age_years: Values,
    tc: Values,
    hdl: Values,
    sbp: Values,
    dm: Values,
    smoker: Values,
    bmi: Values,
    egfr: Values,
    antihtn: Values,
    statin: Values,
) -> Floats:
    """Estimate the 10-year risk of a first cardiovascular event by PREVENT (base).

    Args:
        outcome: CVD (ASCVD or heart failure), ASCVD (coronary death, infarction,
            stroke) or HF (heart failure).
        female: Administrative gender is female (0/1).
        age_years: 30 to 79.
        tc: Total cholesterol in mg/dL, 130 to 320; HF does not read it.
        hdl: HDL cholesterol in mg/dL, 20 to 100; HF does not read it.
        sbp: Systolic pressure in mmHg, 90 to 200.
        dm: Diabetes (0/1).
        smoker: Smokes now (0/1).
        bmi: kg/m², 18.5 to 40; only HF reads it.
        egfr: mL/min/1.73 m², 15 to 150.
        antihtn: Takes a drug against hypertension (0/1).
        statin: Takes one (0/1); HF does not read it.

    Returns:
        Probability. For people without CVD and heart failure; nothing is clipped.

    Source:
        Khan SS et al. PREVENT equations. Circulation 2024;149:430-449.
    """
    return prevent_with(
        prevent_weights(outcome, female=female),
        age_years=age_years,
        tc=tc,
        hdl=hdl,
        sbp=sbp,
        dm=dm,
        smoker=smoker,
        bmi=bmi,
        egfr=egfr,
        antihtn=antihtn,
        statin=statin,
    )


def prevent_weights(outcome: Outcome, *, female: Values) -> Mapping[str, Weights]:
    """Choose each person's coefficients, for those who ask `prevent_with` often."""
    equation = COEFFICIENTS["prevent"][outcome]
    return {
        group: by_sex(female, {sex: equation[sex][group] for sex in ("women", "men")})
        for group in equation["women"]
    }


def prevent_with(
    weights: Mapping[str, Weights],
    *,
    age_years: Values,
    tc: Values,
    hdl: Values,
    sbp: Values,
    dm: Values,
    smoker: Values,
    bmi: Values,
    egfr: Values,
    antihtn: Values,
    statin: Values,
) -> Floats:
    """Do what `prevent` does, with weights from `prevent_weights`; same units."""
    age, sbp, egfr = floats(age_years), floats(sbp), floats(egfr)
    terms = {
        "dm": floats(dm),
        "smoker": floats(smoker),
        "sbp_lo": (np.minimum(sbp, 110.0) - 110.0) / 20.0,
        "sbp_hi": (np.maximum(sbp, 110.0) - 130.0) / 20.0,
        "egfr_lo": (60.0 - np.minimum(egfr, 60.0)) / 15.0,
        "egfr_hi": (90.0 - np.maximum(egfr, 60.0)) / 15.0,
    }
    alone = weights["alone"]
    if "nonhdl" in alone:
        hdl = floats(hdl)
        terms["nonhdl"] = (floats(tc) - hdl) * 0.02586 - 3.5
        terms["hdl"] = (hdl * 0.02586 - 1.3) / 0.3
    if "bmi_lo" in alone:
        bmi = floats(bmi)
        terms["bmi_lo"] = (np.minimum(bmi, 30.0) - 25.0) / 5.0
        terms["bmi_hi"] = (np.maximum(bmi, 30.0) - 30.0) / 5.0
    factors = {"age10": (age - 55.0) / 10.0, "antihtn": antihtn, "statin": statin}
    log_odds = _sum(alone, terms)
    for name, factor in factors.items():
        if (group := weights.get(f"times_{name}")) is not None:
            log_odds = log_odds + _sum(group, terms) * floats(factor)
    return logistic(log_odds)


def _sum(weights: Weights, terms: Mapping[str, Floats]) -> Floats:
    """Do what `weighted` does over the names of `weights`, and reuse two arrays."""
    shape = np.broadcast_shapes(
        weights["const"].shape,
        *(terms[name].shape for name in weights if name in terms),
    )
    total, product = np.empty(shape), np.empty(shape)
    total[...] = weights["const"]
    for name, weight in weights.items():
        if name != "const":
            np.multiply(weight, terms[name], out=product)
            np.add(total, product, out=total)
    return total


def ckd_epi_2021(*, creatinine: Values, age_years: Values, female: Values) -> Floats:
    """Estimate the glomerular filtration rate by CKD-EPI 2021, without race.

    Args:
        creatinine: Serum creatinine in mg/dL, above 0.
        age_years: 18 and above.
        female: Administrative gender is female (0/1).

    Returns:
        eGFR in mL/min/1.73 m².

    Source:
        Inker LA et al. N Engl J Med 2021;385:1737-1749.
    """
    k = by_sex(female, COEFFICIENTS["ckd_epi_2021"])
    ratio = floats(creatinine) / k["knee"]
    below = np.power(np.minimum(ratio, 1.0), k["below"])
    above = np.power(np.maximum(ratio, 1.0), -1.2)
    return np.asarray(k["scale"] * below * above * np.power(0.9938, floats(age_years)))


def creatinine_of(*, egfr: Values, age_years: Values, female: Values) -> Floats:
    """Return the creatinine in mg/dL at which CKD-EPI 2021 says `egfr`.

    Args:
        egfr: mL/min/1.73 m², above 0.
        age_years: 18 and above.
        female: Administrative gender is female (0/1).

    Source:
        The inverse of `ckd_epi_2021`, which falls strictly with creatinine.
    """
    k = by_sex(female, COEFFICIENTS["ckd_epi_2021"])
    at_knee = k["scale"] * np.power(0.9938, floats(age_years))
    ratio = floats(egfr) / at_knee
    below = np.power(np.maximum(ratio, 1.0), 1.0 / k["below"])
    above = np.power(np.minimum(ratio, 1.0), -1.0 / 1.2)
    return np.asarray(k["knee"] * below * above)
