"""How likely one is lost from sight, compared with others: age, sex, site and year.

A rate for each kind of person in each half year, fitted by Poisson regression: the
piecewise exponential model, of which only the ratios between persons are used.

Source: Friedman M. Piecewise exponential models for survival data with covariates.
Ann Stat 1982;10:101-113.
"""

import numpy as np
import polars as pl

HALF_YEAR = 182.625
# A kind that few people are of is thought to be as the others: a normal prior with this
# precision on the logarithm of each ratio.
PRIOR = 1.0
WEAK = 1e-3  # of the half years, so that one without a loss has an estimate
MAX_STEPS, NEAR = 50, 1e-9
KINDS = ("age", "gender", "site", "year")
DECADES = (2, 8)  # below 30, …, 80 and more


def ratios(rows: pl.DataFrame, lost: pl.Series) -> np.ndarray:
    """Return for each row how likely it is lost, compared with an average one.

    Args:
        rows: `time_days`, `age_years`, `gender`, `site`, `prediction_time`.
        lost: Whether sight was lost at `time_days`.

    Returns:
        Shape (n,); 1 for all where nobody is lost later than at the index time.
    """
    described = rows.select(
        "time_days",
        lost=lost,
        age=(pl.col("age_years") // 10).clip(*DECADES).cast(pl.String),
        gender=pl.col("gender").fill_null("unknown"),
        site=pl.col("site"),
        year=pl.col("prediction_time").dt.year().cast(pl.String),
    )
    cells = _cells(described)
    # Who is lost at the index time was in sight for no time: alone, they have no rate.
    if not cells["losses"].sum():
        return np.ones(rows.height)
    columns = [
        (kind, word)
        for kind in KINDS
        for word in cells[kind].unique().sort()
    ]  # fmt: skip
    shift = _fit(_design(cells, columns), cells)[: len(columns)]
    logs = _design(described, columns) @ shift
    return np.asarray(np.exp(np.round(logs - logs.mean(), 6)))


def _cells(described: pl.DataFrame) -> pl.DataFrame:
    """Return losses and time at risk by kind of person and half year.

    Time is in whole seconds, so that sums do not depend on their order.
    """
    start = pl.col("half") * HALF_YEAR
    last = (pl.col("time_days") / HALF_YEAR).ceil().cast(pl.Int64).clip(1)
    inside = pl.min_horizontal("time_days", start + HALF_YEAR) - start
    return (
        described.with_columns(last=last, half=pl.int_ranges(0, last))
        .explode("half")
        .group_by(*KINDS, "half")
        .agg(
            seconds=(inside * 86400).round().cast(pl.Int64).sum(),
            losses=(pl.col("lost") & (pl.col("half") == pl.col("last") - 1)).sum(),
        )
        .filter(pl.col("seconds") > 0)
        .sort(*KINDS, "half")
    )


def _design(rows: pl.DataFrame, columns: list[tuple[str, str]]) -> np.ndarray:
    return np.column_stack(
        [(rows[kind] == word).to_numpy().astype(float) for kind, word in columns]
    )


def _fit(kinds: np.ndarray, cells: pl.DataFrame) -> np.ndarray:
    """Return the logarithms of the rates, by Newton's method."""
    half = cells["half"].to_numpy()
    x = np.column_stack([kinds, half[:, None] == np.unique(half)[None, :]])
    losses = cells["losses"].to_numpy().astype(float)
    years = cells["seconds"].to_numpy() / (86400 * 365.25)
    prior = np.where(np.arange(x.shape[1]) < kinds.shape[1], PRIOR, WEAK)
    centre = np.where(prior == WEAK, np.log(losses.sum() / years.sum()), 0.0)
    found = centre.copy()
    for _ in range(MAX_STEPS):
        expected = years * np.exp(np.clip(np.einsum("cj,j->c", x, found), -30, 30))
        slope = np.einsum("cj,c->j", x, losses - expected) - prior * (found - centre)
        curve = np.einsum("ci,cj,c->ij", x, x, expected) + np.diag(prior)
        step = np.clip(np.linalg.solve(curve, slope), -1, 1)
        found = found + step
        if np.abs(step).max() < NEAR:
            break
    return np.asarray(found)
