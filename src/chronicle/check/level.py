"""How likely a number is wrong, given what its person has before, after and beside.

All in logarithms. A person has a level; a right number lies about it, or, seldom, it
leaps to anywhere that people are; a wrong one is a right one after a slip. The levels
that are looked at are those at which the number would be right, with each slip undone,
the median of its neighbours, and what other measures of the day imply. Each is made
better once or twice, as neighbours may be wrong as well, and counts as much as the
person's other numbers make it likely.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
STEPS = np.array([-13, -8, -5, -3, -2, -1, 1, 2, 3, 5, 8, 13])
FARTHER = 8  # steps at which a level has moved as far again as a number lies from it
AWAY = 3.5  # standard deviations, from so many neighbours: else nothing is asked
SEVERAL = 3
STRIDE = 0.4  # who gains or loses much does so by less from one visit to the next
ODD = 0.1  # chances by the numbers of everybody alone, from which one is asked
ANYWHERE = 0.0005  # density of numbers that nobody is said to have
BESIDE = 0.02  # standard deviation of what is implied, at the least
MISTAKEN = 0.01  # share of what is implied that is wrong itself
ROUNDS = 2
LOGISTIC = 1.7  # makes the logistic curve much like the normal one
ROOT = np.sqrt(2 * np.pi)


class People(NamedTuple):
    """Where the numbers of people lie, in logarithms.

    The middle, how wide they lie below and above it and about a person's level, and
    the share of right ones that leap to anywhere between `least` and `most`.
    """

    middle: float
    below: float
    above: float
    within: float
    leaps: float
    least: float
    most: float

    def density(self, log: Array) -> Array:
        """Return how many have such a number."""
        off = log - self.middle
        wide = np.where(off < 0, self.below, self.above)
        peak = 2 / (self.below + self.above) / ROOT
        found: Array = (1 - ANYWHERE) * peak * np.exp(-0.5 * (off / wide) ** 2)
        return found + ANYWHERE

    def leap(self, log: Array) -> Array:
        """Return how many leap to such a number."""
        inside = (log >= self.least) & (log <= self.most)
        return self.leaps * (inside / (self.most - self.least) + ANYWHERE)


class Series(NamedTuple):
    """Numbers of one measure by person and time; NaN where nothing is implied."""

    whose: Array
    log: Array
    implied: Array
    at_most: Array


class Asked(NamedTuple):
    """Those that are asked: `own` (n, s), `others` (n, 12, s), with their shares."""

    own: Array
    share: Array
    others: Array
    shares: Array
    there: Array
    implied: Array
    at_most: Array


def wrong(
    series: Series,
    shifts: Array,
    shares: Array,
    people: People,
) -> Array:
    """Return the probability that each number is wrong, shape (n,).

    Args:
        series: In order.
        shifts: What each slip, undone, adds to the logarithm; (n, s), the first is 0.
        shares: How often each slip is made; the first is that of right numbers.
        people: Of the measure.
    """
    found = np.zeros(len(series.log))
    beside, there = _neighbours(series.whose)
    some = _suspect(series, shifts, shares, people, beside, there)
    if not len(some):
        return found
    beside, there = beside[some], there[some]
    asked = Asked(
        series.log[some, None] + shifts[some],
        shares[some],
        series.log[beside][:, :, None] + shifts[beside],
        shares[beside] * there[:, :, None],
        there,
        series.implied[some],
        series.at_most[some],
    )
    found[some] = _judged(asked, people)
    return found


def _neighbours(whose: Array) -> tuple[Array, Array]:
    at = np.arange(len(whose))[:, None] + STEPS
    inside = np.clip(at, 0, max(len(whose) - 1, 0))
    return inside, (at == inside) & (whose[inside] == whose[:, None])


def _suspect(
    series: Series,
    shifts: Array,
    shares: Array,
    people: People,
    beside: Array,
    there: Array,
) -> Array:
    log = series.log[:, None]
    far = ((np.abs(series.log[beside] - log) > AWAY * people.within) & there).sum(1)
    far = (far > 0) & (far >= np.minimum(SEVERAL, there.sum(1)))
    slips = (shares * people.density(log + shifts))[:, 1:].sum(1)
    odd = slips > ODD * people.density(series.log)
    wide = AWAY * max(people.within, BESIDE)
    off = np.abs(series.implied - series.log) > wide  # of NaN: no
    above = series.log - series.at_most > wide
    way = _on_the_way(series.log, beside, there)
    return np.flatnonzero((far | odd) & ~way | off | above)


def _on_the_way(log: Array, beside: Array, there: Array) -> Array:
    """Tell what lies between those before and after it, not far from either."""
    two = [int(np.flatnonzero(each == STEPS)[0]) for each in (-1, 1)]
    before, after = (log[beside[:, each]] - log for each in two)
    near = (np.abs(before) < STRIDE) & (np.abs(after) < STRIDE)
    found: Array = (before * after <= 0) & near & there[:, two].all(1)
    return found


def _judged(asked: Asked, people: People) -> Array:
    starts = [*asked.own.T, _median(asked, people)]
    starts.append(np.where(np.isnan(asked.implied), starts[-1], asked.implied))
    leap = people.leap(asked.own[:, 0])
    # Who leaps does so in all measures of the day.
    agrees = _beside(asked, asked.own[:, 0], people)
    likely, right, slips = [], [], []
    for start in starts:
        level = start
        for _ in range(ROUNDS):
            level = _better(asked, level, people)
        likely.append(_likely(asked, level, people))
        near = asked.share * _normal(asked.own - level[:, None], people.within)
        leapt = leap * np.exp(agrees - _beside(asked, level, people))
        right.append(near[:, 0] + leapt)
        slips.append(near[:, 1:].sum(1))
    weight = np.exp(np.array(likely) - np.max(likely, axis=0))
    good, bad = (weight * right).sum(0), (weight * slips).sum(0)
    found: Array = bad / (good + bad)
    return found


def _median(asked: Asked, people: People) -> Array:
    others = np.where(asked.there, asked.others[:, :, 0], np.nan)
    alone = ~asked.there.any(1, keepdims=True)  # the middle of all
    return np.asarray(np.nanmedian(np.where(alone, people.middle, others), axis=1))


def _better(asked: Asked, level: Array, people: People) -> Array:
    """Return the mean of what is there, each as far as it belongs to this level."""
    wide = 1.5 * people.within
    own = asked.share * _normal(asked.own - level[:, None], wide)
    own /= own.sum(1, keepdims=True) + people.leap(asked.own[:, :1])
    near = asked.shares * _normal(asked.others - level[:, None, None], wide)
    far = people.leap(asked.others[:, :, :1])
    near /= near.sum(2, keepdims=True) + far
    sure = max(people.within, BESIDE)
    beside = (1 - MISTAKEN) * _normal(asked.implied - level, sure)
    beside = np.nan_to_num(beside / (beside + MISTAKEN * people.density(level)))
    beside *= (people.within / sure) ** 2
    prior = (2 * people.within / (people.below + people.above)) ** 2
    sums = (own * asked.own).sum(1) + (near * asked.others).sum((1, 2))
    sums += beside * np.nan_to_num(asked.implied) + prior * people.middle
    found: Array = sums / (own.sum(1) + near.sum((1, 2)) + beside + prior)
    return found


def _likely(asked: Asked, level: Array, people: People) -> Array:
    """Return the logarithm of how well the rest of the person fits this level."""
    wide = people.within * np.sqrt(1 + np.abs(STEPS) / FARTHER)
    off = asked.others - level[:, None, None]
    near = (asked.shares * _normal(off, wide[:, None])).sum(2)
    near += people.leap(asked.others[:, :, 0])
    found: Array = np.where(asked.there, np.log(near), 0).sum(1)
    return found + _beside(asked, level, people) + np.log(people.density(level))


def _beside(asked: Asked, log: Array, people: People) -> Array:
    """Return the same for what other measures of the day imply."""
    sure = max(people.within, BESIDE)
    implied = (1 - MISTAKEN) * _normal(asked.implied - log, sure)
    implied += MISTAKEN * people.density(asked.implied)
    above = np.clip((log - asked.at_most) / sure * LOGISTIC, -50, 50)
    below = (1 - MISTAKEN) / (1 + np.exp(above)) + MISTAKEN
    said = [np.where(np.isnan(each), 0, np.log(each)) for each in (implied, below)]
    return said[0] + said[1]


def _normal(off: Array, wide: float | Array) -> Array:
    found: Array = np.exp(-0.5 * (off / wide) ** 2) / (wide * ROOT)
    return found
