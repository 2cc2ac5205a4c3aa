"""What is said of one thing at each index time."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from chronicle.featurize.extremes import extremes
from chronicle.featurize.stretch import DAY, Floats, Ints, Stretches, after
from chronicle.featurize.sums import moments, running
from chronicle.featurize.wanted import Trend

EVER = None
ALL = slice(None)
# The end of a feature's name; of which index times; what.
Said = tuple[str, Ints | slice, Floats]
Window = int | None  # days; EVER is the whole past


def named(days: Window) -> str:
    """Return a window as it ends the name of a feature.

    >>> named(365), named(EVER)
    ('365d', 'ever')
    """
    return "ever" if days is EVER else f"{days}d"


@dataclass(frozen=True)
class Seen:
    """What index times know of one thing; NaN is said where they know nothing.

    Args:
        past: Their stretches, shape (n,).
        time: The index times, microseconds, shape (n,).
    """

    past: Stretches
    time: Ints

    def any(self) -> Floats:
        """Return 1 where there is one, else 0."""
        return (self.past.first < self.past.end).astype(np.float64)

    def ever(self) -> Floats:
        """Return 1 where a value is above nought, else 0."""
        told = np.append(0, np.cumsum(self.past.value > 0))
        some = np.flatnonzero(self.past.first < self.past.end)
        found = told[self.past.end[some]] > told[self.past.first[some]]
        return self._at(some, found.astype(np.float64))

    def count(self, days: Window) -> Floats:
        """Return how many lie in the window (index - days, index]."""
        return (self.past.end - self._begin(days)).astype(np.float64)

    def last(self) -> Floats:
        """Return the value of the last."""
        return self._of_each(self.past.value, self.past.end - 1)

    def days_since_last(self) -> Floats:
        """Return days since the last."""
        return self._elapsed(self.past.end - 1)

    def days_since_first(self) -> Floats:
        """Return days since the first."""
        return self._elapsed(self.past.first)

    def summaries(self, windows: tuple[Window, ...], trend: Trend) -> Iterator[Said]:
        """Give `<summary>_<window>` of the values, for each window.

        Nothing is said where the window is empty; nor of `sd` with one value, nor of
        `slope`, a year's, without what a `trend` needs. `count` is 0 there.
        """
        past = self.past
        sums = running(past)
        longest = int(np.max(past.end - past.first, initial=1))
        lowest_and_highest = extremes(past.value, longest)
        for days in windows:
            begin = self._begin(days)
            some = np.flatnonzero(begin < past.end)
            first, end = begin[some], past.end[some]
            low, high = lowest_and_highest(first, end)
            found = moments(sums, first, end)
            span = past.time[end - 1] - past.time[first]
            is_trend = (span >= trend.min_days * DAY) & (
                found.count >= trend.min_values
            )
            for name, values in (
                ("last", past.value[end - 1]),
                ("mean", found.mean),
                ("min", low),
                ("max", high),
                ("sd", found.deviation()),
                ("slope", found.slope(is_trend)),
            ):
                yield f"{name}_{named(days)}", some, values
            yield f"count_{named(days)}", ALL, (past.end - begin).astype(np.float64)

    def _begin(self, days: Window) -> Ints:
        past = self.past
        if days is EVER:
            return past.first
        return after(past.time, past.first, past.end, self.time - days * DAY)

    def _elapsed(self, at: Ints) -> Floats:
        return (self.time - self._of_each(self.past.time, at)) / DAY

    def _of_each(self, values: Ints | Floats, at: Ints) -> Floats:
        some = np.flatnonzero(self.past.first < self.past.end)
        return self._at(some, values[at[some]])

    def _at(self, some: Ints, values: Ints | Floats) -> Floats:
        whole = np.full(self.time.size, np.nan)
        whole[some] = values
        return whole
