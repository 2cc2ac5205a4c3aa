"""Censored people are neither cases nor controls: those like them count for more.

Nobody is seen beyond the end of the data, and some are lost before it. The first hits
whoever is asked late, whoever that is; the second depends on who it is: age, sex, site,
year. So there are two chances of being uncensored, and their product is the weight's.

Source: Graf E et al. Assessment and comparison of prognostic classification schemes for
survival data. Stat Med 1999;18:2529-2545 (inverse probability of censoring weights).
"""

import numpy as np
import polars as pl

from chronicle.select.loss import ratios

# Nobody counts for more than so many: one late survivor must not decide a model.
MAX_WEIGHT = 10.0
DECIMALS = 9  # of a weight: below what the order of a sum could change


def by_censoring(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `weight`: 1 / P(uncensored just before `time_days`); 0 where censored.

    Args:
        rows: As `cohort` draws them, of all patients.

    Returns:
        `rows` with `weight`, at most `MAX_WEIGHT`.
    """
    rows = rows.sort("subject_id", "prediction_time")
    lost = (rows["status"] == "censored") & (rows["time_days"] < rows["seen_days"])
    time, seen = rows["time_days"].to_numpy(), rows["seen_days"].to_numpy()
    stay = not_lost(time, lost.to_numpy(), ratios(rows, lost))
    chance = stay * in_sight(time, seen)
    weight = pl.Series(np.clip(1 / np.maximum(chance, 1 / MAX_WEIGHT), 1, MAX_WEIGHT))
    gone = rows["status"] == "censored"
    return rows.with_columns(
        weight=pl.when(gone).then(0.0).otherwise(weight.round(DECIMALS))
    )


def in_sight(time: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return for each time the share of rows that could have been seen so long.

    >>> in_sight(np.array([1.0, 3.0]), np.array([2.0, 3.0])).tolist()
    [1.0, 0.5]
    """
    return 1 - np.searchsorted(np.sort(seen), time, side="left") / max(len(seen), 1)


def not_lost(time: np.ndarray, lost: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    """Return the chance of not being lost just before each time.

    Kaplan and Meier's, with being lost as the event; who is `ratio` times as likely to
    be lost as others counts for as many among those at risk, and stays with the chance
    of the others to that power (Breslow's estimate under proportional hazards).

    Args:
        time: Days, shape (n,).
        lost: Whether that is when sight was lost, shape (n,).
        ratio: How likely compared with others, shape (n,).

    Returns:
        Shape (n,).

    >>> not_lost(np.array([1.0, 2]), np.array([True, False]), np.ones(2)).tolist()
    [1.0, 0.5]
    """
    order = np.argsort(time, kind="stable")
    times, start = np.unique(time[order], return_index=True)
    if not times.size:
        return np.ones(0)
    losses = np.add.reduceat(lost[order].astype(float), start)
    there = np.add.reduceat(ratio[order], start)
    # Who ends and who is lost at one time: the ends come first, as is the convention.
    leaving = np.add.reduceat((ratio * lost)[order], start)
    at_risk = np.cumsum(there[::-1])[::-1] - there + leaving
    share = np.where(losses > 0, losses / np.where(losses > 0, at_risk, 1), 0)
    before = np.concatenate([[1.0], np.cumprod(np.clip(1 - share, 0, 1))[:-1]])
    return np.asarray(before[np.searchsorted(times, time)] ** ratio)
