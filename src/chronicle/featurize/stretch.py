"""Which records an index time may see: stretches of one sorted array.

Records lie sorted by patient and time, so what had happened by an index time is a
stretch of them, found by bisection. What was reported later breaks the stretch; those
index times, and they alone, get a copy of what they may see. Whatever is computed from
a stretch must depend on its records alone, not on where it lies.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

DAY = 86_400_000_000  # microseconds
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Index:
    """Index times, sorted by patient and time.

    Args:
        patient: Position of the patient, from 0, shape (n,).
        time: Microseconds, shape (n,).
    """

    patient: Ints
    time: Ints


@dataclass(frozen=True)
class Records:
    """What was recorded of one thing, sorted by patient, time and value.

    Args:
        patient: As in `Index`, shape (n,).
        time: When it happened, microseconds, shape (n,).
        known: When it was known, never before `time`, shape (n,).
        value: Shape (n,), finite; NaN where the thing has no number.
    """

    patient: Ints
    time: Ints
    known: Ints
    value: Floats

    def __getitem__(self, chosen: slice | Ints) -> "Records":
        """Return some of them."""
        return Records(
            self.patient[chosen],
            self.time[chosen],
            self.known[chosen],
            self.value[chosen],
        )


@dataclass(frozen=True)
class Stretches:
    """What each index time may see: `time[first:end]`, and `value` alike.

    Args:
        time: Records and copies, microseconds, shape (m,).
        value: Shape (m,).
        first: Shape (n,).
        end: Shape (n,); equal to `first` where nothing was known.
    """

    time: Ints
    value: Floats
    first: Ints
    end: Ints


def past_of(index: Index, records: Records) -> Stretches:
    """Find what each index time may see: `known <= index time`, so `time <=` it too."""
    n = 1 + int(index.patient[-1]) if index.patient.size else 0
    patients = np.arange(n + 1)
    begins = np.searchsorted(records.patient, patients)
    first = begins[index.patient]
    end = after(records.time, first, begins[index.patient + 1], index.time)
    broken = _broken(index, records, np.searchsorted(index.patient, patients))
    if not broken.size:
        return Stretches(records.time, records.value, first, end)
    lengths = end[broken] - first[broken]
    whose = np.repeat(broken, lengths)
    copied = _ranges(first[broken], lengths)
    seen = records.known[copied] <= index.time[whose]
    kept = np.bincount(whose[seen], minlength=first.size)[broken]
    copied = copied[seen]
    end[broken] = records.time.size + np.cumsum(kept)
    first[broken] = end[broken] - kept
    return Stretches(
        np.concatenate([records.time, records.time[copied]]),
        np.concatenate([records.value, records.value[copied]]),
        first,
        end,
    )


def after(times: Ints, first: Ints, end: Ints, bound: Ints) -> Ints:
    """Return the first position in each [first, end) whose time is after `bound`.

    >>> times, zero, two = np.array([3, 5]), np.array([0]), np.array([2])
    >>> [int(after(times, zero, two, np.array([bound]))[0]) for bound in (2, 3, 5)]
    [0, 1, 2]
    """
    at, longest = first.copy(), end - first
    step = 1 << int(np.max(longest, initial=0)).bit_length() >> 1
    while step:
        # Few are long; the steps of the few are not taken by all.
        few = np.flatnonzero(longest >= step)
        some = few if 2 * few.size < at.size else slice(None)
        then = at[some] + step
        far = (then > end[some]) | (
            times[np.minimum(then, times.size) - 1] > bound[some]
        )
        at[some] += step * ~far
        step >>= 1
    return at


def _broken(index: Index, records: Records, begins: Ints) -> Ints:
    """Return the index times before which something happened that they cannot know."""
    late = np.flatnonzero(records.known > records.time)
    late = late[records.patient[late] < begins.size - 1]
    whose = records.patient[late]
    rows = begins[whose], begins[whose + 1]
    since = after(index.time, *rows, records.time[late] - 1)
    until = after(index.time, *rows, records.known[late] - 1)
    size = index.time.size + 1
    opened = np.bincount(since, minlength=size) - np.bincount(until, minlength=size)
    return np.flatnonzero(np.cumsum(opened)[:-1] > 0)


def _ranges(first: Ints, lengths: Ints) -> Ints:
    """Return first, first + 1, ... of each range, one after the other."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1]) + np.repeat(first - ends + lengths, lengths)
