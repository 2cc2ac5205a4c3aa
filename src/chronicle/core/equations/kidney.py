"""Published equations of kidney disease; see `equations` for how they are made."""

from typing import Literal

import numpy as np

from chronicle.core.equations.prevent import (
    COEFFICIENTS,
    Floats,
    Values,
    floats,
    proportional,
    weighted,
)

HORIZON_YEARS = 5.0


def kfre4(
    *,
    female: Values,
    age_years: Values,
    egfr: Values,
    acr: Values,
    years: Literal[2, 5] = 5,
    north_america: bool = True,
) -> Floats:
    """Estimate the risk of kidney failure (dialysis, transplant) by KFRE.

    Args:
        female: Administrative gender is female (0/1).
        age_years: 18 to 110.
        egfr: mL/min/1.73 m², 10 to 60.
        acr: Albumin to creatinine in urine in mg/g, above 0.
        years: Horizon.
        north_america: The base rate of North America, else that of the others.

    Returns:
        Probability.

    Source:
        Tangri N et al. JAMA 2016;315:164-174.
    """
    k = COEFFICIENTS["kfre4"]
    terms = {
        "age": floats(age_years) / 10.0 - 7.036,
        "male": (1.0 - floats(female)) - 0.5642,
        "egfr": floats(egfr) / 5.0 - 7.222,
        "ln_acr": np.log(floats(acr)) - 5.137,
    }
    survival = k["survival"]["north_america" if north_america else "elsewhere"][years]
    return proportional(survival, weighted(k["coef"], terms))


def ckd_pc(
    *,
    female: Values,
    black: Values,
    age_years: Values,
    egfr: Values,
    cvd: Values,
    ever_smoker: Values,
    htn: Values,
    bmi: Values,
    acr: Values | None = None,
) -> Floats:
    """Estimate the 5-year risk of eGFR below 60 in people without diabetes.

    Args:
        female: Administrative gender is female (0/1).
        black: Race is black (0/1).
        age_years: 18 to 90.
        egfr: mL/min/1.73 m², above 60.
        cvd: Cardiovascular disease (0/1).
        ever_smoker: Smokes or smoked (0/1).
        htn: Hypertension (0/1).
        bmi: kg/m².
        acr: Albumin to creatinine in urine in mg/g; None where nobody was tested. Its
            weight was solved back from one worked example of the paper.

    Returns:
        Probability.

    Source:
        Nelson RG et al. JAMA 2019;322:2104-2114.
    """
    terms = _shared(female, black, age_years, egfr, cvd, ever_smoker, htn, bmi)
    log_hazard = weighted(COEFFICIENTS["ckd_pc"], terms)
    k = COEFFICIENTS["ckd_pc_acr"]
    if acr is not None:
        expected = weighted(COEFFICIENTS["ckd_pc_expected_log10_acr"], terms)
        log_hazard = log_hazard + k["weight"] * (np.log10(floats(acr)) - expected)
    return _weibull(k["shape"], log_hazard)


def ckd_pc_dm(
    *,
    female: Values,
    black: Values,
    age_years: Values,
    egfr: Values,
    cvd: Values,
    ever_smoker: Values,
    htn: Values,
    bmi: Values,
    hba1c: Values,
    insulin: Values,
    no_drug: Values,
    acr: Values | None = None,
) -> Floats:
    """Estimate the 5-year risk of eGFR below 60 in people with diabetes.

    Args:
        female: As all to `bmi`: see `ckd_pc`.
        black: See `ckd_pc`.
        age_years: See `ckd_pc`.
        egfr: See `ckd_pc`.
        cvd: See `ckd_pc`.
        ever_smoker: See `ckd_pc`.
        htn: See `ckd_pc`.
        bmi: See `ckd_pc`.
        hba1c: %.
        insulin: Takes insulin (0/1).
        no_drug: Takes nothing against diabetes (0/1).
        acr: Albumin to creatinine in urine in mg/g; None where nobody was tested.

    Returns:
        Probability.

    Source:
        Nelson RG et al. JAMA 2019;322:2104-2114.
    """
    above_7 = floats(hba1c) - 7.0
    terms = {
        **_shared(female, black, age_years, egfr, cvd, ever_smoker, htn, bmi),
        "hba1c": above_7,
        "insulin": floats(insulin),
        "no_drug": floats(no_drug),
        "hba1c_insulin": above_7 * floats(insulin),
        "hba1c_no_drug": above_7 * floats(no_drug),
    }
    log_hazard = weighted(COEFFICIENTS["ckd_pc_dm"], terms)
    k = COEFFICIENTS["ckd_pc_dm_acr"]
    if acr is not None:
        log_hazard = log_hazard + k["weight"] * (np.log10(floats(acr)) - 1.0)
    return _weibull(k["shape"], log_hazard)


def _shared(
    female: Values,
    black: Values,
    age_years: Values,
    egfr: Values,
    cvd: Values,
    ever_smoker: Values,
    htn: Values,
    bmi: Values,
) -> dict[str, Values]:
    egfr = floats(egfr)
    return {
        "age": floats(age_years) / 5.0 - 11.0,
        "female": female,
        "black": black,
        "egfr_lo": 15.0 - np.minimum(egfr, 90.0) / 5.0,
        "egfr_hi": np.maximum(egfr - 90.0, 0.0) / 5.0,
        "cvd": cvd,
        "ever_smoker": ever_smoker,
        "htn": htn,
        "bmi": floats(bmi) / 5.0 - 5.4,
    }


def _weibull(shape: float, log_hazard: Floats) -> Floats:
    return np.asarray(1.0 - np.exp(-(HORIZON_YEARS**shape) * np.exp(log_hazard)))
