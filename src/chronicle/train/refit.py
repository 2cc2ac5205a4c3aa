"""The model again, fitted to some of the rows: of earlier years, of other sites.

Only a model that has not seen a year or a site can tell how one does there. What the
folds chose stays; the baseline, the trees and the calibration are fitted anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from chronicle.core.model import score_of_baseline
from chronicle.train import baseline, boost, calibrate
from chronicle.train.balance import Balanced
from chronicle.train.baseline import Way
from chronicle.train.folds import Rows
from chronicle.train.learning import unseen
from chronicle.train.trees import Trees


class Refit(NamedTuple):
    """One of them.

    Args:
        text: LightGBM's text form of the trees.
        about: `split`, `start`, `calibration`, and how many patients it learnt from.
    """

    text: str
    about: dict[str, Any]


def refits(
    trees: Trees, ways: Sequence[Way], best: Balanced, apart: Mapping[str, Rows]
) -> Iterator[Refit]:
    """Yield a model of each set of rows that has outcomes enough, also without a fold.

    Args:
        trees: Rows and bins.
        ways: How the baselines are fitted that the trees start from.
        best: The settings that were chosen.
        apart: Rows, shape (n,), by the name of a split.
    """
    data = trees.data
    for split, rows in apart.items():
        some = data.only(rows)
        scores = unseen(trees, ways, best, rows)
        if scores is None:
            continue
        start = baseline.start(ways, some.features, some.outcome, some.weight)
        ahead = score_of_baseline(start, data.features)
        grown = trees.grown(best.settings, rows, ahead, best.rounds)
        level = calibrate.platt(scores[rows], some.outcome, some.weight)
        counted = {
            "patients": len(set(some.subjects.tolist())),
            "outcome_patients": some.outcomes,
        }
        about = {"split": split, "start": start, "calibration": level} | counted
        yield Refit(boost.text(grown), about)
