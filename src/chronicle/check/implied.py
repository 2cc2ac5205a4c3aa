"""What other measures of the same day say that a number must be.

Weight is body mass index by height squared; creatinine, age and sex make the filtration
rate (CKD-EPI 2021; the older equations differ by a tenth); LDL is what is left of the
cholesterol, which is the sum of its parts (Friedewald). So where the two disagree and a
slip explains it, the slip is known, and which of the two is wrong.
"""

import polars as pl

DAY = ["subject_id", "day"]
# Source: Inker LA et al. N Engl J Med 2021;385:1737-1749.
PEAK, YEARLY, STEEP = 142, 0.9938, 1.2
WOMAN = (0.7, 0.241, 1.012)  # kappa, minus alpha, factor
MAN = (0.9, 0.302, 1.0)
TO_VLDL, MOST_TG = 5, 400  # mg/dL, Friedewald WT et al. Clin Chem 1972;18:499-502
CAPPED = (">", ">=")
NEEDS = {
    "weight": ("body_mass_index", "height"),
    "body_mass_index": ("weight", "height"),
    "creatinine": ("egfr",),
    "egfr": ("creatinine",),
    "ldl": ("total_cholesterol", "hdl", "triglycerides"),
    "total_cholesterol": ("ldl", "hdl", "triglycerides"),
}


def beside(name: str, rows: pl.DataFrame, every: pl.DataFrame) -> pl.DataFrame:
    """Add `implied` and `at_most`, logarithms; NaN where nothing is known.

    Args:
        name: The measure that is asked.
        rows: Its rows, with `measure`, `day`, `log`, `age` and `gender`.
        every: Those of all measures.
    """
    found = rows
    for other in NEEDS.get(name, ()):
        found = _with(found, other, every)
    said = _said(name)
    capped = pl.col("egfr_capped") if name == "creatinine" else pl.lit(value=False)
    return found.with_columns(
        implied=pl.when(~capped.fill_null(value=False))
        .then(said)
        .fill_null(float("nan")),
        at_most=pl.when(capped.fill_null(value=False))
        .then(said)
        .fill_null(float("nan")),
    )


def _with(rows: pl.DataFrame, other: str, every: pl.DataFrame) -> pl.DataFrame:
    mine = every.filter(measure=other)
    # People are not measured again at each visit, and grow no more.
    keys = ["subject_id"] if other == "height" else DAY
    capped = pl.col("comparator").is_in(CAPPED).fill_null(value=False).any()
    told = mine.group_by(keys).agg(
        pl.col("log").median().alias(other), capped.alias(f"{other}_capped")
    )
    return rows.join(told, on=keys, how="left", maintain_order="left")


def _said(name: str) -> pl.Expr:
    tall = 2 * (pl.col("height") - pl.lit(100.0).log())
    if name == "weight":
        return pl.col("body_mass_index") + tall
    if name == "body_mass_index":
        return pl.col("weight") - tall
    if name == "creatinine":
        return _creatinine(pl.col("egfr").exp()).log()
    if name == "egfr":
        return _egfr(pl.col("creatinine").exp()).log()
    if name == "ldl":
        fat = pl.col("triglycerides").exp()
        left = pl.col("total_cholesterol").exp() - pl.col("hdl").exp() - fat / TO_VLDL
        return pl.when((fat < MOST_TG) & (left > 0)).then(left).log()
    if name == "total_cholesterol":
        fat = pl.col("triglycerides").exp()
        parts = pl.col("ldl").exp() + pl.col("hdl").exp() + fat / TO_VLDL
        return pl.when(fat < MOST_TG).then(parts).log()
    return pl.lit(None, dtype=pl.Float64)


def _of_sex(place: int) -> pl.Expr:
    gender = pl.col("gender")
    return (
        pl.when(gender == "female")
        .then(WOMAN[place])
        .when(gender == "male")
        .then(MAN[place])
    )


def _egfr(creatinine: pl.Expr) -> pl.Expr:
    share = creatinine / _of_sex(0)
    curve = pl.when(share < 1).then(share ** -_of_sex(1)).otherwise(share**-STEEP)
    return PEAK * curve * pl.lit(YEARLY) ** pl.col("age") * _of_sex(2)


def _creatinine(egfr: pl.Expr) -> pl.Expr:
    curve = egfr / (PEAK * pl.lit(YEARLY) ** pl.col("age") * _of_sex(2))
    share = (
        pl.when(curve > 1)
        .then(curve ** (-1 / _of_sex(1)))
        .otherwise(curve ** (-1 / STEEP))
    )
    return share * _of_sex(0)
