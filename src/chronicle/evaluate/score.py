"""How good predictions are, for many re-weightings of the same people at once.

Every function takes weights of shape (r, n), one row a bootstrap replicate, and returns
shape (r,): NaN where a replicate holds only cases or only controls. Rows are sorted and
ties are grouped once, so a thousand replicates cost little more than one.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
STEPS = 25  # of Newton's method; a logistic with two coefficients needs about six
FAR = 20.0  # beyond it a coefficient says only that cases and controls part
NARROW = 1e-12


def auroc(outcome: Floats, risk: Floats, weights: Floats) -> Floats:
    """Return the weighted area under the ROC curve, ties counting half.

    Source: Hanley JA, McNeil BJ. Radiology 1982;143:29-36.
    """
    cases, controls = _by_risk(outcome, risk, weights)
    below = np.cumsum(controls, axis=1) - controls
    pairs = cases.sum(axis=1) * controls.sum(axis=1)
    return _ratio((cases * (below + controls / 2)).sum(axis=1), pairs)


def auprc(outcome: Floats, risk: Floats, weights: Floats) -> Floats:
    """Return the weighted average precision: no interpolation.

    Source: Davis J, Goadrich M. ICML 2006:233-240.
    """
    cases, controls = (each[:, ::-1] for each in _by_risk(outcome, risk, weights))
    found = np.cumsum(cases, axis=1)
    alarms = found + np.cumsum(controls, axis=1)
    precision = np.divide(found, alarms, out=np.zeros_like(found), where=alarms > 0)
    return _ratio((cases * precision).sum(axis=1), cases.sum(axis=1))


def brier(outcome: Floats, risk: Floats, weights: Floats) -> Floats:
    """Return the weighted mean squared error of the risks.

    Source: Brier GW. Mon Weather Rev 1950;78:1-3.
    """
    return _ratio((weights * (outcome - risk) ** 2).sum(axis=1), weights.sum(axis=1))


def observed_expected(outcome: Floats, risk: Floats, weights: Floats) -> Floats:
    """Return observed over expected outcomes: above 1, risks are too low."""
    expected = (weights * risk).sum(axis=1)
    return _ratio((weights * outcome).sum(axis=1), expected)


def calibration_intercept(outcome: Floats, risk: Floats, weights: Floats) -> Floats:
    """Return the intercept of the logistic recalibration at slope 1; ideal 0.

    Source: Van Calster B et al. Calibration: the Achilles heel of predictive analytics.
    BMC Med 2019;17:230.
    """
    logit, level = _logit(risk), np.zeros(len(weights))
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-(level[:, None] + logit)))
        gradient = (weights * (outcome - p)).sum(axis=1)
        curvature = (weights * p * (1 - p)).sum(axis=1)
        level = np.clip(level + _ratio(gradient, curvature), -FAR, FAR)
    return level


def calibration_slope(outcome: Floats, risk: Floats, weights: Floats) -> Floats:
    """Return the slope of the logistic recalibration; ideal 1, below it overfitted."""
    logit = _logit(risk)
    # From the null model on: started at slope 1, Newton's method can run away.
    share = np.clip(_ratio((weights * outcome).sum(axis=1), weights.sum(axis=1)), 0, 1)
    level, slope = _logit(share), np.zeros(len(weights))
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-(level[:, None] + slope[:, None] * logit)))
        error, spread = weights * (outcome - p), weights * p * (1 - p)
        g0, g1 = error.sum(axis=1), (error * logit).sum(axis=1)
        h00, h01 = spread.sum(axis=1), (spread * logit).sum(axis=1)
        h11 = (spread * logit**2).sum(axis=1)
        det = h00 * h11 - h01**2
        level = np.clip(level + _ratio(h11 * g0 - h01 * g1, det), -FAR, FAR)
        slope = np.clip(slope + _ratio(h00 * g1 - h01 * g0, det), -FAR, FAR)
    return slope


def _by_risk(outcome: Floats, risk: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Sum the weights of cases and controls over equal risks, from low to high."""
    order = np.argsort(risk, kind="stable")
    starts = np.flatnonzero(np.diff(risk[order], prepend=-1.0) > 0)
    sorted_weights, sorted_outcome = weights[:, order], outcome[order]
    cases = np.add.reduceat(sorted_weights * sorted_outcome, starts, axis=1)
    controls = np.add.reduceat(sorted_weights * (1 - sorted_outcome), starts, axis=1)
    return cases, controls


def _logit(risk: Floats) -> Floats:
    clipped = np.clip(risk, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(clipped / (1 - clipped)))


def _ratio(above: Floats, below: Floats) -> Floats:
    nothing = np.full_like(above, np.nan)
    return np.divide(above, below, out=nothing, where=np.abs(below) > NARROW)
