"""What features add in log-odds, carried to the probability that is shown.

Along the straight line from what everybody has to what a person has, each feature's
share of the way is the same at every point, so its Aumann-Shapley part of the risk is
its part in log-odds times one number: the slope of the secant. Hence the parts and the
risk of a person without any add up to the risk, exactly.

Source: Aumann RJ, Shapley LS. Values of Non-Atomic Games. Princeton 1974; Sundararajan
M, Taly A, Yan Q. Axiomatic attribution for deep networks. ICML 2017: the path integral.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
SMALL = 1e-3


def level(risk: Floats, parts: Floats) -> float:
    """Return what everybody has, in log-odds: the logit of the base risk.

    Args:
        risk: Shape (n,), from `core.model.predict`.
        parts: Log-odds, shape (n, k), from there.
    """
    return float(np.median(np.log(risk) - np.log1p(-risk) - parts.sum(axis=1)))


def expit(score: Floats) -> Floats:
    """Return risks of log-odds."""
    return np.asarray(0.5 * (1 + np.tanh(score / 2)))


def secant(base: float, total: Floats) -> Floats:
    """Return the risk that a unit of log-odds is worth to each person, shape (n,).

    It is (expit(base + total) - expit(base)) / total, written so that nothing cancels
    where the total is near 0 and the parts are not.

    Args:
        base: What everybody has, in log-odds.
        total: Sum of a person's parts, shape (n,).

    >>> float(secant(0.0, np.array([0.0]))[0])
    0.25
    """
    near = np.abs(total) < SMALL
    away = np.where(near, 1.0, total)
    half = np.where(near, 0.5 + total**2 / 48, np.sinh(away / 2) / away)
    return np.asarray(half / (2 * np.cosh(base / 2) * np.cosh((base + total) / 2)))


def in_risk(base: float, parts: Floats) -> Floats:
    """Return parts of the risk, 0 to 1, of parts in log-odds; shape (n, k) both."""
    return np.asarray(parts * secant(base, parts.sum(axis=1))[:, None])
