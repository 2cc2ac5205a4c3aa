"""What each published score asks, for whom it was made, and of what it tells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from chronicle.core.equations.brain import thin_dementia
from chronicle.core.equations.diabetes import findrisc, findrisc_risk, wilson2007
from chronicle.core.equations.heart import framingham2008, framingham2008_bmi, pce2013
from chronicle.core.equations.kidney import ckd_pc, ckd_pc_dm, kfre4
from chronicle.core.equations.prevent import Floats, Outcome, holds, prevent
from chronicle.core.equations.rhythm import charge_af

# What is asked of `patients`, by the name of it; the columns that `score_inputs` names
# answer the rest.
WHO = {"age_years": "age_years", "female": "female", "black": "race", "white": "race"}
TREATED = ("sbp", "antihtn", "smoker", "dm")
LIPIDS = ("tc", "hdl")
ADULTS = {"age_years": (30.0, 79.0)}


@dataclass(frozen=True)
class Score:
    """One published equation.

    Args:
        of: Given the values of `inputs` by name, shape (n,) each, NaN where unknown,
            returns a probability, NaN where one that it needs is.
        inputs: What it asks: of `WHO`, and of `score_inputs`.
        years: How far ahead it looks.
        meaning: Risk of what.
        source: Where it is published.
        within: For whom it was made: lowest and highest input. Nothing is clipped;
            others than these get no score.
    """

    of: Callable[..., Floats]
    inputs: tuple[str, ...]
    years: int
    meaning: str
    source: str
    within: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def risk(self, given: Mapping[str, Floats]) -> Floats:
        """Return the score of everybody, shape (n,)."""
        found = self.of(**{name: given[name] for name in self.inputs})
        made = [
            (given[name] >= low) & (given[name] < high + 1)
            if name == "age_years"
            else (given[name] >= low) & (given[name] <= high)
            for name, (low, high) in self.within.items()
        ]
        return np.where(np.logical_and.reduce(made), found, np.nan) if made else found


def _prevent(outcome: Outcome, meaning: str, *more: str) -> Score:
    def risk(**given: Floats) -> Floats:
        unread = dict.fromkeys({*LIPIDS, "bmi", "statin"} - given.keys(), np.nan)
        return prevent(outcome, **given, **unread)

    return Score(
        risk,
        ("age_years", "female", *TREATED, "egfr", *more),
        10,
        meaning,
        "Khan 2024, Circulation 149:430",
        ADULTS,
    )


def _framingham_t2dm(
    *,
    female: Floats,
    age_years: Floats,
    family_diabetes: Floats,
    bmi: Floats,
    sbp: Floats,
    dbp: Floats,
    antihtn: Floats,
    hdl: Floats,
    tg: Floats,
    glucose: Floats,
) -> Floats:
    """Ask `wilson2007`; its fasting glucose is any glucose, since few say which."""
    pressure = (sbp >= 130) | (dbp >= 85) | (antihtn == 1)
    return wilson2007(
        female=female,
        age_years=age_years,
        parent=family_diabetes,
        bmi=bmi,
        htn=holds(pressure, sbp, dbp, antihtn),
        low_hdl=holds(hdl < np.where(female == 1, 50.0, 40.0), hdl),
        tg_150=holds(tg >= 150, tg),
        fpg_100=holds((glucose >= 100) & (glucose <= 126), glucose),
    )


def _findrisc(
    *,
    female: Floats,
    age_years: Floats,
    bmi: Floats,
    waist_cm: Floats | float = 0.0,
    antihtn: Floats,
    high_glucose: Floats,
    family_diabetes: Floats,
) -> Floats:
    """Ask `findrisc` without exercise and diet, as its authors' concise model does."""
    points = findrisc(
        female=female,
        age_years=age_years,
        bmi=bmi,
        waist_cm=waist_cm,
        active=1.0,
        vegetables=1.0,
        antihtn=antihtn,
        high_glucose=high_glucose,
        close_relative=family_diabetes,
        distant_relative=0.0,
    )
    return findrisc_risk(points)


def _ckd_pc(
    *,
    dm: Floats,
    acr: Floats,
    hba1c: Floats,
    insulin: Floats,
    glucose_drug: Floats,
    **given: Floats,
) -> Floats:
    """Ask the equation of people with or without diabetes, with or without urine.

    The paper gives a weight for albumin where it was measured, and leaves it out where
    it was not.
    """
    tested = np.where(acr > 0, acr, np.nan)
    treated = {"hba1c": hba1c, "insulin": insulin, "no_drug": 1.0 - glucose_drug}
    without = np.where(np.isnan(tested), ckd_pc(**given), ckd_pc(**given, acr=tested))
    diabetic = np.where(
        np.isnan(tested),
        ckd_pc_dm(**given, **treated),
        ckd_pc_dm(**given, **treated, acr=tested),
    )
    return np.where(np.isnan(dm), np.nan, np.where(dm == 1, diabetic, without))


