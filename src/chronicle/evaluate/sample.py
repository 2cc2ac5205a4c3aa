"""People who are judged, and the same people drawn again and again with replacement.

Whoever is drawn comes with all index times: they are no independent witnesses. All that
is told of a disease rests on the same draws, so that differences are taken within each.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_array

from chronicle.evaluate.table import Floats, Places, Table, exact, grouped

CELLS = 8_000_000  # of a block of draws held at once as numbers: 64 MB
NO_LINES = np.zeros(0)


@dataclass(frozen=True)
class Judged:
    """What one model says of some people: of the sample, and of each resample."""

    sample: Table
    resamples: Table


@dataclass(frozen=True)
class Sample:
    """Rows with a known outcome, n of them.

    Args:
        outcome: 0 or 1, shape (n,).
        weight: Inverse probability of being uncensored, shape (n,).
        patient: Which of the p patients each row is of, shape (n,).
        times: How often each resample holds each patient, shape (r, p).
    """

    outcome: Floats
    weight: Floats
    patient: Places
    times: npt.NDArray[np.uint8]

    def only(self, keep: npt.NDArray[np.bool_]) -> "Sample":
        """Return some of the rows, under the same draws."""
        return Sample(
            self.outcome[keep], self.weight[keep], self.patient[keep], self.times
        )

    def counts(self) -> dict[str, int]:
        """Count index times, patients, and patients with an outcome."""
        return {
            "index_times": len(self.outcome),
            "patients": len(np.unique(self.patient)),
            "outcome_patients": len(np.unique(self.patient[self.outcome > 0])),
        }

    def table(self, risk: Floats) -> Table:
        """Sort the rows of the sample itself by risk, shape (n,)."""
        return exact(self.outcome, risk, self.weight[None, :])

    def judged(self, risk: Floats, lines: Floats = NO_LINES) -> Judged:
        """Sort the rows by risk: of the sample exactly, of resamples in fine groups.

        Args:
            risk: Predicted, shape (n,).
            lines: Risks at which the groups must part.
        """
        means, group = grouped(self.outcome, risk, lines)
        sizes = self.sums(group, len(means), self.outcome)
        return Judged(
            self.table(risk),
            Table(means, sizes, self.sums(group, len(means), 1 - self.outcome)),
        )

    def sums(self, group: Places, groups: int, value: Floats) -> Floats:
        """Return the weighted sum of a value in each group and resample: (r, groups).

        Args:
            group: Of each row, shape (n,).
            groups: How many there are.
            value: Shape (n,).
        """
        draws, patients = self.times.shape
        told = csr_array(
            (self.weight * value, (group, self.patient)), shape=(groups, patients)
        )
        told.eliminate_zeros()
        block = max(1, CELLS // patients)
        parts = [
            (told @ self.times[start : start + block].T.astype(float)).T
            for start in range(0, draws, block)
        ]
        return np.ascontiguousarray(np.concatenate(parts))


def draw(rows: pl.DataFrame, *, number: int, seed: int) -> Sample:
    """Draw the patients of cohort rows again, `number` times.

    Args:
        rows: `subject_id`, `boolean_value` and `weight`.
        number: How many resamples.
        seed: Of the draws.
    """
    patients, place = np.unique(rows["subject_id"].to_numpy(), return_inverse=True)
    dice, size = np.random.default_rng(seed), len(patients)
    times = np.empty((number, size), np.uint8)
    for each in times:
        each[:] = np.bincount(dice.integers(size, size=size), minlength=size)
    outcome = rows["boolean_value"].cast(pl.Float64).to_numpy()
    return Sample(outcome, rows["weight"].to_numpy(), place, times)
