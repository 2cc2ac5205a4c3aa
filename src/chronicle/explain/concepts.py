"""Which feature tells of which thing, and which thing belongs to which concept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chronicle.core.errors import ParamsError
from chronicle.core.things import NOTE
from chronicle.explain.parts import Floats
from chronicle.explain.wanted import ExplainParams

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Thing:
    """What several columns tell of.

    Args:
        name: As in `params.yaml`.
        kind: who, measure, derived, answer, history, drug, count or score.
        columns: Those that the model reads.
        units: UCUM, of each column.
    """

    name: str
    kind: str
    columns: tuple[str, ...]
    units: Mapping[str, str]

    @property
    def lead(self) -> str:
        """Return the column that says most plainly what there is."""
        ways = [f"{self.name}_last_ever", f"{self.name}_active", f"{self.name}_ever"]
        return next((each for each in ways if each in self.columns), self.columns[-1])


@dataclass(frozen=True)
class Groups:
    """The columns of a model, in groups.

    Args:
        things: In the order of the columns.
        concepts: Those that have a thing, in the order of `params.yaml`.
        thing_of: Of each column, shape (k,).
        concept_of: Of each thing, shape (g,).
        facts: Things that tell of the same, by place; each thing is in one.
    """

    things: tuple[Thing, ...]
    concepts: tuple[str, ...]
    thing_of: Ints
    concept_of: Ints
    facts: tuple[tuple[int, ...], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return all columns, thing by thing."""
        return tuple(name for thing in self.things for name in thing.columns)

    def by_thing(self, parts: Floats) -> Floats:
        """Sum the parts of columns, shape (n, k) to (n, g)."""
        return _summed(parts, self.thing_of, len(self.things))

    def by_concept(self, parts: Floats) -> Floats:
        """Sum the parts of things, shape (n, g) to (n, c)."""
        return _summed(parts, self.concept_of, len(self.concepts))

    def by_fact(self, parts: Floats) -> Floats:
        """Sum the parts of things, shape (n, g) to (n, f)."""
        group = np.zeros(len(self.things), int)
        for number, those in enumerate(self.facts):
            group[list(those)] = number
        return _summed(parts, group, len(self.facts))

    def concept(self, thing: str) -> str:
        """Return the concept of a thing."""
        at = [each.name for each in self.things].index(thing)
        return self.concepts[int(self.concept_of[at])]


def grouped(
    dictionary: Sequence[Mapping[str, Any]],
    features: Sequence[str],
    settings: ExplainParams,
) -> Groups:
    """Group the columns of a model.

    Args:
        dictionary: What `featurize` wrote of each column.
        features: Those that the model reads, in its order.
        settings: Which concept a thing belongs to, and which things tell of the same;
            what a note says is the same as what it says it of.

    Raises:
        ParamsError: A thing belongs to no concept.
    """
    told = {each["name"]: each for each in dictionary}
    columns: dict[str, list[str]] = {}
    for name in features:
        columns.setdefault(told[name]["thing"], []).append(name)
    concepts = settings.concepts
    concept = {thing: name for name, things in concepts.items() for thing in things}
    homeless = [thing for thing in columns if thing not in concept]
    if homeless:
        raise ParamsError(
            f"no concept has {', '.join(homeless)}.",
            where="params.yaml: explain.concepts",
            do="add each to the concept under which a clinician would look for it",
        )
    used = tuple(
        n for n, things in concepts.items() if any(t in columns for t in things)
    )
    place = {thing: i for i, thing in enumerate(columns)}
    return Groups(
        tuple(_thing(name, names, told) for name, names in columns.items()),
        used,
        np.array([place[told[name]["thing"]] for name in features], int),
        np.array([used.index(concept[thing]) for thing in columns], int),
        _facts(list(columns), concept, settings.facts),
    )


def _facts(
    things: list[str], concept: Mapping[str, str], facts: Mapping[str, Sequence[str]]
) -> tuple[tuple[int, ...], ...]:
    """Return the places of things that tell of the same, the first ones first."""
    names = {thing: name for name, those in facts.items() for thing in those}
    found: dict[tuple[str, str], list[int]] = {}
    for place, thing in enumerate(things):
        plain = thing.removeprefix(NOTE)
        key = (concept[thing], names.get(plain, plain))
        found.setdefault(key, []).append(place)
    return tuple(map(tuple, found.values()))


def _thing(name: str, columns: list[str], told: Mapping[str, Any]) -> Thing:
    first = told[columns[0]]
    kind = str(first.get("kind") or _kind(name, columns, first.get("meaning", "")))
    units = {each: str(told[each].get("unit", "1")) for each in columns}
    return Thing(name, kind, tuple(columns), units)


def _kind(name: str, columns: list[str], meaning: str) -> str:
    """Tell the kind of a thing by its columns, where the dictionary does not say it."""
    for ending, kind in (("last_ever", "measure"), ("active", "drug")):
        if f"{name}_{ending}" in columns:
            return kind
    if f"{name}_ever" in columns:
        return "history"
    if columns == [name]:
        return "answer" if "answer" in meaning else "derived"
    return "who" if len(columns) == 1 else "count"


def _summed(parts: Floats, group_of: Ints, number: int) -> Floats:
    """Sum columns by group, in the order of the columns: the same bits everywhere."""
    found = np.zeros((len(parts), number))
    for column, group in enumerate(group_of):
        found[:, group] += parts[:, column]
    return found
