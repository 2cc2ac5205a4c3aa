"""Intervals: patients are drawn again with replacement, with all their index times."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from chronicle.evaluate.score import Floats

CELLS = 4_000_000  # of a weight matrix held at once: 32 MB
Interval = dict[str, float | None]


def replicates(
    subjects: npt.NDArray[np.int64], weight: Floats, *, number: int, seed: int
) -> Iterator[Floats]:
    """Yield blocks of weights, shape (r, n); the first row of the first is the sample.

    Args:
        subjects: Patient of each row, shape (n,).
        weight: Weight of each row, shape (n,).
        number: How many replicates.
        seed: Of the draws.
    """
    patients, place = np.unique(subjects, return_inverse=True)
    draw = np.random.default_rng(seed)
    even = np.full(len(patients), 1 / len(patients))
    yield weight[None, :]
    block = max(1, CELLS // len(weight))
    for start in range(0, number, block):
        rows = min(block, number - start)
        times = draw.multinomial(len(patients), even, size=rows)
        yield times[:, place] * weight


def interval(
    score: Callable[[Floats], Floats], blocks: list[Floats], *, percent: float
) -> Interval:
    """Return value and percentile interval; null where it cannot be estimated.

    Args:
        score: Weights of shape (r, n) to scores of shape (r,).
        blocks: From `replicates`.
        percent: Coverage.
    """
    return summary(np.concatenate([score(block) for block in blocks]), percent=percent)


def summary(scores: Floats, *, percent: float) -> Interval:
    """Return value and percentile interval of a score and its replicates, (1 + r,)."""
    value, spread = scores[0], scores[1:][np.isfinite(scores[1:])]
    if not np.isfinite(value):
        return {"value": None, "low": None, "high": None}
    # Half of the replicates without a case: the interval would be of the other half.
    if spread.size < 0.5 * (scores.size - 1):
        return {"value": float(value), "low": None, "high": None}
    tail = (100 - percent) / 2
    low, high = np.percentile(spread, [tail, 100 - tail])
    return {"value": float(value), "low": float(low), "high": float(high)}
