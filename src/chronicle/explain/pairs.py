"""Which two things act together: more, or less, than one by one.

Own values of a person stand for a stranger's, first of one thing, then of the other,
then of both. What both do beyond the sum of the two is their interaction, by its
definition: the second difference. The baseline adds up, so only trees can bring one.
"""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from chronicle.core.things import title
from chronicle.explain.explained import Explained
from chronicle.explain.parts import Floats

AMONG = 8  # things that move risks most
TOLD = 3
PEOPLE = 2_000  # at most
LEAST = 0.01  # log-odds; 1 % of the odds
Ints = npt.NDArray[np.int64]
Score = Callable[[pd.DataFrame], Floats]


def pairs(
    found: Explained, subjects: Ints, score: Score, seed: int
) -> list[dict[str, Any]]:
    """Return the pairs of things that act together most, the first first.

    Args:
        found: Of n index times.
        subjects: Patient of each, in order, shape (n,): each is asked once.
        score: Log-odds of risks, or what trees add to them.
        seed: Of who is whose stranger.

    Returns:
        Of each pair its `names`, `titles`, mean absolute interaction in `log_odds`, and
        `beyond`: where both raise a risk, by which share of the sum of the two they
        raise it more (below 0: less) together; null where they never do.
    """
    draw = np.random.default_rng(seed)
    last = np.flatnonzero(np.append(subjects[1:] != subjects[:-1], True))
    own = found.features.iloc[np.sort(draw.permutation(last)[:PEOPLE])]
    other = own.iloc[draw.permutation(len(own))]
    order = np.argsort(-np.abs(found.things).mean(axis=0), kind="stable")[:AMONG]
    told = [
        _pair(found, own, other, score, asked)
        for asked in combinations(sorted(order.tolist()), 2)
    ]
    told.sort(key=lambda each: -each["log_odds"])
    return [each for each in told[:TOLD] if each["log_odds"] >= LEAST]


def _pair(
    found: Explained,
    own: pd.DataFrame,
    other: pd.DataFrame,
    score: Score,
    asked: tuple[int, int],
) -> dict[str, Any]:
    def of(*mine: int) -> Floats:
        """Return the scores where of the two only these are one's own."""
        theirs = np.isin(found.groups.thing_of, [i for i in asked if i not in mine])
        values = np.where(theirs, other.to_numpy(), own.to_numpy())
        return score(pd.DataFrame(values, columns=own.columns))

    neither, one, two, both = of(), of(asked[0]), of(asked[1]), of(*asked)
    extra = both - one - two + neither
    names = [found.groups.things[i].name for i in asked]
    return {
        "names": names,
        "titles": [title(each) for each in names],
        "log_odds": float(np.abs(extra).mean()),
        "beyond": _beyond(one - neither, two - neither, extra),
    }


def _beyond(one: Floats, two: Floats, extra: Floats) -> float | None:
    raise_ = (one > 0) & (two > 0)
    total = (one + two)[raise_].sum()
    return float(extra[raise_].sum() / total) if total else None
