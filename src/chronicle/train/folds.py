"""Predictions for people whom the model that makes them has not seen."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.bool_]


def folds(
    subjects: npt.NDArray[np.int64], outcome: Floats, number: int, seed: int
) -> Iterator[Rows]:
    """Yield the rows that each fold leaves out, shape (n,); patients are never split.

    Patients with an outcome are dealt evenly. A fold that has more of them leaves fewer
    to learn from, so all its risks are lower: of few outcomes that alone would rank
    people backwards, all folds together.

    Args:
        subjects: Patient of each row, shape (n,).
        outcome: 0 or 1, shape (n,).
        number: How many folds; as many as there are patients, where those are fewer.
        seed: Of the draw that deals patients out.
    """
    patients, place = np.unique(subjects, return_inverse=True)
    case = np.bincount(place, outcome) > 0
    rank = np.random.default_rng(seed).permutation(len(patients))
    dealt = np.empty(len(patients), dtype=int)
    dealt[np.lexsort((rank, ~case))] = np.arange(len(patients)) % number
    for fold in range(min(number, len(patients))):
        yield (dealt == fold)[place]
