"""Trees that add to a baseline, and what they say of people whom they have not seen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

from chronicle.train import boost, imbalance
from chronicle.train.data import Data, log_loss
from chronicle.train.folds import Floats, Rows

STEP = 10  # rounds between two candidates
PATIENCE = 3  # candidates that are no better, after which no more are tried


@dataclass(frozen=True)
class Trees:
    """All that a trial needs: rows, folds, the score to start from, and bins.

    Args:
        data: Rows of all training patients.
        left_out: Folds.
        ahead: For each fold: the score of all rows that trees add to, by baselines
            that were fitted on the others, shape (n,).
        sizes: Numbers of trees to choose from.
        columns: Sets of columns that trees may read, by name.
        monotone: 1 for features whose risk may only rise with them, -1 for only fall.
        max_bin: Steps that the values of a column are told apart by.
    """

    data: Data
    left_out: list[Rows]
    ahead: list[Floats]
    sizes: list[int]
    columns: Mapping[str, list[str]]
    monotone: Mapping[str, int]
    max_bin: int

    @property
    def everybody(self) -> Rows:
        """Return all rows."""
        return np.ones(len(self.data.outcome), dtype=bool)

    @cached_property
    def start(self) -> Floats:
        """Return the scores that trees add to, of people not seen, shape (n,)."""
        found = np.empty(len(self.data.outcome))
        for rows, score in zip(self.left_out, self.ahead, strict=True):
            found[rows] = score[rows]
        return found

    @cached_property
    def _scored(self) -> dict[tuple[tuple[tuple[str, Any], ...], int], Floats]:
        """What a search has tried, nobody has to grow again."""
        return {}

    @cached_property
    def _unseen(self) -> dict[tuple[tuple[str, Any], ...], Floats]:
        return {}

    @cached_property
    def _binned(self) -> dict[str, tuple[pd.DataFrame, lgb.Dataset]]:
        return {}

    def scores(self, settings: Mapping[str, Any]) -> Iterator[tuple[Rows, Floats]]:
        """Yield for each fold its rows, and their scores by number of trees.

        Args:
            settings: LightGBM's, and `trees_read` and `imbalance`.
        """
        asked = tuple(sorted(settings.items()))
        for fold, rows in enumerate(self.left_out):
            if (asked, fold) not in self._scored:
                every = list(self._growing(settings, fold))
                self._scored[asked, fold] = np.column_stack(every)
            yield rows, self._scored[asked, fold]

    def grown(
        self,
        settings: Mapping[str, Any],
        rows: Rows,
        ahead: Floats,
        rounds: int,
        *,
        on: bool = False,
    ) -> lgb.Booster:
        """Return trees grown from some of the rows; more may be added where `on`."""
        features, binned = self._bins(settings["trees_read"])
        given = {key: each for key, each in settings.items() if key not in NOT_ITS}
        given["rounds"] = rounds
        given["monotone_constraints"] = [
            self.monotone.get(each, 0) for each in features.columns
        ]
        rows, aim = self._aim(settings, rows, ahead)
        grown = boost.grow(binned, rows, aim, given, on=on)
        if "share" in settings:
            boost.shrink(grown, settings["share"])
        return grown

    def unseen(self, settings: Mapping[str, Any]) -> Floats:
        """Return the scores of all rows by number of trees, shape (n, k).

        There are as many numbers of trees as it took to see that more do not help.
        """
        asked = tuple(sorted(settings.items()))
        if asked not in self._unseen:
            self._unseen[asked] = self._while_it_helps(settings)
        return self._unseen[asked]

    def best(self, settings: Mapping[str, Any]) -> tuple[float, Floats]:
        """Return the least log-loss for any number of trees, and those scores."""
        scores = self.unseen(settings)
        lost = log_loss(scores, self.data.outcome, self.data.weight)
        size = int(np.argmin(lost))
        return float(lost[size]), scores[:, size]

    def _while_it_helps(self, settings: Mapping[str, Any]) -> Floats:
        folds = [self._growing(settings, fold) for fold in range(len(self.left_out))]
        found = np.empty((len(self.data.outcome), len(self.sizes)))
        best, least = 0, np.inf
        for at, parts in enumerate(zip(*folds, strict=True)):
            for rows, part in zip(self.left_out, parts, strict=True):
                found[rows, at] = part
            lost = log_loss(found[:, [at]], self.data.outcome, self.data.weight)
            if lost[0] < least:
                best, least = at, float(lost[0])
            if at - best == PATIENCE:
                break
        return found[:, : at + 1]

    def _growing(self, settings: Mapping[str, Any], fold: int) -> Iterator[Floats]:
        """Yield the scores of a fold, one number of trees after the other."""
        rows, score = self.left_out[fold], self.ahead[fold]
        features = self._bins(settings["trees_read"])[0][rows]
        _, aim = self._aim(settings, ~rows, score)
        grown = self.grown(settings, ~rows, score, self.sizes[0], on=True)
        score = score[rows]
        for last, size in pairwise([0, *self.sizes]):
            while grown.current_iteration() < size:
                grown.update(fobj=aim.slope)
            score = score + boost.added(grown, features, last, size)
            yield score

    def _aim(
        self, settings: Mapping[str, Any], rows: Rows, ahead: Floats
    ) -> tuple[Rows, boost.Aim]:
        aim = boost.Aim(self.data.outcome, self.data.weight, ahead)
        return imbalance.METHODS[settings["imbalance"]](rows, aim)

    def _bins(self, name: str) -> tuple[pd.DataFrame, lgb.Dataset]:
        if name not in self._binned:
            features = self.data.features[self.columns[name]]
            self._binned[name] = features, boost.bins(features, self.max_bin)
        return self._binned[name]


# Settings of ours, and of bins that are there already.
NOT_ITS = {"trees_read", "imbalance", "max_bin", "share"}


def sizes(rounds: int) -> list[int]:
    """Return the numbers of trees to choose from.

    >>> sizes(25)
    [1, 10, 20, 25]
    """
    return sorted({1, *range(STEP, rounds, STEP), rounds})
