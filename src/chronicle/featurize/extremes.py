"""Lowest and highest value of any stretch, in two looks each, whatever its length."""

from collections.abc import Callable

import numpy as np

from chronicle.featurize.stretch import Floats, Ints


def extremes(value: Floats, longest: int) -> Callable[[Ints, Ints], list[Floats]]:
    """Prepare for stretches of up to `longest` values.

    A table holds the extremes of every 1, 2, 4, ... values on end; two that overlap
    cover any stretch.

    Returns:
        A function of first and end of stretches, none empty: lowest and highest value.
    """
    levels = [(value, value)]
    for level in range(longest.bit_length() - 1):
        half = 1 << level
        low, high = levels[-1]
        levels.append((low.copy(), high.copy()))
        np.minimum(low[:-half], low[half:], out=levels[-1][0][:-half])
        np.maximum(high[:-half], high[half:], out=levels[-1][1][:-half])
    lows = np.concatenate([low for low, _ in levels])
    highs = np.concatenate([high for _, high in levels])

    def of(first: Ints, end: Ints) -> list[Floats]:
        level = np.frexp(end - first)[1].astype(np.int64) - 1
        left = level * value.size + first
        right = level * value.size + end - (np.int64(1) << level)
        return [
            np.minimum(lows[left], lows[right]),
            np.maximum(highs[left], highs[right]),
        ]

    return of
