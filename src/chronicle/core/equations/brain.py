"""A published equation of dementia; see `equations` for how it is made."""

from chronicle.core.equations.prevent import (
    COEFFICIENTS,
    Floats,
    Values,
    choose,
    floats,
    proportional,
    weighted,
)


def thin_dementia(
    *,
    female: Values,
    age_years: Values,
    bmi: Values,
    year: Values,
    deprivation: Values,
    antihtn: Values,
    aspirin: Values,
    former_smoker: Values,
    smoker: Values,
    heavy_drinker: Values,
    depression: Values,
    stroke: Values,
    af: Values,
    dm: Values,
) -> Floats:
    """Estimate the 5-year risk of recorded dementia (DRS, British primary care).

    Args:
        female: Administrative gender is female (0/1).
        age_years: 60 to 79.
        bmi: kg/m².
        year: Calendar year of the question; the study ended with 2011.
        deprivation: Townsend fifth, 1 (least) to 5; 0 where unknown, which counts as 1.
        antihtn: Takes a drug against hypertension (0/1).
        aspirin: Takes aspirin (0/1).
        former_smoker: Smoked (0/1).
        smoker: Smokes now (0/1).
        heavy_drinker: Drinks too much (0/1).
        depression: Now or ever (0/1).
        stroke: Stroke or TIA (0/1).
        af: Atrial fibrillation (0/1).
        dm: Diabetes (0/1).

    Returns:
        Probability.

    Source:
        Walters K et al. BMC Med 2016;14:6.
    """
    k = COEFFICIENTS["thin_dementia"]
    age, weight = floats(age_years) - 65.608, floats(bmi) - 27.501
    terms = {
        "age": age,
        "age_sq": age * age,
        "bmi": weight,
        "bmi_sq": weight * weight,
        "female": female,
        "antihtn": antihtn,
        "year": floats(year) - 2003.719,
        "former_smoker": former_smoker,
        "smoker": smoker,
        "heavy_drinker": heavy_drinker,
        "depression": depression,
        "aspirin": aspirin,
        "stroke": stroke,
        "af": af,
        "dm": dm,
    }
    deprived = choose(deprivation, COEFFICIENTS["thin_deprivation"])["weight"]
    return proportional(k["survival"], weighted(k, terms) + deprived)
