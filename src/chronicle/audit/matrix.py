"""What the features are asked: each rule gives what failed, by index rule or disease.

A rule's `narrow` gives rows as `NARROW`: `site` is the index rule or the disease,
`part` the thing or the feature.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from chronicle.audit.alone import Counts, areas
from chronicle.core.allowed import allowed
from chronicle.core.codes import has_code
from chronicle.core.disease import Disease
from chronicle.core.errors import ParamsError
from chronicle.core.expect.entry import NARROW
from chronicle.core.params import Params


@dataclass(frozen=True)
class Built:
    """What is known of the features of one index rule, from counts that add up.

    Args:
        rule: Its name.
        dictionary: What `featurize` says of each feature.
        columns: Of the matrix, without its key.
        codes: All that occur.
        rows: Of the matrix.
        beyond: `part`, `n`, `failed`: see `known.too_much`.
        present: Feature -> index times at which it is neither null nor nought, by
            each group of features that is asked about.
        alone: Disease -> counts; see `alone.counted`.
        patients: Disease -> those with an outcome.
        diseases: Those that are asked by this rule.
    """

    rule: str
    dictionary: Sequence[Mapping[str, Any]]
    columns: tuple[str, ...]
    codes: tuple[str, ...]
    rows: int
    beyond: pl.DataFrame
    present: dict[tuple[str, ...], int]
    alone: dict[str, Counts]
    patients: dict[str, int]
    diseases: dict[str, Disease]


def _rows(some: list[tuple[str, str, int, int]]) -> pl.DataFrame:
    told = [(*each, each[3] / each[2] if each[2] else None) for each in some]
    return pl.DataFrame(told, NARROW, orient="row")


class Known(Params):
    """A feature tells nothing that was not known at its index time.

    Counted apart from `featurize`: nothing is said of what no event was known of, no
    count is more than those events, no value beyond their values, no age below nought.
    """

    kind: Literal["known"]

    def narrow(self, built: Built) -> pl.DataFrame:
        """Count index times by what is told of."""
        return _rows([(built.rule, *each) for each in built.beyond.iter_rows()])


class Own(Params):
    """No feature that a model may read has read a code of its own disease.

    Codes are those that occur, not the patterns by which features are left out.

    Args:
        without_codes: Features that read no event; any other is unexplained.
    """

    kind: Literal["own"]
    without_codes: tuple[str, ...]

    def narrow(self, built: Built) -> pl.DataFrame:
        """Count the features of each disease."""
        codes = pl.DataFrame({"code": built.codes}, {"code": pl.String})
        told = {each["name"]: each for each in built.dictionary}
        reads = {name: _of(codes, each["codes"]) for name, each in told.items()}
        strange = {*built.columns} - {*told}
        strange |= {name for name, each in told.items() if not each["codes"]}
        strange -= {*self.without_codes}
        found = []
        for slug, disease in built.diseases.items():
            own = _of(codes, disease.own)
            may = {*allowed(list(map(dict, built.dictionary)), disease)} | strange
            for name in sorted(may):
                bad = name in strange or bool(reads[name] & own)
                found.append((slug, name, 1, int(bad)))
        return _rows(found)


class Alone(Params):
    """No feature by itself tells the outcome so well; none does by being absent.

    Args:
        auroc: Area under its curve, among index times at which it is known.
        missing_auroc: The same of its being absent.
        least: Patients with an outcome, below which nothing is asked.
    """

    kind: Literal["alone"]
    auroc: float
    missing_auroc: float
    least: int

    def narrow(self, built: Built) -> pl.DataFrame:
        """Count the features of each disease that its model may read."""
        names = [each["name"] for each in built.dictionary]
        found = []
        for slug, counts in built.alone.items():
            if built.patients[slug] < self.least:
                continue
            area, absent = areas(counts)
            # Of few index times at which it is known, any order is likely.
            area[counts[:, 1, :-1].sum(1) < self.least] = np.nan
            bad = (area > self.auroc) | (absent > self.missing_auroc)
            read = {*allowed(list(map(dict, built.dictionary)), built.diseases[slug])}
            found += [
                (slug, name, 1, int(is_bad))
                for name, is_bad in zip(names, bad, strict=True)
                if name in read
            ]
        return _rows(found)


class Available(Params):
    """One of some features is there: neither absent nor nought.

    Args:
        of: A word -> the features.
    """

    kind: Literal["available"]
    of: dict[str, tuple[str, ...]]

    def narrow(self, built: Built) -> pl.DataFrame:
        """Count index times without any."""
        return _rows(
            [
                (built.rule, word, built.rows, built.rows - built.present[names])
                for word, names in self.of.items()
            ]
        )

    def require(self, columns: Sequence[str]) -> None:
        """See that there are such features.

        Raises:
            ParamsError: There is none of that name.
        """
        named = {name for names in self.of.values() for name in names}
        if strange := sorted(named - {*columns}):
            raise ParamsError(
                f"there is no feature {', '.join(strange)}.",
                where="expectations/features.json",
                do="their names are in docs/reference/features.md",
            )


def _of(codes: pl.DataFrame, wanted: Sequence[str]) -> set[str]:
    return set(codes.filter(has_code(tuple(wanted)))["code"]) if wanted else set()
