"""Mean, spread and trend of any stretch, from sums that are exact.

A difference of running sums of floats carries what was rounded in all records before
it, those of other patients too. Sums of integers carry nothing: a value is held as a
whole number of 2^-24 of its unit, a time as whole hours; sums may wrap around, since
their differences do not. So a summary depends on the records in its window alone, to
the last bit, wherever they lie.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chronicle.featurize.stretch import Floats, Ints, Stretches

# Of a value's whole number, the bits that the lower part holds: so chosen that no
# product of two parts, nor a part and a time, leaves 64 bits within a window.
LOW_BITS = 22
STEP = 2.0**-24
HIGH = STEP * 2**LOW_BITS
MOST = 2.0**23  # No measure of the body is that large in its unit; see `usable`.
HOUR = 3_600_000_000
HOURS_A_YEAR = 365.2425 * 24


@dataclass(frozen=True)
class Sums:
    """Running sums over all records, one record longer than they; row i: the first i.

    Args:
        parts: high, low, hour of each record, shape (3, m).
        running: Of the columns in `_terms`, shape (m + 1, 9).
    """

    parts: Ints
    running: Ints


@dataclass(frozen=True)
class Moments:
    """What the records of windows sum up to.

    Args:
        count: Records, at least 1, shape (n,).
        mean: Shape (n,), as the others.
        spread: Sum of squared deviations from the mean.
        spread_hours: The same of the hours.
        together: Sum of the products of both deviations.
    """

    count: Ints
    mean: Floats
    spread: Floats
    spread_hours: Floats
    together: Floats

    def deviation(self) -> Floats:
        """Return the standard deviation of a sample; NaN of one value."""
        fewer = np.where(self.count > 1, self.count - 1, np.nan)
        # Where all values are one, what is left of rounding may be below 0.
        return np.asarray(np.sqrt(np.maximum(self.spread, 0) / fewer))

    def slope(self, wanted: npt.NDArray[np.bool_]) -> Floats:
        """Return the least-squares slope, a year's; NaN where it is not `wanted`."""
        hours = np.where(wanted, self.spread_hours, np.nan)
        return self.together / hours * HOURS_A_YEAR


def usable(value: Floats) -> npt.NDArray[np.bool_]:
    """Say which values can be summed exactly: finite, and below `MOST` in size."""
    return np.abs(value) < MOST  # NaN is not


def running(past: Stretches) -> Sums:
    """Add up all records."""
    whole = np.rint(past.value / STEP).astype(np.int64)
    high, low = whole >> LOW_BITS, whole & ((1 << LOW_BITS) - 1)
    hour = past.time // HOUR
    terms = (
        high, low, hour,
        high * high, high * low, low * low,
        hour * hour, hour * high, hour * low,
    )  # fmt: skip
    sums = np.zeros((whole.size + 1, len(terms)), np.int64)
    for column, term in enumerate(terms):
        np.cumsum(term, out=sums[1:, column])
    return Sums(np.stack([high, low, hour]), sums)


def moments(sums: Sums, first: Ints, end: Ints) -> Moments:
    """Sum up the stretches [first, end), none of them empty.

    In the names below, v and u are the upper and lower part of a value, t is the hour;
    two letters are a sum of products, d is the distance from the last record.
    """
    count = end - first
    here = sums.running.take(end, axis=0) - sums.running.take(first, axis=0)
    v, u, t, vv, vu, uu, tt, tv, tu = np.ascontiguousarray(here.T)
    mean = ((v << LOW_BITS) + u) / count * STEP
    # Around the last record, what is to be squared is small.
    v0, u0, t0 = sums.parts.take(end - 1, axis=1)
    dv, du, dt = v - count * v0, u - count * u0, t - count * t0
    dvv = vv - v0 * (v + dv)
    dvu = vu - v0 * u - u0 * dv
    duu = uu - u0 * (u + du)
    dtt = tt - t0 * (t + dt)
    dtv = tv - t0 * v - v0 * dt
    dtu = tu - t0 * u - u0 * dt
    off = ((dv << LOW_BITS) + du) * STEP
    squared = dvv * HIGH**2 + dvu * (2 * HIGH * STEP) + duu * STEP**2
    return Moments(
        count,
        mean,
        spread=squared - off * off / count,
        spread_hours=dtt - dt * (dt / count),
        together=dtv * HIGH + dtu * STEP - dt * off / count,
    )
