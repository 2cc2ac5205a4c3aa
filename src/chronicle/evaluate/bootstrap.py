"""Values with their intervals, from a sample and its resamples."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from chronicle.evaluate.sample import Judged
from chronicle.evaluate.table import Floats, Table

Score = Callable[[Table], Floats]
Interval = dict[str, float | None]
NOTHING: Interval = {"value": None, "low": None, "high": None}


@dataclass(frozen=True)
class Scored:
    """Scores of the sample and of each resample, by name.

    Args:
        values: Shape (1 + r,) each: the first is the sample's.
        percent: Coverage of the intervals.
    """

    values: Mapping[str, Floats]
    percent: float

    def intervals(self) -> dict[str, Interval]:
        """Return value and percentile interval of each score."""
        return {
            name: summary(each, percent=self.percent)
            for name, each in self.values.items()
        }

    def less(self, other: "Scored") -> dict[str, Interval]:
        """Return the differences to another, taken within each resample."""
        return {
            name: summary(each - other.values[name], percent=self.percent)
            for name, each in self.values.items()
        }

    def only(self, *names: str) -> "Scored":
        """Return some of the scores."""
        return Scored({name: self.values[name] for name in names}, self.percent)


def scored(judged: Judged, scores: Mapping[str, Score], *, percent: float) -> Scored:
    """Score what a model says of some people."""
    return Scored(
        {name: of_both(judged, each) for name, each in scores.items()}, percent
    )


def of_both(judged: Judged, score: Score) -> Floats:
    """Return a score of the sample, then of each resample: (1 + r, ...)."""
    return np.concatenate([score(judged.sample), score(judged.resamples)])


def summary(scores: Floats, *, percent: float) -> Interval:
    """Return value and percentile interval of a score and its replicates, (1 + r,)."""
    value, spread = scores[0], scores[1:][np.isfinite(scores[1:])]
    if not np.isfinite(value):
        return dict(NOTHING)
    # Half of the replicates without a case: the interval would be of the other half.
    if spread.size < 0.5 * (scores.size - 1):
        return {"value": float(value), "low": None, "high": None}
    tail = (100 - percent) / 2
    low, high = np.percentile(spread, [tail, 100 - tail])
    return {"value": float(value), "low": float(low), "high": float(high)}
