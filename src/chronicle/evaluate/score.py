"""How good predictions are, for many re-weightings of the same people at once.

Every function takes weights of shape (r, n), one row a bootstrap replicate, and returns
shape (r,): NaN where a replicate holds only cases or only controls. Rows are sorted and
ties are grouped once, so a thousand replicates cost little more than one.
Calibration, see `calibrated.py`.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
NARROW = 1e-12


def auroc(outcome: Floats, risk: Floats, weights: Floats) -> Floats:
    """Return the weighted area under the ROC curve, ties counting half.

    Source: Hanley JA, McNeil BJ. Radiology 1982;143:29-36.
    """
    cases, controls = _by_risk(outcome, risk, weights)
    below = np.cumsum(controls, axis=1) - controls
    pairs = cases.sum(axis=1) * controls.sum(axis=1)
    return ratio((cases * (below + controls / 2)).sum(axis=1), pairs)


def auprc(outcome: Floats, risk: Floats, weights: Floats) -> Floats:
    """Return the weighted average precision: no interpolation.

    Source: Davis J, Goadrich M. ICML 2006:233-240.
    """
    cases, controls = (each[:, ::-1] for each in _by_risk(outcome, risk, weights))
    found = np.cumsum(cases, axis=1)
    alarms = found + np.cumsum(controls, axis=1)
    precision = np.divide(found, alarms, out=np.zeros_like(found), where=alarms > 0)
    return ratio((cases * precision).sum(axis=1), cases.sum(axis=1))


def brier(outcome: Floats, risk: Floats, weights: Floats) -> Floats:
    """Return the weighted mean squared error of the risks.

    Source: Brier GW. Mon Weather Rev 1950;78:1-3.
    """
    return ratio((weights * (outcome - risk) ** 2).sum(axis=1), weights.sum(axis=1))


def observed_expected(outcome: Floats, risk: Floats, weights: Floats) -> Floats:
    """Return observed over expected outcomes: above 1, risks are too low."""
    expected = (weights * risk).sum(axis=1)
    return ratio((weights * outcome).sum(axis=1), expected)


def scaled_brier(outcome: Floats, risk: Floats, weights: Floats) -> Floats:
    """Return the share of the Brier score of one risk for all that the model takes off.

    1 is perfect, 0 no better than giving everybody the average risk.

    Source: Steyerberg EW et al. Epidemiology 2010;21:128-138.
    """
    share = ratio((weights * outcome).sum(axis=1), weights.sum(axis=1))
    return 1 - ratio(brier(outcome, risk, weights), share * (1 - share))


def _by_risk(outcome: Floats, risk: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Sum the weights of cases and controls over equal risks, from low to high."""
    order = np.argsort(risk, kind="stable")
    starts = np.flatnonzero(np.diff(risk[order], prepend=-1.0) > 0)
    sorted_weights, sorted_outcome = weights[:, order], outcome[order]
    cases = np.add.reduceat(sorted_weights * sorted_outcome, starts, axis=1)
    controls = np.add.reduceat(sorted_weights * (1 - sorted_outcome), starts, axis=1)
    return cases, controls


def ratio(above: Floats, below: Floats) -> Floats:
    """Return `above / below`, NaN where there is nothing to divide by."""
    nothing = np.full_like(above, np.nan)
    return np.divide(above, below, out=nothing, where=np.abs(below) > NARROW)
