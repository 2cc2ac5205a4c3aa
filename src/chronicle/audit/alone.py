"""How well each feature tells the outcome by itself, from counts that add up.

A value is told by the step between two quantiles that it lies in; that is what a tree
can use of it, and what adds up over files.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

STEPS = 64
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Steps:
    """Borders of the steps of each feature, by name; ascending."""

    of: dict[str, npt.NDArray[np.float64]]


def steps(matrix: pl.DataFrame, names: list[str]) -> Steps:
    """Choose the steps of each feature such that they hold about as many rows."""
    shares = np.linspace(0, 1, STEPS)[1:-1]
    found = {}
    for name in names:
        values = matrix[name].drop_nulls().cast(pl.Float64).to_numpy()
        found[name] = (
            np.unique(np.quantile(values, shares)) if values.size else np.empty(0)
        )
    return Steps(found)


def counted(
    matrix: pl.DataFrame, among: Steps, outcomes: dict[str, pl.DataFrame]
) -> dict[str, Counts]:
    """Count rows by outcome and step of each feature; the last step is null.

    Args:
        matrix: Features, with a column `row`.
        among: See `steps`.
        outcomes: Disease -> `row`, `boolean_value`.

    Returns:
        Disease -> counts, shape (features, 2, `STEPS` + 1).
    """
    at = {
        slug: (rows["row"].to_numpy(), (STEPS + 1) * rows["boolean_value"].to_numpy())
        for slug, rows in outcomes.items()
    }
    found = {slug: np.zeros((len(among.of), 2, STEPS + 1), np.int64) for slug in at}
    for i, (name, borders) in enumerate(among.of.items()):
        values = matrix[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        step = np.searchsorted(borders, values, side="right")
        step[np.isnan(values)] = STEPS
        for slug, (rows, label) in at.items():
            both = np.bincount(label + step[rows], minlength=2 * (STEPS + 1))
            found[slug][i] = both.reshape(2, STEPS + 1)
    return found


def areas(counts: Counts) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the area under the curve of each feature, and of its being null.

    Args:
        counts: Shape (features, 2, steps + 1).

    Returns:
        Each of shape (features,), at least .5: which way round is no matter. The first
        is of rows in which the feature is known, and NaN where those are of one kind.
    """
    well, ill = (counts[:, i, :-1].astype(float) for i in (0, 1))
    below = np.cumsum(well, axis=1) - well / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        area = (ill * below).sum(1) / (ill.sum(1) * well.sum(1))
        gone = counts[:, :, -1] / counts.sum(2)
    absent = 0.5 + (gone[:, 1] - gone[:, 0]) / 2
    return np.maximum(area, 1 - area), np.maximum(absent, 1 - absent)
