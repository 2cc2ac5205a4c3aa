"""How far two groups of people are apart, and how far chance alone puts them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

Estimate = Mapping[str, float | None]
EXACT: Estimate = {"value": 1.0, "low": 1.0, "high": 1.0}
PERCENT = 95.0  # how often bounds hold, where it was not written down
HALF = 0.5  # of a person in each bin: none is empty for good


@dataclass(frozen=True)
class Distance:
    """A distance.

    Args:
        value: Of the two groups.
        chance: What is exceeded as seldom as was asked, where nothing has changed.
    """

    value: float
    chance: float


def psi(then: Sequence[int], now: Sequence[int], alarm: float) -> Distance:
    """Return the population stability index of two counts over the same bins.

    Args:
        then: People in each bin.
        now: The same later.
        alarm: How likely `chance` is to be exceeded where nothing has changed.

    Source:
        Siddiqi N. Credit Risk Scorecards. Wiley 2006. Its distribution: Yurdakul B,
        Naranjo J. Statistical properties of the population stability index. J Risk
        Model Validation 2020;14(3): (1/n + 1/m) times chi-square of bins - 1.

    >>> round(psi([50, 50], [80, 20], 0.01).value, 2)
    0.41
    """
    counts = np.array([then, now], float)
    counts = counts[:, counts.sum(axis=0) > 0]
    people, bins = counts.sum(axis=1), counts.shape[1]
    if bins < 2 or not people.all():
        return Distance(0.0, 0.0)
    shares = (counts + HALF) / (people + HALF * bins)[:, None]
    value = ((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum()
    chance = stats.chi2.isf(alarm, bins - 1) * (1 / people).sum()
    return Distance(float(value), float(chance))


def share(then: tuple[int, int], now: tuple[int, int], alarm: float) -> Distance:
    """Return by how much a share of people has grown; less than 0: it has shrunk.

    Args:
        then: Those whom it is about, and all.
        now: The same later.
        alarm: As in `psi`.
    """
    value = now[0] / now[1] - then[0] / then[1]
    whole = (then[0] + now[0] + HALF) / (then[1] + now[1] + 2 * HALF)
    error = math.sqrt(whole * (1 - whole) * (1 / then[1] + 1 / now[1]))
    return Distance(value, float(stats.norm.isf(alarm / 2)) * error)


def times(then: tuple[float, int], now: tuple[float, int], alarm: float) -> Distance:
    """Return how many times more, or fewer, have an outcome; 1: as many.

    Args:
        then: Share of index times with an outcome, and how many people had one.
        now: The same later.
        alarm: As in `psi`.
    """
    if not (then[0] and now[0]):
        return Distance(1.0, 1.0)
    error = math.sqrt(1 / max(then[1], 1) + 1 / max(now[1], 1))
    off = math.exp(abs(math.log(now[0] / then[0])))
    return Distance(off, math.exp(float(stats.norm.isf(alarm / 2)) * error))


def farther(then: Estimate, now: Estimate, alarm: float) -> Distance:
    """Return how many times farther off what was foretold outcomes are; 1: as far.

    A model that came into use although it was off is no farther off for that. One that
    is less so than then, or as much the other way, is as it was.

    Args:
        then: Outcomes for each that was foretold; if not known, there were as many.
        now: The same later.
        alarm: As in `psi`.
    """
    before = then if is_known(then) else EXACT
    off = [abs(math.log(float(each["value"] or 1))) for each in (before, now)]
    error = math.hypot(*(_error(each, math.log) for each in (before, now)))
    reach = math.exp(float(stats.norm.isf(alarm / 2)) * error)
    return Distance(math.exp(max(off[1] - off[0], 0.0)), reach)


def lower(then: Estimate, now: Estimate, alarm: float) -> Distance:
    """Return by how much a value is lower; 0: it is not.

    Args:
        then: The value, its bounds, and what `percent` of the time they hold.
        now: The same later.
        alarm: As in `psi`.
    """
    error = math.hypot(*(_error(each, float) for each in (then, now)))
    less = float(then["value"] or 0) - float(now["value"] or 0)
    return Distance(max(less, 0.0), float(stats.norm.isf(alarm / 2)) * error)


def is_known(found: Estimate) -> bool:
    """Say whether there is a value, and bounds of which an error can be made."""
    return bool(found["value"] and found["low"] and found["high"])


def _error(found: Estimate, scale: Callable[[float], float]) -> float:
    """Return the standard error of which bounds were made, the greater of the two."""
    low, value, high = (scale(float(found[n] or 0)) for n in ("low", "value", "high"))
    tail = (1 - (found.get("percent") or PERCENT) / 100) / 2
    return max(high - value, value - low) / float(stats.norm.isf(tail))
