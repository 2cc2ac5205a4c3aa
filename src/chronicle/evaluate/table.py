"""People by risk: what every score is made of, for many re-weightings at once.

A thousand resamples of a hundred thousand people are a hundred million weights. No
score needs them: it needs the weight of cases and of controls at each risk. So these
are summed once, and a score of a thousand resamples costs little more than one.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
NARROW = 1e-12
# Of resamples: so many groups of neighbouring risks, and as many cases that are a group
# of their own. With fewer risks than that, each is one, and nothing is lost.
GROUPS = 1000


@dataclass(frozen=True)
class Table:
    """Weights of cases and controls by risk.

    Args:
        risk: Rising, shape (g,).
        cases: One row a re-weighting, shape (r, g).
        controls: As `cases`.
    """

    risk: Floats
    cases: Floats
    controls: Floats

    @cached_property
    def all(self) -> Floats:
        """Weights of everybody, shape (r, g)."""
        return np.asarray(self.cases + self.controls)

    @cached_property
    def flagged(self) -> tuple[Floats, Floats]:
        """Cases and controls at or above each risk, shape (r, g + 1); last: nobody."""
        nobody = np.zeros((len(self.cases), 1))
        found, needless = (
            np.concatenate([np.cumsum(each[:, ::-1], axis=1)[:, ::-1], nobody], axis=1)
            for each in (self.cases, self.controls)
        )
        return found, needless

    def at(self, lines: Floats) -> tuple[Floats, Floats]:
        """Return cases and controls at or above each of the lines: (r, k)."""
        place = np.searchsorted(self.risk, lines)
        return self.flagged[0][:, place], self.flagged[1][:, place]

    def coarse(self, groups: int) -> "Table":
        """Return it with neighbours of about equal weight put together."""
        if len(self.risk) <= groups:
            return self
        # A little more than nothing: a group that no resample holds keeps its place.
        share = self.all.mean(axis=0) + 1e3 * NARROW
        before = np.cumsum(share) - share
        edges = np.linspace(0, share.sum(), groups, endpoint=False)
        starts = np.unique(np.searchsorted(before, edges).clip(0, len(share) - 1))
        total = np.add.reduceat(share, starts)
        mean = np.add.reduceat(share * self.risk, starts)
        return Table(
            ratio(mean, total),
            np.add.reduceat(self.cases, starts, axis=1),
            np.add.reduceat(self.controls, starts, axis=1),
        )


def exact(outcome: Floats, risk: Floats, weights: Floats) -> Table:
    """Return the table in which each risk is a group: weights of shape (r, n)."""
    order = np.argsort(risk, kind="stable")
    starts = np.flatnonzero(np.diff(risk[order], prepend=-1.0) > 0)
    sorted_weights, sorted_outcome = weights[:, order], outcome[order]
    return Table(
        risk[order][starts],
        np.add.reduceat(sorted_weights * sorted_outcome, starts, axis=1),
        np.add.reduceat(sorted_weights * (1 - sorted_outcome), starts, axis=1),
    )


def grouped(outcome: Floats, risk: Floats, lines: Floats) -> tuple[Floats, Places]:
    """Return risks of groups, rising, and the group of each row.

    Equal risks are never parted, and a line is always a border. Where cases are few,
    each is a group of its own: what a score loses is then about nothing.

    Args:
        outcome: 0 or 1, shape (n,).
        risk: Shape (n,).
        lines: Risks from which on somebody is flagged.
    """
    values, place, number = np.unique(risk, return_inverse=True, return_counts=True)
    if len(values) <= 2 * GROUPS:
        return values, place
    even = np.linspace(0, len(risk), GROUPS, endpoint=False)
    cases = np.unique(place[outcome > 0])
    chosen = np.linspace(0, len(cases) - 1, min(GROUPS, len(cases))).round().astype(int)
    alone = cases[chosen]
    starts = np.unique(
        np.concatenate(
            [
                np.searchsorted(np.cumsum(number), even, side="right"),
                alone,
                alone + 1,
                np.searchsorted(values, lines),
            ]
        ).clip(0, len(values) - 1)
    )
    means = np.add.reduceat(values * number, starts) / np.add.reduceat(number, starts)
    return means, np.searchsorted(starts, place, side="right") - 1


def ratio(above: Floats, below: Floats) -> Floats:
    """Return `above / below`, NaN where there is nothing to divide by."""
    nothing = np.full(np.broadcast(above, below).shape, np.nan)
    found = np.divide(above, below, out=nothing, where=np.abs(below) > NARROW)
    return np.asarray(found)
