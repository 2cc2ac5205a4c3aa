"""How much each thing and concept moves risks, and how sure that order is."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chronicle.core.things import title
from chronicle.explain.concepts import Groups
from chronicle.explain.parts import Floats

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Draws:
    """Patients drawn again with replacement, with all their index times.

    Args:
        patient: Of each row, 0 to p - 1, shape (n,).
        weight: Of each row, shape (n,).
        times: How often each patient was drawn, shape (r, p); first, each once.
    """

    patient: Ints
    weight: Floats
    times: Floats

    def means(self, values: Floats) -> Floats:
        """Return weighted means of columns in each replicate, (n, k) to (r, k)."""
        number = self.times.shape[1]
        sums = np.zeros((number, values.shape[1] + 1))
        np.add.at(
            sums,
            self.patient,
            np.column_stack([values, np.ones(len(values))]) * self.weight[:, None],
        )
        drawn = np.einsum("rp,pk->rk", self.times, sums)
        return np.asarray(drawn[:, :-1] / drawn[:, -1:])


def drawn(subjects: Ints, weight: Floats, number: int, seed: int) -> Draws:
    """Draw patients again.

    Args:
        subjects: Patient of each row, shape (n,).
        weight: Of each row, shape (n,).
        number: How many replicates.
        seed: Of the draws.
    """
    patients, place = np.unique(subjects, return_inverse=True)
    even = np.full(len(patients), 1 / len(patients))
    again = np.random.default_rng(seed).multinomial(len(patients), even, size=number)
    return Draws(place, weight, np.vstack([np.ones(len(patients)), again]))


def importance(
    groups: Groups, log_odds: Floats, risk: Floats, draws: Draws, percent: float
) -> dict[str, Any]:
    """Rank things and concepts by how far they move people.

    Args:
        groups: Of the columns.
        log_odds: Parts of things, shape (n, g).
        risk: Parts of the risk, 0 to 1, shape (n, g).
        draws: Patients drawn again.
        percent: Coverage of intervals.

    Returns:
        `things`, `concepts`: each with its mean absolute part in `log_odds`, that with
        `low` and `high`, and in `points` of risk; greatest first. `stability`: rank
        correlations of replicates with the whole.
    """
    things = [each.name for each in groups.things]
    found = _ranked(things, log_odds, risk, draws, percent)
    whole = draws.means(np.abs(log_odds))
    # Things that move nobody tie in every replicate: they would flatter the agreement.
    used = whole[:, whole[0] > 0]
    agreement = [rank_correlation(used[0], each) for each in used[1:]]
    low = (100 - percent) / 2
    return {
        "things": [each | {"concept": groups.concept(each["name"])} for each in found],
        "concepts": _ranked(
            list(groups.concepts),
            groups.by_concept(log_odds),
            groups.by_concept(risk),
            draws,
            percent,
        ),
        "stability": {
            "rank_correlation": float(np.median(agreement)),
            "low": float(np.percentile(agreement, low)),
            "same_first_five": float(np.mean([_same(whole[0], e) for e in whole[1:]])),
        },
    }


def likeness(some: Floats, others: Floats, weight: Floats) -> dict[str, float]:
    """Return how alike two models are in what moves the risks of the same people.

    Args:
        some: Parts of things, shape (n, g).
        others: Those of the other model.
        weight: Of each row, shape (n,).

    Returns:
        `rank_correlation` of what moves anybody in either, and `same_first_five`.
    """
    one, other = (
        np.average(np.abs(each), axis=0, weights=weight) for each in (some, others)
    )
    used = (one > 0) | (other > 0)
    return {
        "rank_correlation": rank_correlation(one[used], other[used]),
        "same_first_five": _same(one, other),
    }


def rank_correlation(some: Floats, others: Floats) -> float:
    """Return Spearman's correlation of two rankings; things that nobody moves tie.

    >>> rank_correlation(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 30.0]))
    1.0
    """
    if len(some) < 2:  # a model that moves nobody has nothing to put in order
        return 1.0
    one, other = (_ranks(each) for each in (some, others))
    spread = one.std() * other.std()
    if not spread:
        return 1.0
    return float(((one - one.mean()) * (other - other.mean())).mean() / spread)


def _ranks(values: Floats) -> Floats:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[place])


def _same(whole: Floats, again: Floats) -> float:
    """Return how much of the first five is among the first five again."""
    first, then = (set(np.argsort(-each, kind="stable")[:5]) for each in (whole, again))
    return len(first & then) / len(first)


def _ranked(
    names: list[str], log_odds: Floats, risk: Floats, draws: Draws, percent: float
) -> list[dict[str, Any]]:
    moved = draws.means(np.abs(log_odds))
    in_points = np.average(np.abs(risk), axis=0, weights=draws.weight)
    tail = (100 - percent) / 2
    low, high = np.percentile(moved[1:], [tail, 100 - tail], axis=0)
    order = np.argsort(-moved[0], kind="stable")
    return [
        {
            "name": names[i],
            "title": title(names[i]),
            "log_odds": float(moved[0, i]),
            "low": float(low[i]),
            "high": float(high[i]),
            "points": 100 * float(in_points[i]),
        }
        for i in order
    ]
