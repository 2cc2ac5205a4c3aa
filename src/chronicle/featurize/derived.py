"""Published formulas on the last known values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from chronicle.core.equations.prevent import ckd_epi_2021
from chronicle.featurize.stretch import Floats


@dataclass(frozen=True)
class Formula:
    """One formula.

    Args:
        of: Given the values of `needs`, shape (n,) each, NaN where unknown, returns the
            result, NaN where one of them is, or where it says.
        needs: Measures, `age_years` or `female`.
        unit: UCUM.
        meaning: What it is.
        source: Where it is published.
    """

    of: Callable[..., Floats]
    needs: tuple[str, ...]
    unit: str
    meaning: str
    source: str


def egfr_2021(creatinine: Floats, age_years: Floats, female: Floats) -> Floats:
    """Estimate the glomerular filtration rate by CKD-EPI 2021, without race.

    Args:
        creatinine: In serum, mg/dL, shape (n,).
        age_years: Shape (n,).
        female: 1 or 0, shape (n,).

    Returns:
        mL/min/1.73 m2, shape (n,); NaN below 18 years, for whom it was not made.

    Source:
        Inker LA et al. New creatinine- and cystatin C-based equations to estimate GFR
        without race. N Engl J Med 2021;385:1737-1749.

    >>> one = lambda value: np.array([value])
    >>> round(float(egfr_2021(one(0.8), one(60.0), one(1.0))[0]))
    84
    """
    rate = ckd_epi_2021(creatinine=creatinine, age_years=age_years, female=female)
    return np.where(age_years >= 18, rate, np.nan)


def fib_4(age_years: Floats, ast: Floats, platelets: Floats, alt: Floats) -> Floats:
    """Score liver fibrosis: FIB-4.

    Args:
        age_years: Shape (n,).
        ast: U/L, shape (n,).
        platelets: 10*3/uL, shape (n,).
        alt: U/L, shape (n,).

    Returns:
        The score, shape (n,); NaN where it would divide by 0.

    Source:
        Sterling RK et al. Hepatology 2006;43:1317-1325.

    >>> one = lambda value: np.array([value])
    >>> float(fib_4(one(50.0), one(40.0), one(200.0), one(25.0))[0])
    2.0
    """
    below = platelets * np.sqrt(alt)
    return np.asarray(age_years * ast / np.where(below > 0, below, np.nan))


def lipids_of_limit(
    ldl: Floats, total_cholesterol: Floats, triglycerides: Floats
) -> Floats:
    """Say how much of its limit the lipid has that is nearest to it: 1 is high.

    Args:
        ldl: mg/dL, shape (n,); high from 160.
        total_cholesterol: mg/dL, shape (n,); high from 240.
        triglycerides: mg/dL, shape (n,); high from 200.

    Returns:
        The greatest of those known, shape (n,); NaN where none is.

    Source:
        NCEP Adult Treatment Panel III. Circulation 2002;106:3143-3421.

    >>> one = lambda value: np.array([value])
    >>> float(lipids_of_limit(one(120.0), one(180.0), one(np.nan))[0])
    0.75
    """
    known = np.fmax(ldl / 160, total_cholesterol / 240)
    return np.asarray(np.fmax(known, triglycerides / 200))


def _difference(more: Floats, less: Floats) -> Floats:
    return more - less


def _bmi(weight: Floats, height: Floats) -> Floats:
    return np.asarray(weight / np.where(height > 0, height / 100, np.nan) ** 2)


FORMULAS: Mapping[str, Formula] = {
    "egfr_2021": Formula(
        egfr_2021,
        ("creatinine", "age_years", "female"),
        "mL/min/{1.73_m2}",
        "glomerular filtration rate by CKD-EPI 2021",
        "Inker 2021, N Engl J Med 385:1737",
    ),
    "non_hdl": Formula(
        _difference,
        ("total_cholesterol", "hdl"),
        "mg/dL",
        "cholesterol that is not HDL",
        "ACC/AHA 2018 cholesterol guideline",
    ),
    "lipids_of_limit": Formula(
        lipids_of_limit,
        ("ldl", "total_cholesterol", "triglycerides"),
        "1",
        "how much of its limit the lipid has that is nearest to it",
        "NCEP ATP III, Circulation 2002;106:3143",
    ),
    "pulse_pressure": Formula(
        _difference,
        ("sbp", "dbp"),
        "mm[Hg]",
        "systolic less diastolic blood pressure",
        "by definition",
    ),
    "bmi_of_weight": Formula(
        _bmi,
        ("weight", "height"),
        "kg/m2",
        "body mass index of weight and height, whether or not anybody computed it",
        "by definition",
    ),
    "fib_4": Formula(
        fib_4,
        ("age_years", "ast", "platelets", "alt"),
        "1",
        "liver fibrosis score FIB-4",
        "Sterling 2006, Hepatology 43:1317",
    ),
}
