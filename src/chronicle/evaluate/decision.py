"""What acting on a risk brings: net benefit, and what a given capacity finds.

Source: Vickers AJ, Elkin EB. Decision curve analysis. Med Decis Making 2006;26:565-574.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from chronicle.evaluate.bootstrap import Interval, interval
from chronicle.evaluate.score import Floats, ratio

Score = Callable[[Floats], Floats]


def net_benefit(
    outcome: Floats, risk: Floats, weights: Floats, *, threshold: float
) -> Floats:
    """Return true positives less false ones at the odds of `threshold`, per person.

    Whoever acts at a risk of 10 % says that nine needless acts weigh as one missed.

    Args:
        outcome: 0 or 1, shape (n,).
        risk: Predicted, shape (n,).
        weights: Shape (r, n).
        threshold: Risk from which one acts, above 0 and below 1.

    Returns:
        Shape (r,); at most the prevalence; 0 is what acting on nobody brings.
    """
    acts = risk >= threshold
    gain = outcome - (1 - outcome) * threshold / (1 - threshold)
    return ratio((weights[:, acts] * gain[acts]).sum(axis=1), weights.sum(axis=1))


def curve(
    outcome: Floats,
    risk: Floats,
    blocks: list[Floats],
    *,
    thresholds: tuple[float, ...],
    percent: float,
) -> list[dict[str, Any]]:
    """Return net benefit at each threshold, of the model and of acting on everybody."""
    everybody = np.ones_like(risk)
    return [
        {
            "threshold": threshold,
            "model": interval(
                partial(net_benefit, outcome, risk, threshold=threshold),
                blocks,
                percent=percent,
            ),
            "everybody": float(
                net_benefit(outcome, everybody, blocks[0], threshold=threshold)[0]
            ),
        }
        for threshold in thresholds
    ]


def at_capacity(
    outcome: Floats,
    risk: Floats,
    blocks: list[Floats],
    *,
    percents: tuple[float, ...],
    percent: float,
) -> list[dict[str, Any]]:
    """Return what is found where only the highest risks can be seen to.

    Args:
        outcome: 0 or 1, shape (n,).
        risk: Predicted, shape (n,).
        blocks: From `bootstrap.replicates`.
        percents: Shares of all people that there is room for.
        percent: Coverage of the intervals.

    Returns:
        For each share: the lowest risk that still has room; `sensitivity`, `ppv`, and
        `needed_to_screen`, people seen to for each case found.
    """
    found = []
    for share in percents:
        lowest = _lowest(risk, blocks[0][0], share)
        acts = (risk >= lowest).astype(float)
        rates: dict[str, Score] = {
            "sensitivity": partial(_share, acts, outcome),
            "ppv": partial(_share, outcome, acts),
        }
        told: dict[str, Interval] = {
            name: interval(rate, blocks, percent=percent)
            for name, rate in rates.items()
        }
        ppv = told["ppv"]["value"]
        found.append(
            {
                "capacity_percent": share,
                "lowest_risk": lowest,
                "needed_to_screen": 1 / ppv if ppv else None,
                **told,
            }
        )
    return found


def _lowest(risk: Floats, weight: Floats, share: float) -> float:
    """Return the risk from which on `share` percent of the people are flagged.

    >>> _lowest(np.array([0.1, 0.2, 0.3, 0.4]), np.ones(4), 50)
    0.3
    """
    order = np.argsort(-risk, kind="stable")
    flagged = np.cumsum(weight[order])
    # Somebody is always flagged: a line above all risks tells nothing.
    last = np.searchsorted(flagged, share / 100 * flagged[-1] * (1 + 1e-12), "right")
    return float(risk[order][max(int(last) - 1, 0)])


def _share(part: Floats, of: Floats, weights: Floats) -> Floats:
    whole = weights * of
    return ratio((whole * part).sum(axis=1), whole.sum(axis=1))