def _kfre(*, female: Floats, age_years: Floats, egfr: Floats, acr: Floats) -> Floats:
    tested = np.where(acr > 0, acr, np.nan)
    return kfre4(female=female, age_years=age_years, egfr=egfr, acr=tested)


def _thin_dementia(**given: Floats) -> Floats:
    """Ask for the last year of the study; who is not known to be poor is not."""
    return thin_dementia(**given, year=2011.0, deprivation=0.0)


SCORES: Mapping[str, Score] = {
    "prevent_cvd": _prevent(
        "CVD", "cardiovascular disease (PREVENT)", *LIPIDS, "statin"
    ),
    "prevent_ascvd": _prevent(
        "ASCVD", "infarction, stroke, coronary death (PREVENT)", *LIPIDS, "statin"
    ),
    "prevent_hf": _prevent("HF", "heart failure (PREVENT)", "bmi"),
    "pce": Score(
        pce2013,
        ("age_years", "female", "black", *LIPIDS, *TREATED),
        10,
        "infarction, stroke, coronary death (pooled cohort equations)",
        "Goff 2014, Circulation 129:S49",
        {"age_years": (40, 79)},
    ),
    "framingham_cvd": Score(
        framingham2008,
        ("age_years", "female", *LIPIDS, *TREATED),
        10,
        "cardiovascular disease (Framingham)",
        "D'Agostino 2008, Circulation 117:743",
        {"age_years": (30, 74)},
    ),
    "framingham_cvd_bmi": Score(
        framingham2008_bmi,
        ("age_years", "female", "bmi", *TREATED),
        10,
        "cardiovascular disease (Framingham, without lipids)",
        "D'Agostino 2008, Circulation 117:743",
        {"age_years": (30, 74)},
    ),
    "framingham_t2dm": Score(
        _framingham_t2dm,
        ("age_years", "female", "family_diabetes", "bmi", "sbp", "dbp", "antihtn",
         "hdl", "tg", "glucose"),
        8,
        "type 2 diabetes (Framingham Offspring)",
        "Wilson 2007, Arch Intern Med 167:1068",
    ),
    "findrisc": Score(
        _findrisc,
        ("age_years", "female", "bmi", "waist_cm", "antihtn", "high_glucose",
         "family_diabetes"),
        10,
        "type 2 diabetes (FINDRISC, without exercise and diet)",
        "Lindstrom 2003, Diabetes Care 26:725",
        {"age_years": (25, 120)},
    ),  # Hardly any record holds a waist; without points for it, risk is at least this:
    "findrisc_no_waist": Score(
        _findrisc,
        ("age_years", "female", "bmi", "antihtn", "high_glucose", "family_diabetes"),
        10, "type 2 diabetes (FINDRISC, without waist, exercise and diet: at least)",
        "Lindstrom 2003, Diabetes Care 26:725", {"age_years": (25, 120)},
    ),
    "ckd_pc": Score(
        _ckd_pc,
        ("age_years", "female", "black", "egfr", "acr", "cvd", "ever_smoker", "htn",
         "bmi", "dm", "hba1c", "insulin", "glucose_drug"),
        5,
        "eGFR below 60 (CKD Prognosis Consortium)",
        "Nelson 2019, JAMA 322:2104",
        {"age_years": (18, 90), "egfr": (60, 200)},
    ),
    "kfre": Score(
        _kfre,
        ("age_years", "female", "egfr", "acr"),
        5,
        "kidney failure (KFRE, four variables, North America)",
        "Tangri 2016, JAMA 315:164",
        {"age_years": (18, 110), "egfr": (10, 60)},
    ),
    "charge_af": Score(
        charge_af,
        ("age_years", "white", "height_cm", "weight_kg", "sbp", "dbp", "smoker",
         "antihtn", "dm", "hf", "mi"),
        5,
        "atrial fibrillation (CHARGE-AF)",
        "Alonso 2013, J Am Heart Assoc 2:e000102",
        {"age_years": (46, 94)},
    ),
    "thin_dementia": Score(
        _thin_dementia,
        ("age_years", "female", "bmi", "antihtn", "aspirin", "former_smoker", "smoker",
         "heavy_drinker", "depression", "stroke", "af", "dm"),
        5,
        "dementia (DRS of British primary care)",
        "Walters 2016, BMC Med 14:6",
        {"age_years": (60, 79)},
    ),
}  # fmt: skip
