"""Trees that add to a baseline, and what they say of people whom they have not seen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

from chronicle.train import boost, imbalance
from chronicle.train.data import Data, log_loss
from chronicle.train.folds import Floats, Rows

STEP = 10  # rounds between two candidates


@dataclass(frozen=True)
class Trees:
    """All that a trial needs: rows, folds, the score to start from, and bins.

    Args:
        data: Rows of all training patients.
        left_out: Folds.
        ahead: By name of a baseline, for each fold: what one that was fitted on the
            others says of all rows, shape (n,).
        sizes: Numbers of trees to choose from.
        columns: Sets of columns that trees may read, by name.
        monotone: 1 for features whose risk may only rise with them, -1 for only fall.
        max_bin: Steps that the values of a column are told apart by.
    """

    data: Data
    left_out: list[Rows]
    ahead: Mapping[str, list[Floats]]
    sizes: list[int]
    columns: Mapping[str, list[str]]
    monotone: Mapping[str, int]
    max_bin: int

    @property
    def everybody(self) -> Rows:
        """Return all rows."""
        return np.ones(len(self.data.outcome), dtype=bool)

    @cached_property
    def _scored(self) -> dict[tuple[tuple[tuple[str, Any], ...], int], Floats]:
        """What a search has tried, nobody has to grow again."""
        return {}

    @cached_property
    def _binned(self) -> dict[str, tuple[pd.DataFrame, lgb.Dataset]]:
        return {}

    def scores(self, settings: Mapping[str, Any]) -> Iterator[tuple[Rows, Floats]]:
        """Yield for each fold its rows, and their scores by number of trees.

        Args:
            settings: LightGBM's, and `start`, `trees_read` and `imbalance`.
        """
        asked = tuple(sorted(settings.items()))
        for fold, rows in enumerate(self.left_out):
            if (asked, fold) not in self._scored:
                self._scored[asked, fold] = self._of_fold(settings, fold)
            yield rows, self._scored[asked, fold]

    def grown(
        self, settings: Mapping[str, Any], rows: Rows, ahead: Floats, rounds: int
    ) -> lgb.Booster:
        """Return trees grown from some of the rows."""
        features, binned = self._bins(settings["trees_read"])
        given = {key: each for key, each in settings.items() if key not in NOT_ITS}
        given["rounds"] = rounds
        given["monotone_constraints"] = [
            self.monotone.get(each, 0) for each in features.columns
        ]
        aim = boost.Aim(self.data.outcome, self.data.weight, ahead)
        rows, aim = imbalance.METHODS[settings["imbalance"]](rows, aim)
        return boost.grow(binned, rows, aim, given)

    def unseen(self, settings: Mapping[str, Any]) -> Floats:
        """Return the scores of all rows by number of trees, shape (n, sizes)."""
        found = np.empty((len(self.data.outcome), len(self.sizes)))
        for rows, scores in self.scores(settings):
            found[rows] = scores
        return found

    def best(self, settings: Mapping[str, Any]) -> tuple[float, Floats]:
        """Return the least log-loss for any number of trees, and those scores."""
        scores = self.unseen(settings)
        lost = log_loss(scores, self.data.outcome, self.data.weight)
        size = int(np.argmin(lost))
        return float(lost[size]), scores[:, size]

    def _of_fold(self, settings: Mapping[str, Any], fold: int) -> Floats:
        rows, ahead = self.left_out[fold], self.ahead[settings["start"]][fold]
        grown = self.grown(settings, ~rows, ahead, self.sizes[-1])
        features, _ = self._bins(settings["trees_read"])
        return ahead[rows, None] + boost.added(grown, features[rows], self.sizes)

    def _bins(self, name: str) -> tuple[pd.DataFrame, lgb.Dataset]:
        if name not in self._binned:
            features = self.data.features[self.columns[name]]
            self._binned[name] = features, boost.bins(features, self.max_bin)
        return self._binned[name]


# Settings of ours, and of bins that are there already.
NOT_ITS = {"start", "trees_read", "imbalance", "max_bin"}


def sizes(rounds: int) -> list[int]:
    """Return the numbers of trees to choose from.

    >>> sizes(25)
    [1, 10, 20, 25]
    """
    return sorted({1, *range(STEP, rounds, STEP), rounds})
