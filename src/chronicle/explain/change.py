"""What would the model say of this person with another value: an association.

A change moves the values of the last days (`explain.recent_days`), or the last value
where there is none in them, and what is computed of them: a record could look like
that. Spread and trend stay, since nobody says when the values would have changed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chronicle.core.disease import Disease
from chronicle.core.things import NOTE, title
from chronicle.explain.concepts import Thing
from chronicle.explain.names import known, unit
from chronicle.explain.wanted import Change, ExplainParams

Row = Mapping[str, float]
SUMMARY = re.compile(r"(?P<what>last|mean|min|max)_(?:(?P<days>\d+)d|ever)")


@dataclass(frozen=True)
class Move:
    """How one column follows when the measure changes by d.

    Args:
        column: Its name.
        factor: It becomes value + factor * d; or
        low: the lesser of its value and low + factor * d; or
        to: this, whatever d is.
    """

    column: str
    factor: float = 0.0
    low: float | None = None
    to: float | None = None

    def value(self, before: float, by: float) -> float:
        """Return the column after a change by so much."""
        if self.to is not None:
            return self.to
        moved = (before if self.low is None else self.low) + self.factor * by
        return moved if self.low is None else min(before, moved)


@dataclass(frozen=True)
class Proposal:
    """One change of one person.

    Args:
        name: As in `params.yaml`.
        thing: That changes.
        today: Its value.
        then: What it would be.
        unit: As people write it; empty for an answer.
        moves: Of all columns that follow.
    """

    name: str
    thing: str
    today: float
    then: float
    unit: str
    moves: tuple[Move, ...]

    def row(self, row: Row, then: float | None = None) -> dict[str, float]:
        """Return the columns of the person as they would be."""
        by = (self.then if then is None else then) - self.today
        return dict(row) | {m.column: m.value(row[m.column], by) for m in self.moves}


def levers(settings: ExplainParams, disease: Disease) -> dict[str, Change]:
    """Return what is asked of a disease, by name.

    Only what its file expects the risk to go up with, and nothing of the concept that
    it is defined by: who has a lower HbA1c has less diabetes, and has not prevented it.
    """
    by = {value.measure for each in disease.elements for value in each.values}
    own = [{*things} for things in settings.concepts.values() if by & {*things}]
    found = {}
    for name, change in settings.changes.items():
        thing = change.measure or next(iter(change.answers))
        defining = any(thing in things for things in own)
        if disease.signs.get(thing) == "up" and not defining:
            found[name] = change
    return found


def proposals(
    row: Row,
    things: Sequence[Thing],
    changes: Mapping[str, Change],
    seen: Mapping[str, Mapping[str, Any]],
    recent_days: int,
) -> list[Proposal]:
    """Return what a person could change and the model reads.

    Args:
        row: Values by column, NaN where unknown.
        things: Of the model.
        changes: By name, from `levers`.
        seen: What training patients had, by column: nobody goes below it.
        recent_days: See above.

    Returns:
        Changes for the better: those who are at the goal already are not asked.
    """
    by_name = {each.name: each for each in things}
    found = []
    for name, change in changes.items():
        if change.answers:
            asked = _answers(name, change, row)
        else:
            asked = _measure(name, change, row, by_name, seen, recent_days)
        if asked is not None:
            found.append(asked)
    return found


def told(proposal: Proposal, before: float, after: float) -> dict[str, Any]:
    """Return what a model says of a change.

    Args:
        proposal: The change.
        before: The risk as it is.
        after: The risk with the change.

    Returns:
        `contradiction`: better values and a higher risk. It is told, and no advice.
    """
    return {
        "name": proposal.name,
        "title": title(proposal.thing),
        "today": proposal.today,
        "then": proposal.then,
        "unit": proposal.unit,
        "risk": after,
        "difference": after - before,
        "contradiction": after > before,
        "means": "association",
    }


def _answers(name: str, change: Change, row: Row) -> Proposal | None:
    first, better = next(iter(change.answers.items()))
    today = row.get(first)
    if not known(today) or today == better:
        return None
    if row.get(f"{NOTE}{first}_ever") == 1:
        return None  # a note would say the contrary: no record looks like that
    moves = tuple(Move(c, to=to) for c, to in change.answers.items() if c in row)
    return Proposal(name, first, float(today or 0), better, "", moves)


def _measure(
    name: str,
    change: Change,
    row: Row,
    things: Mapping[str, Thing],
    seen: Mapping[str, Mapping[str, Any]],
    recent_days: int,
) -> Proposal | None:
    measure = things.get(change.measure or "")
    if measure is None or not known(row[measure.lead]):
        return None
    today = row[measure.lead]
    least = seen.get(measure.lead, {}).get("low") or 0.0
    then = max(change.goal or 0.0, today * (1 - change.most), least)
    if then >= today:
        return None
    scales = {measure.name: 1.0} | change.with_it
    for other in change.in_proportion:
        if other in things and known(row[things[other].lead]):
            scales[other] = row[things[other].lead] / today
    moves = [
        move
        for other, scale in scales.items()
        if other in things
        for move in _moves(things[other], row, scale, recent_days)
    ]
    kept_unit = unit(measure.units[measure.lead])
    return Proposal(name, measure.name, today, then, kept_unit, tuple(moves))


def _moves(thing: Thing, row: Row, scale: float, recent_days: int) -> list[Move]:
    """Return how the columns of one thing follow."""
    recent = f"{recent_days}d"
    prefix = f"{thing.name}_"
    moving = max(1.0, row.get(f"{prefix}count_{recent}", 1.0))
    low = row.get(f"{prefix}min_{recent}")
    low = low if known(low) else row[thing.lead]
    found = []
    for column in thing.columns:
        said = SUMMARY.fullmatch(column.removeprefix(prefix))
        if (column != thing.name and said is None) or not known(row[column]):
            continue
        if said is None or said["what"] == "last" or _within(said["days"], recent_days):
            found.append(Move(column, scale))
        elif said["what"] == "min":
            found.append(Move(column, scale, low=low))
        else:
            ending = column.removeprefix(f"{prefix}{said['what']}_")
            every = max(moving, row.get(f"{prefix}count_{ending}", moving))
            # A maximum may be older than what changes, and then it stays.
            share = moving / every if said["what"] == "mean" else float(every == moving)
            found.append(Move(column, scale * share))
    return [move for move in found if move.factor]


def _within(days: str | None, recent_days: int) -> bool:
    return days is not None and int(days) <= recent_days
