"""What acting on a risk brings: net benefit, and what a given capacity finds.

Source: Vickers AJ, Elkin EB. Decision curve analysis. Med Decis Making 2006;26:565-574.
"""

from functools import partial
from typing import Any

import numpy as np

from chronicle.evaluate.bootstrap import Interval, of_both, summary
from chronicle.evaluate.sample import Judged
from chronicle.evaluate.table import Floats, Table, ratio

STEPS = 60  # of the line that a reader of the report can move


def curve(
    judged: Judged, *, thresholds: tuple[float, ...], percent: float
) -> list[dict[str, Any]]:
    """Return net benefit at each threshold, of the model and of acting on everybody.

    It is true positives less false ones at the odds of the threshold, per person:
    whoever acts at a risk of 10 % says that nine needless acts weigh as one missed. At
    most it is the prevalence; 0 is what acting on nobody brings.

    Args:
        judged: What the model says.
        thresholds: Risks from which one acts, above 0 and below 1.
        percent: Coverage of the intervals.
    """
    lines = np.array(thresholds)
    model = of_both(judged, partial(benefit, lines=lines))
    everybody = benefit(judged.sample, lines, flagged=np.full(len(lines), -np.inf))
    return [
        {
            "threshold": threshold,
            "model": summary(model[:, at], percent=percent),
            "everybody": float(everybody[0, at]),
        }
        for at, threshold in enumerate(thresholds)
    ]


def benefit(table: Table, lines: Floats, flagged: Floats | None = None) -> Floats:
    """Return net benefit a person, shape (r, k).

    Args:
        table: Of r re-weightings.
        lines: Risks from which one acts, shape (k,): they tell the weights.
        flagged: Risks from which people are flagged; None: the same.
    """
    cases, controls = table.at(lines if flagged is None else flagged)
    odds = lines / (1 - lines)
    return ratio(cases - controls * odds, table.all.sum(axis=1, keepdims=True))


def at_capacity(
    judged: Judged, *, percents: tuple[float, ...], percent: float
) -> list[dict[str, Any]]:
    """Return what is found where only the highest risks can be seen to.

    Args:
        judged: What the model says.
        percents: Shares of all people that there is room for.
        percent: Coverage of the intervals.

    Returns:
        For each share: the lowest risk that still has room; and what `at_lines` tells.
    """
    lines = [lowest(judged.sample, share) for share in percents]
    found = at_lines(judged, np.array(lines), percent=percent)
    return [
        {"capacity_percent": share, "lowest_risk": line, **told}
        for share, line, told in zip(percents, lines, found, strict=True)
    ]


def movable(judged: Judged, *, percent: float) -> list[dict[str, Any]]:
    """Return what a line brings at many places, from where it flags all to few.

    As many people lie between one place and the next at every step.
    """
    shares = np.linspace(100, 100 / STEPS, STEPS)
    lines = np.unique([lowest(judged.sample, float(share)) for share in shares])
    found = at_lines(judged, lines, percent=percent)
    return [
        {"risk": float(line), **told} for line, told in zip(lines, found, strict=True)
    ]


def at_lines(judged: Judged, lines: Floats, *, percent: float) -> list[dict[str, Any]]:
    """Return what is flagged and found at each line.

    Returns:
        `flagged` of all people and `specificity`; `sensitivity`, `ppv`, and
        `needed_to_screen`, people seen to for each case found, with intervals.
    """
    rates = of_both(judged, partial(_rates, lines=lines))
    return [_told(rates[:, at], percent) for at in range(len(lines))]


def lowest(table: Table, share: float) -> float:
    """Return the risk from which on `share` percent of the people are flagged.

    >>> people = np.ones((1, 4))
    >>> lowest(Table(np.array([0.1, 0.2, 0.3, 0.4]), 0 * people, people), 50)
    0.3
    """
    flagged = np.cumsum(table.all[0, ::-1])
    # Somebody is always flagged: a line above all risks tells nothing.
    last = np.searchsorted(flagged, share / 100 * flagged[-1] * (1 + 1e-12), "right")
    return float(table.risk[::-1][max(int(last) - 1, 0)])


def _rates(table: Table, lines: Floats) -> Floats:
    """Return flagged, specificity, sensitivity and PPV: (r, k, 4)."""
    cases, controls = table.at(lines)
    sick, well = (each.sum(axis=1)[:, None] for each in (table.cases, table.controls))
    return np.stack(
        [
            ratio(cases + controls, sick + well),
            1 - ratio(controls, well),
            ratio(cases, sick),
            ratio(cases, cases + controls),
        ],
        axis=2,
    )


def _told(rates: Floats, percent: float) -> dict[str, Any]:
    ppv = summary(rates[:, 3], percent=percent)
    return {
        "flagged": float(rates[0, 0]),
        "specificity": None if np.isnan(rates[0, 1]) else float(rates[0, 1]),
        "sensitivity": summary(rates[:, 2], percent=percent),
        "ppv": ppv,
        "needed_to_screen": _turned(ppv),
    }


def _turned(share: Interval) -> Interval:
    """Return one in how many: its interval is that of the share, turned over."""

    def over(value: float | None) -> float | None:
        return 1 / value if value else None

    return {
        "value": over(share["value"]),
        "low": over(share["high"]),
        "high": over(share["low"]),
    }
