"""Predictions for people whom the model that makes them has not seen."""

from collections.abc import Callable, Iterator

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


def out_of_fold(
    fit_and_apply: Callable[[Rows, Rows], Floats], left_out: list[Rows]
) -> Floats:
    """Return each row's predictions by a model fitted on the other folds, shape (n, k).

    Args:
        fit_and_apply: Fits on the first rows, and predicts the second ones: (m, k).
        left_out: From `folds`.
    """
    order = np.argsort(np.concatenate([np.flatnonzero(each) for each in left_out]))
    return np.concatenate([fit_and_apply(~each, each) for each in left_out])[order]
