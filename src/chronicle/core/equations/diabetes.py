"""Published equations of type 2 diabetes; see `equations` for how they are made.

In all of them ages are in years, `bmi` in kg/m², pressures in mmHg, glucose (`fpg`,
fasting) and lipids in mg/dL, and answers are 0/1.
"""

import numpy as np

from chronicle.core.equations.prevent import (
    COEFFICIENTS,
    Floats,
    Values,
    floats,
    holds,
    logistic,
    weighted,
)


def wilson2007(
    *,
    female: Values,
    age_years: Values,
    parent: Values,
    bmi: Values,
    htn: Values,
    low_hdl: Values,
    tg_150: Values,
    fpg_100: Values,
) -> Floats:
    """Estimate the 8-year risk of type 2 diabetes (Framingham Offspring).

    `parent` had diabetes; `htn`: 130/85 mmHg or treated; `low_hdl`: below 40 mg/dL in
    men, 50 in women; `tg_150`: triglycerides of 150 mg/dL or more, or treated;
    `fpg_100`: fasting glucose of 100 to 126 mg/dL.

    Source:
        Wilson PWF et al. Arch Intern Med 2007;167:1068-1074.
    """
    age, bmi = floats(age_years), floats(bmi)
    terms = {
        "age_50_64": holds((age >= 50.0) & (age < 65.0), age),
        "age_65": holds(age >= 65.0, age),
        "male": 1.0 - floats(female),
        "parent": parent,
        "bmi_25": holds((bmi >= 25.0) & (bmi < 30.0), bmi),
        "bmi_30": holds(bmi >= 30.0, bmi),
        "htn": htn,
        "low_hdl": low_hdl,
        "tg_150": tg_150,
        "fpg_100": fpg_100,
    }
    return logistic(weighted(COEFFICIENTS["wilson2007"], terms))


def aric_dm(
    *,
    age_years: Values,
    black: Values,
    parent: Values,
    fpg: Values,
    sbp: Values,
    waist_cm: Values,
    height_cm: Values,
    hdl: Values,
    tg: Values,
) -> Floats:
    """Estimate the 9-year risk of diabetes (ARIC), from 45 to 64 years.

    Source:
        Schmidt MI et al. Diabetes Care 2005;28:2013-2018.
    """
    terms = {
        "age": age_years,
        "black": black,
        "parent": parent,
        "fpg": fpg,
        "sbp": sbp,
        "waist": waist_cm,
        "height": height_cm,
        "hdl": hdl,
        "tg": tg,
    }
    return logistic(weighted(COEFFICIENTS["aric_dm"], terms))


def san_antonio(
    *,
    female: Values,
    age_years: Values,
    mexican_american: Values,
    fpg: Values,
    sbp: Values,
    hdl: Values,
    bmi: Values,
    family: Values,
) -> Floats:
    """Estimate the 7.5-year risk of type 2 diabetes (San Antonio Heart Study).

    `family`: a parent or sibling has diabetes.

    Source:
        Stern MP et al. Ann Intern Med 2002;136:575-581.
    """
    terms = {
        "age": age_years,
        "female": female,
        "mexican_american": mexican_american,
        "fpg": fpg,
        "sbp": sbp,
        "hdl": hdl,
        "bmi": bmi,
        "family": family,
    }
    return logistic(weighted(COEFFICIENTS["san_antonio"], terms))


def cambridge(
    *,
    female: Values,
    age_years: Values,
    bmi: Values,
    antihtn: Values,
    steroid: Values,
    relatives: Values,
    former_smoker: Values,
    smoker: Values,
) -> Floats:
    """Estimate the probability of diabetes that nobody knows of (Cambridge score).

    `relatives`: of parents and siblings, 0 for none, 1 for either, 2 for both kinds
    with diabetes; `steroid`: one is prescribed.

    Source:
        Griffin SJ et al. Diabetes Metab Res Rev 2000;16:164-171.
    """
    bmi, relatives = floats(bmi), floats(relatives)
    terms = {
        "female": female,
        "antihtn": antihtn,
        "steroid": steroid,
        "age": age_years,
        "bmi_25": holds((bmi >= 25.0) & (bmi < 27.5), bmi),
        "bmi_27_5": holds((bmi >= 27.5) & (bmi < 30.0), bmi),
        "bmi_30": holds(bmi >= 30.0, bmi),
        "one_relative": holds(relatives == 1.0, relatives),
        "two_relatives": holds(relatives >= 2.0, relatives),
        "former_smoker": former_smoker,
        "smoker": smoker,
    }
    return logistic(weighted(COEFFICIENTS["cambridge"], terms))


def findrisc(
    *,
    female: Values,
    age_years: Values,
    bmi: Values,
    waist_cm: Values,
    active: Values,
    vegetables: Values,
    antihtn: Values,
    high_glucose: Values,
    close_relative: Values,
    distant_relative: Values,
) -> Floats:
    """Count the points of FINDRISC, 0 to 26: 10-year risk of treated type 2 diabetes.

    `active`: half an hour on most days; `vegetables`: daily; `high_glucose`: ever
    found; relatives with diabetes: close is parent, sibling or child.

    Source:
        Lindstrom J, Tuomilehto J. Diabetes Care 2003;26:725-731.
    """
    waist = floats(waist_cm) + 14.0 * floats(female)  # women: 80 and 88, men 94 and 102
    close = floats(close_relative)
    return np.asarray(
        _steps(age_years, {45.0: 2, 55.0: 1, 65.0: 1})
        + _steps(bmi, {25.0: 1})
        + 2.0 * (floats(bmi) > 30.0)
        + 3.0 * holds(waist >= 94.0, waist)
        + 1.0 * (waist > 102.0)
        + 2.0 * (1.0 - floats(active))
        + 1.0 * (1.0 - floats(vegetables))
        + 2.0 * floats(antihtn)
        + 5.0 * floats(high_glucose)
        + 5.0 * close
        + 3.0 * (1.0 - close) * floats(distant_relative)
    )


def findrisc_risk(points: Values) -> Floats:
    """Return the 10-year risk that the form of FINDRISC states for some points.

    Source:
        Lindstrom J, Tuomilehto J. Diabetes Care 2003;26:725-731; form of the Finnish
        Diabetes Association: below 7 points 1 in 100, to 11 1 in 25, to 14 1 in 6, to
        20 1 in 3, above 1 in 2.
    """
    stated = np.array([1 / 100, 1 / 25, 1 / 6, 1 / 3, 1 / 2])
    risk = stated[np.searchsorted([7.0, 12.0, 15.0, 21.0], floats(points), "right")]
    return np.where(np.isnan(floats(points)), np.nan, risk)


def _steps(value: Values, points: dict[float, int]) -> Floats:
    """Add the points of each step that is reached."""
    value = floats(value)
    total = floats(0.0)
    for step, more in points.items():
        total = total + more * holds(value >= step, value)
    return total
