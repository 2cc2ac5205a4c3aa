"""Published equations of heart and vessels; see `equations` for how they are made.

In all of them `female`, `dm` (diabetes), `smoker` (now), `antihtn` (takes a drug
against hypertension) and other answers are 0/1, ages are in years, pressures in mmHg,
cholesterol in mg/dL. The result is a probability; nothing is clipped.
"""

import numpy as np

from chronicle.core.equations.prevent import (
    COEFFICIENTS,
    Floats,
    Values,
    Weights,
    by_sex,
    choose,
    floats,
    proportional,
    weighted,
)


def framingham2008(
    *,
    female: Values,
    age_years: Values,
    tc: Values,
    hdl: Values,
    sbp: Values,
    antihtn: Values,
    smoker: Values,
    dm: Values,
) -> Floats:
    """Estimate the 10-year risk of any first cardiovascular disease, with lipids.

    Valid from 30 to 74 years, without cardiovascular disease.

    Source:
        D'Agostino RB et al. Circulation 2008;117:743-753.
    """
    lipids = {"ln_tc": np.log(floats(tc)), "ln_hdl": np.log(floats(hdl))}
    k = by_sex(female, COEFFICIENTS["framingham2008"])
    return _framingham(k, lipids, age_years, sbp, antihtn, smoker, dm)


def framingham2008_bmi(
    *,
    female: Values,
    age_years: Values,
    bmi: Values,
    sbp: Values,
    antihtn: Values,
    smoker: Values,
    dm: Values,
) -> Floats:
    """Estimate what `framingham2008` does from `bmi` in kg/m² instead of lipids.

    Source:
        D'Agostino RB et al. Circulation 2008;117:743-753.
    """
    k = by_sex(female, COEFFICIENTS["framingham2008_bmi"])
    size = {"ln_bmi": np.log(floats(bmi))}
    return _framingham(k, size, age_years, sbp, antihtn, smoker, dm)


def _framingham(
    k: Weights,
    more: dict[str, Floats],
    age_years: Values,
    sbp: Values,
    antihtn: Values,
    smoker: Values,
    dm: Values,
) -> Floats:
    ln_sbp, treated = np.log(floats(sbp)), floats(antihtn)
    terms = {
        "ln_age": np.log(floats(age_years)),
        **more,
        "ln_sbp_treated": treated * ln_sbp,
        "ln_sbp_untreated": (1.0 - treated) * ln_sbp,
        "smoker": floats(smoker),
        "dm": floats(dm),
    }
    return proportional(k["survival"], weighted(k, terms) - k["mean"])


def pce2013(
    *,
    female: Values,
    black: Values,
    age_years: Values,
    tc: Values,
    hdl: Values,
    sbp: Values,
    antihtn: Values,
    smoker: Values,
    dm: Values,
) -> Floats:
    """Estimate the 10-year risk of hard ASCVD by the pooled cohort equations.

    Valid from 40 to 79 years, without ASCVD. Superseded by PREVENT, which has no term
    for race and does not overestimate as much; here for comparison only.

    Source:
        Goff DC et al. Circulation 2014;129:S49-S73.
    """
    groups = COEFFICIENTS["pce2013"]
    kinds = ("white_men", "white_women", "black_men", "black_women")
    group = 2.0 * floats(black) + floats(female)
    k = choose(group, [groups[kind] for kind in kinds])
    ln_age = np.log(floats(age_years))
    ln_tc, ln_hdl = np.log(floats(tc)), np.log(floats(hdl))
    ln_sbp, treated = np.log(floats(sbp)), floats(antihtn)
    terms = {
        "ln_age": ln_age,
        "ln_age_sq": ln_age * ln_age,
        "ln_tc": ln_tc,
        "ln_age_tc": ln_age * ln_tc,
        "ln_hdl": ln_hdl,
        "ln_age_hdl": ln_age * ln_hdl,
        "ln_sbp_treated": treated * ln_sbp,
        "ln_age_sbp_treated": treated * ln_age * ln_sbp,
        "ln_sbp_untreated": (1.0 - treated) * ln_sbp,
        "ln_age_sbp_untreated": (1.0 - treated) * ln_age * ln_sbp,
        "smoker": floats(smoker),
        "ln_age_smoker": ln_age * floats(smoker),
        "dm": floats(dm),
    }
    return proportional(k["survival"], weighted(k, terms) - k["mean"])


def mesa_chd(
    *,
    female: Values,
    age_years: Values,
    chinese: Values,
    black: Values,
    hispanic: Values,
    tc: Values,
    hdl: Values,
    lipid_drug: Values,
    sbp: Values,
    antihtn: Values,
    smoker: Values,
    dm: Values,
    family: Values,
) -> Floats:
    """Estimate the 10-year risk of coronary heart disease, without calcium score.

    Valid from 45 to 85 years. `family`: infarction of a parent, sibling or child.

    Source:
        McClelland RL et al. J Am Coll Cardiol 2015;66:1643-1653.
    """
    k = COEFFICIENTS["mesa_chd"]
    terms = {
        "age": age_years,
        "male": 1.0 - floats(female),
        "chinese": chinese,
        "black": black,
        "hispanic": hispanic,
        "dm": dm,
        "smoker": smoker,
        "tc": tc,
        "hdl": hdl,
        "lipid_drug": lipid_drug,
        "sbp": sbp,
        "antihtn": antihtn,
        "family": family,
    }
    return proportional(k["survival"], weighted(k, terms))


def framingham_htn(
    *,
    female: Values,
    age_years: Values,
    sbp: Values,
    dbp: Values,
    bmi: Values,
    smoker: Values,
    parents: Values,
    years: Values = 4.0,
) -> Floats:
    """Estimate the risk of hypertension (140/90 mmHg or treated) within `years`.

    Valid from 20 to 80 years, below 140/90, without diabetes; for 1, 2 and 4 years.
    `bmi` in kg/m²; `parents`: how many of them had hypertension, 0 to 2.

    Source:
        Parikh NI et al. Ann Intern Med 2008;148:102-110.
    """
    k = COEFFICIENTS["framingham_htn"]
    terms = {
        "age": age_years,
        "female": female,
        "bmi": bmi,
        "sbp": sbp,
        "dbp": dbp,
        "smoker": smoker,
        "parents": parents,
        "age_dbp": floats(age_years) * floats(dbp),
    }
    at = (np.log(floats(years)) - weighted(k, terms)) / k["scale"]
    return np.asarray(1.0 - np.exp(-np.exp(at)))
