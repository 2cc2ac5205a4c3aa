"""Published equations of atrial fibrillation; see `equations` for how they are made."""

from chronicle.core.equations.prevent import (
    COEFFICIENTS,
    Floats,
    Values,
    floats,
    holds,
    proportional,
    weighted,
)


def charge_af(
    *,
    age_years: Values,
    white: Values,
    height_cm: Values,
    weight_kg: Values,
    sbp: Values,
    dbp: Values,
    smoker: Values,
    antihtn: Values,
    dm: Values,
    hf: Values,
    mi: Values,
) -> Floats:
    """Estimate the 5-year risk of atrial fibrillation by CHARGE-AF.

    Args:
        age_years: 46 to 94.
        white: Race is white (0/1).
        height_cm: cm.
        weight_kg: kg.
        sbp: Systolic pressure in mmHg.
        dbp: Diastolic pressure in mmHg.
        smoker: Smokes now (0/1).
        antihtn: Takes a drug against hypertension (0/1).
        dm: Diabetes (0/1).
        hf: Heart failure (0/1).
        mi: Myocardial infarction (0/1).

    Returns:
        Probability.

    Source:
        Alonso A et al. J Am Heart Assoc 2013;2:e000102.
    """
    k = COEFFICIENTS["charge_af"]
    terms = {
        "age": floats(age_years) / 5.0,
        "white": white,
        "height": floats(height_cm) / 10.0,
        "weight": floats(weight_kg) / 15.0,
        "sbp": floats(sbp) / 20.0,
        "dbp": floats(dbp) / 10.0,
        "smoker": smoker,
        "antihtn": antihtn,
        "dm": dm,
        "hf": hf,
        "mi": mi,
    }
    return proportional(k["survival"], weighted(k, terms) - k["mean"])


def ehr_af(
    *,
    female: Values,
    age_years: Values,
    white: Values,
    smoker: Values,
    height_cm: Values,
    weight_kg: Values,
    dbp: Values,
    htn: Values,
    lipid: Values,
    hf: Values,
    chd: Values,
    valve: Values,
    stroke: Values,
    pad: Values,
    ckd: Values,
    hypothyroid: Values,
) -> Floats:
    """Estimate the 5-year risk of atrial fibrillation by EHR-AF.

    Args:
        female: Administrative gender is female (0/1).
        age_years: 45 to 95.
        white: Race is white (0/1).
        smoker: Smokes now (0/1).
        height_cm: cm.
        weight_kg: kg.
        dbp: Diastolic pressure in mmHg.
        htn: Hypertension on record (0/1), as all that follow.
        lipid: Hyperlipidemia.
        hf: Heart failure.
        chd: Coronary heart disease.
        valve: Valve disease.
        stroke: Stroke or TIA.
        pad: Peripheral artery disease.
        ckd: Chronic kidney disease.
        hypothyroid: Hypothyroidism.

    Returns:
        Probability.

    Source:
        Hulme OL et al. JACC Clin Electrophysiol 2019;5:1331-1341.
    """
    k = COEFFICIENTS["ehr_af"]
    age, height = floats(age_years) / 10.0, floats(height_cm) / 10.0
    weight = floats(weight_kg) / 15.0
    body = {
        "female": female,
        "age": age,
        "age_sq": age * age,
        "white": white,
        "smoker": smoker,
        "height": height,
        "height_sq": height * height,
        "weight": weight,
        "weight_sq": weight * weight,
        "low_dbp": holds(floats(dbp) <= 80.0, dbp),
    }
    record = {
        "htn": htn,
        "lipid": lipid,
        "hf": hf,
        "chd": chd,
        "valve": valve,
        "stroke": stroke,
        "pad": pad,
        "ckd": ckd,
        "hypothyroid": hypothyroid,
    }
    return proportional(k["survival"], weighted(k, {**body, **record}) - k["mean"])
