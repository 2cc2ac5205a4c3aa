"""Whether risks are as high as they say, for many re-weightings at once; as `score.py`.

A thousand replicates of a logistic regression cost a thousand exponentials a person. So
for replicates, people of nearly the same risk stand for each other: they are pooled in
groups, each at its mean, before anything is fitted. The sample itself, a table of one
row, is never pooled; a test holds the two against each other.
"""

import numpy as np

from chronicle.evaluate.table import Floats, Table, ratio

STEPS = 50  # of Newton's method; a logistic with two coefficients needs about six
# A step that moves a logit further may leave where the curve is nearly a parabola, and
# Newton's method then runs away: seen where cases and controls lie far apart.
FURTHEST = 2.0
STILL = 1e-10  # a smaller step changes no digit that is written
FAR = 20.0  # beyond it a coefficient says only that cases and controls part
GROUPS = 500
BANDWIDTH = 0.4  # of the smoothed curve, in standard deviations of the logit


def intercept(table: Table) -> Floats:
    """Return the intercept of the logistic recalibration at slope 1; ideal 0.

    Source: Van Calster B et al. Calibration: the Achilles heel of predictive analytics.
    BMC Med 2019;17:230.
    """
    logit, cases, all_ = _pooled(table)
    level = np.zeros(len(cases))
    for _ in range(STEPS):
        p = _expit(level[:, None] + logit)
        gradient = (cases - all_ * p).sum(axis=1)
        step = ratio(gradient, (all_ * p * (1 - p)).sum(axis=1))
        step = np.clip(step, -FURTHEST, FURTHEST)
        level = np.clip(level + step, -FAR, FAR)
        if not np.nanmax(np.abs(step), initial=0) > STILL:
            break
    return level


def slope(table: Table) -> Floats:
    """Return the slope of the logistic recalibration; ideal 1, below it overfitted."""
    logit, cases, all_ = _pooled(table)
    # Or of risks that are nearly one, the level would go where coefficients end.
    logit = logit - logit.mean()
    # From the null model on: started at slope 1, Newton's method can run away.
    share = np.clip(ratio(cases.sum(axis=1), all_.sum(axis=1)), 0, 1)
    level, found = _logit(share), np.zeros(len(cases))
    for _ in range(STEPS):
        p = _expit(level[:, None] + found[:, None] * logit)
        error, spread = cases - all_ * p, all_ * p * (1 - p)
        g0, g1 = error.sum(axis=1), (error * logit).sum(axis=1)
        h00, h01 = spread.sum(axis=1), (spread * logit).sum(axis=1)
        h11 = (spread * logit**2).sum(axis=1)
        det = h00 * h11 - h01**2
        steps = ratio(h11 * g0 - h01 * g1, det), ratio(h00 * g1 - h01 * g0, det)
        moved = np.abs(steps[0][:, None] + steps[1][:, None] * logit).max(axis=1)
        short = FURTHEST / np.maximum(moved, FURTHEST)
        steps = steps[0] * short, steps[1] * short
        level = np.clip(level + steps[0], -FAR, FAR)
        found = np.clip(found + steps[1], -FAR, FAR)
        if not np.nanmax(np.abs(steps), initial=0) > STILL:
            break
    return found


def ici(table: Table) -> Floats:
    """Return the mean distance between risk and smoothed outcome; ideal 0.

    The smoother is a kernel mean over the logit of the risk, always on the groups.

    Source: Austin PC, Steyerberg EW. The Integrated Calibration Index (ICI) and related
    metrics for quantifying the calibration of logistic regression models. Stat Med
    2019;38:4051-4065. There the curve is a loess.
    """
    # What came less what was foretold is smoothed, not what came: where risks are true
    # that is nought everywhere, however the curve bends.
    pooled = table.coarse(GROUPS)
    logit, all_ = _logit(pooled.risk), pooled.all
    surplus = pooled.cases - all_ * pooled.risk
    width = max(BANDWIDTH * _spread(logit, all_.mean(axis=0)), 1e-6)
    near = np.exp(-(((logit[:, None] - logit[None, :]) / width) ** 2) / 2)
    apart = np.abs(np.nan_to_num(ratio(surplus @ near, all_ @ near)))
    return ratio((all_ * apart).sum(axis=1), all_.sum(axis=1))


def _spread(logit: Floats, share: Floats) -> float:
    mean = np.average(logit, weights=share)
    return float(np.sqrt(np.average((logit - mean) ** 2, weights=share)))


def _pooled(table: Table) -> tuple[Floats, Floats, Floats]:
    """Return logits (k,), and weights of cases and of all (r, k)."""
    if len(table.cases) > 1:
        table = table.coarse(GROUPS)
    return _logit(table.risk), table.cases, table.all


def _expit(logit: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logit)))


def _logit(risk: Floats) -> Floats:
    clipped = np.clip(risk, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(clipped / (1 - clipped)))
