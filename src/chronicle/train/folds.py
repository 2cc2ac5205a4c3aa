"""Predictions for people whom the model that makes them has not seen."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.bool_]


def folds(subjects: npt.NDArray[np.int64], number: int, seed: int) -> Iterator[Rows]:
    """Yield the rows that each fold leaves out, shape (n,); patients are never split.

    Args:
        subjects: Patient of each row, shape (n,).
        number: How many folds; as many as there are patients, where those are fewer.
        seed: Of the draw that deals patients out.
    """
    patients, place = np.unique(subjects, return_inverse=True)
    dealt = np.random.default_rng(seed).permutation(len(patients)) % number
    for fold in range(min(number, len(patients))):
        yield (dealt == fold)[place]
