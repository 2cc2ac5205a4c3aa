"""How good predictions are, for many re-weightings of the same people at once.

Every function takes a table of r re-weightings and returns shape (r,): NaN where one
holds only cases or only controls. Calibration, see `calibrated.py`.
"""

import numpy as np

from chronicle.evaluate.table import Floats, Table, ratio


def auroc(table: Table) -> Floats:
    """Return the weighted area under the ROC curve, ties counting half.

    Source: Hanley JA, McNeil BJ. Radiology 1982;143:29-36.
    """
    cases, controls = table.cases, table.controls
    below = np.cumsum(controls, axis=1) - controls
    pairs = cases.sum(axis=1) * controls.sum(axis=1)
    return ratio((cases * (below + controls / 2)).sum(axis=1), pairs)


def auprc(table: Table) -> Floats:
    """Return the weighted average precision: no interpolation.

    Source: Davis J, Goadrich M. ICML 2006:233-240.
    """
    found, needless = (each[:, :-1] for each in table.flagged)
    precision = np.nan_to_num(ratio(found, found + needless))
    return ratio((table.cases * precision).sum(axis=1), table.cases.sum(axis=1))


def brier(table: Table) -> Floats:
    """Return the weighted mean squared error of the risks.

    Source: Brier GW. Mon Weather Rev 1950;78:1-3.
    """
    error = table.cases @ (1 - table.risk) ** 2 + table.controls @ table.risk**2
    return ratio(error, table.all.sum(axis=1))


def observed_expected(table: Table) -> Floats:
    """Return observed over expected outcomes: above 1, risks are too low."""
    return ratio(table.cases.sum(axis=1), table.all @ table.risk)


def scaled_brier(table: Table) -> Floats:
    """Return the share of the Brier score of one risk for all that the model takes off.

    1 is perfect, 0 no better than giving everybody the average risk.

    Source: Steyerberg EW et al. Epidemiology 2010;21:128-138.
    """
    share = ratio(table.cases.sum(axis=1), table.all.sum(axis=1))
    return 1 - ratio(brier(table), share * (1 - share))
