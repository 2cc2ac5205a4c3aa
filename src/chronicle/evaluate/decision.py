"""What acting on a risk brings: net benefit, and what a given capacity finds.

Source: Vickers AJ, Elkin EB. Decision curve analysis. Med Decis Making 2006;26:565-574.
"""

from typing import Any

import numpy as np

from chronicle.evaluate.bootstrap import summary
from chronicle.evaluate.score import Floats, ratio


def curve(
    outcome: Floats,
    risk: Floats,
    blocks: list[Floats],
    *,
    thresholds: tuple[float, ...],
    percent: float,
) -> list[dict[str, Any]]:
    """Return net benefit at each threshold, of the model and of acting on everybody.

    It is true positives less false ones at the odds of the threshold, per person:
    whoever acts at a risk of 10 % says that nine needless acts weigh as one missed. At
    most it is the prevalence; 0 is what acting on nobody brings.

    Args:
        outcome: 0 or 1, shape (n,).
        risk: Predicted, shape (n,).
        blocks: From `bootstrap.replicates`.
        thresholds: Risks from which one acts, above 0 and below 1.
        percent: Coverage of the intervals.
    """
    lines = np.array([*thresholds, -np.inf])
    cases, controls = _flagged(outcome, risk, blocks, lines)
    everybody = cases[:, -1:] + controls[:, -1:]
    odds = lines[:-1] / (1 - lines[:-1])
    model = (cases[:, :-1] - controls[:, :-1] * odds) / everybody
    all_ = (cases[:1, -1:] - controls[:1, -1:] * odds) / everybody[:1]
    return [
        {
            "threshold": threshold,
            "model": summary(model[:, at], percent=percent),
            "everybody": float(all_[0, at]),
        }
        for at, threshold in enumerate(thresholds)
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
    lowest = [_lowest(risk, blocks[0][0], share) for share in percents]
    lines = np.array([*lowest, -np.inf])
    cases, controls = _flagged(outcome, risk, blocks, lines)
    found = []
    for at, share in enumerate(percents):
        ppv = ratio(cases[:, at], cases[:, at] + controls[:, at])
        found.append(
            {
                "capacity_percent": share,
                "lowest_risk": lowest[at],
                "sensitivity": summary(
                    ratio(cases[:, at], cases[:, -1]), percent=percent
                ),
                "ppv": summary(ppv, percent=percent),
                "needed_to_screen": float(1 / ppv[0]) if ppv[0] > 0 else None,
            }
        )
    return found


def _flagged(
    outcome: Floats, risk: Floats, blocks: list[Floats], lines: Floats
) -> tuple[Floats, Floats]:
    """Return the weights of cases and controls at or above each line: (1 + r, k)."""
    above = (risk[:, None] >= lines[None, :]).astype(float)
    sick, well = above * outcome[:, None], above * (1 - outcome[:, None])
    return (
        np.concatenate([block @ sick for block in blocks]),
        np.concatenate([block @ well for block in blocks]),
    )


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
