"""A model's risks of many people, and the parts that make them up."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from chronicle.core.model import predict
from chronicle.core.things import title
from chronicle.explain.concepts import Groups
from chronicle.explain.facts import asks, fact, sentence, spoken
from chronicle.explain.parts import Floats, expit, in_risk, level, secant
from chronicle.explain.wanted import Range

# Less than a tenth of a point is no reason, and is summed up as the rest.
LEAST_PART = 0.0005


@dataclass(frozen=True)
class Explained:
    """Risks and reasons of n people.

    Args:
        groups: Of the k columns.
        features: Shape (n, k).
        risk: Shape (n,).
        log_odds: Parts of the columns, shape (n, k).
        base: What everybody has, in log-odds.
    """

    groups: Groups
    features: pd.DataFrame
    risk: Floats
    log_odds: Floats
    base: float

    @cached_property
    def things(self) -> Floats:
        """Parts of things in log-odds, shape (n, g)."""
        return self.groups.by_thing(self.log_odds)

    @cached_property
    def parts(self) -> Floats:
        """Parts of things in the risk, shape (n, g): with the base risk they are it."""
        return in_risk(self.base, self.things)

    @cached_property
    def lines(self) -> Floats:
        """Parts of facts in the risk, shape (n, f): what several things tell is one."""
        return self.groups.by_fact(self.parts)

    @cached_property
    def asking(self) -> Floats:
        """What of `parts` tells how often something was measured, shape (n, g)."""
        mask = np.array([asks(each) for each in self.features.columns], float)
        asked = self.groups.by_thing(self.log_odds * mask)
        return asked * secant(self.base, self.things.sum(axis=1))[:, None]

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Whether the lead column of each thing has a value, shape (n, g)."""
        leads = [each.lead for each in self.groups.things]
        return self.features[leads].notna().to_numpy()

    @cached_property
    def _names(self) -> list[str]:
        return [str(each) for each in self.features.columns]

    @cached_property
    def _values(self) -> Floats:
        return self.features.to_numpy(float)

    @property
    def base_risk(self) -> float:
        """Return what everybody has."""
        return float(expit(np.array(self.base)))

    def row(self, at: int) -> dict[str, float]:
        """Return the columns of one person; NaN where unknown."""
        return dict(zip(self._names, self._values[at].tolist(), strict=True))

    def reason(
        self, at: int, line: int, row: Mapping[str, float], ranges: Mapping[str, Range]
    ) -> dict[str, Any]:
        """Return one reason of one person: `thing` is said, `also` is in its part.

        Args:
            at: Of the n.
            line: Of the f.
            row: From `row`.
            ranges: Reference ranges, by thing.
        """
        those = self.groups.facts[line]
        named = [self.groups.things[each] for each in those]
        said = spoken([(each, fact(each, row, ranges)) for each in named])
        first, found = said[0]
        part = float(self.lines[at, line])
        return {
            "thing": first.name,
            "also": [each.name for each in named if each != first],
            "title": title(first.name),
            "kind": first.kind,
            "part": part,
            "of_asking": float(self.asking[at, list(those)].sum()),
            "fact": found,
            "sentence": sentence(said, part),
        }

    def reasons(
        self, at: int, ranges: Mapping[str, Range], beside: Mapping[str, float]
    ) -> dict[str, Any]:
        """Return why the risk of one person is what it is.

        Args:
            at: Of the n.
            ranges: Reference ranges, by thing.
            beside: Columns that the model does not read, from `facts.dates`.

        Returns:
            `risk`, `base_risk` and `concepts`, greatest first: each with its `part` of
            the risk, `reasons` and the `rest` that is too little to be named. All
            parts and the base risk add up to the risk.
        """
        row = {**beside, **self.row(at)}
        found: dict[str, list[dict[str, Any]]] = {n: [] for n in self.groups.concepts}
        rest = dict.fromkeys(found, 0.0)
        for i, those in enumerate(self.groups.facts):
            part = float(self.lines[at, i])
            concept = self.groups.concepts[self.groups.concept_of[those[0]]]
            if abs(part) < LEAST_PART:
                rest[concept] += part
                continue
            found[concept].append(self.reason(at, i, row, ranges))
        concepts = map(_concept, found.items(), rest.values())
        return {
            "risk": float(self.risk[at]),
            "base_risk": self.base_risk,
            "concepts": sorted((e for e in concepts if e["part"]), key=_first),
        }


def explained(
    model: Path, about: Mapping[str, Any], features: pd.DataFrame, groups: Groups
) -> Explained:
    """Apply a model.

    Args:
        model: LightGBM's text form.
        about: `model.json`.
        features: Shape (n, k).
        groups: Of its columns.
    """
    risk, log_odds = predict(model, features, about)
    return Explained(groups, features, risk, log_odds, level(risk, log_odds))


def risks_of(model: Path, about: Mapping[str, Any], features: pd.DataFrame) -> Floats:
    """Return the risks alone, shape (n,)."""
    return predict(model, features, about)[0]


def _concept(named: tuple[str, list[dict[str, Any]]], rest: float) -> dict[str, Any]:
    name, reasons = named
    return {
        "name": name,
        "title": title(name),
        "part": sum(each["part"] for each in reasons) + rest,
        "reasons": sorted(reasons, key=_first),
        "rest": rest,
    }


def _first(told: Mapping[str, Any]) -> tuple[float, str]:
    return -abs(told["part"]), told.get("name") or told["thing"]
