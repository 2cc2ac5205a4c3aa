"""Platt, beta or isotonic: what calibrates scores best where outcomes are few?

Drawn at random, so that the true risk is known: scores that are too sure of themselves
on the logit (Platt is right), and scores that are bent (it is wrong). Each method is
fitted on as many people as have so many outcomes; judged is by how much its log-loss is
above that of the true risk, a thousandth a patient. `python benchmarks/calibration.py`.
"""

from collections.abc import Callable

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from chronicle.train import calibrate

OUTCOMES, DRAWS, JUDGED = (30, 100, 300, 1000), 20, 20_000
LEVEL, SPREAD, EDGE = -3.2, 1.1, 1e-4
Fitted = Callable[[np.ndarray], np.ndarray]


def main() -> int:
    """Print a line for each shape and number of outcomes."""
    print("| truth | outcomes | as it is | Platt | beta | isotonic |")
    print("| --- | --- | --- | --- | --- | --- |")
    for shape in TRUTHS:
        for outcomes in OUTCOMES:
            found = np.array([judged(shape, outcomes, seed) for seed in range(DRAWS)])
            told = zip(found.mean(0), found.std(0), strict=True)
            cells = " | ".join(f"{1000 * m:.1f} ± {1000 * s:.1f}" for m, s in told)
            print(f"| {shape} | {outcomes} | {cells} |", flush=True)
    return 0


def judged(shape: str, outcomes: int, seed: int) -> list[float]:
    """Return how far each method is from the truth in one draw."""
    draw = np.random.default_rng(seed)
    true_of = TRUTHS[shape]
    share = expit(true_of(draw.normal(LEVEL, SPREAD, JUDGED))).mean()
    score = draw.normal(LEVEL, SPREAD, int(outcomes / share))
    happened = (draw.random(len(score)) < expit(true_of(score))).astype(float)
    new = draw.normal(LEVEL, SPREAD, JUDGED)
    truth = expit(true_of(new))
    methods = (lambda s: expit(s), platt(score, happened), beta(score, happened),
               isotonic(score, happened))  # fmt: skip
    return [loss(truth, each(new)) - loss(truth, truth) for each in methods]


def platt(score: np.ndarray, happened: np.ndarray) -> Fitted:
    """Fit as the product does."""
    found = calibrate.platt(score, happened, np.ones(len(score)))
    return lambda new: expit(found["intercept"] + found["slope"] * new)


def beta(score: np.ndarray, happened: np.ndarray) -> Fitted:
    """Fit the three numbers of beta calibration.

    Source: Kull M et al. Beta calibration. AISTATS 2017:623-631.
    """

    def terms(given: np.ndarray) -> np.ndarray:
        risk = np.clip(expit(given), 1e-12, 1 - 1e-12)
        return np.column_stack([np.log(risk), -np.log1p(-risk)])

    fitted = LogisticRegression(C=np.inf, max_iter=2000).fit(terms(score), happened)
    return lambda new: fitted.predict_proba(terms(new))[:, 1]


def isotonic(score: np.ndarray, happened: np.ndarray) -> Fitted:
    """Fit steps."""
    fitted = IsotonicRegression(out_of_bounds="clip").fit(score, happened)
    return lambda new: fitted.predict(new)


def loss(truth: np.ndarray, risk: np.ndarray) -> float:
    """Return the log-loss that is to be expected; no risk is quite 0 or 1."""
    kept = np.clip(risk, EDGE, 1 - EDGE)
    return float(-(truth * np.log(kept) + (1 - truth) * np.log1p(-kept)).mean())


def expit(score: np.ndarray) -> np.ndarray:
    """Turn log-odds into risks."""
    return 1 / (1 + np.exp(-score))


TRUTHS = {
    "too sure": lambda score: -1.0 + 0.7 * score,
    # High scores are too high, low ones are not.
    "bent": lambda score: np.minimum(score, -2.2 + 0.3 * (score + 2.2)),
}


if __name__ == "__main__":
    raise SystemExit(main())
