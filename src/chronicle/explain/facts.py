"""The fact behind a reason: what is known of a thing, as data and in words."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from chronicle.core.things import NOTE, title
from chronicle.explain.concepts import Groups, Thing
from chronicle.explain.names import (
    ago,
    digits,
    known,
    number,
    percent,
    points,
    span,
    unit,
)
from chronicle.explain.wanted import Limits, Range

Row = Mapping[str, float]  # a column's value; NaN where unknown
Fact = dict[str, Any]
TREND_WINDOWS = ("1095d", "ever", "365d")
# What tells that somebody looked, not what was found.
ASKING = ("_since_days",)


def fact(thing: Thing, row: Row, ranges: Mapping[str, Range]) -> Fact:
    """Return what is known of a thing.

    Args:
        thing: See `Thing`.
        row: The columns of the model, of one person.
        ranges: Reference ranges, by thing.

    Returns:
        `value` and `unit`; of a measure also `days_before`, `change_a_year` and
        `range`: low, high, or inside, beside `reference`; of a record `days_before`
        (the first), of a drug `active`. What is not known is not there.
    """
    return _KINDS.get(thing.kind, _plain)(thing, row, ranges)


def sentence(said: Sequence[tuple[Thing, Fact]], part: float) -> str:
    """Return a reason in words, as `HbA1c 6.3 %, 41 days before: +6.0 points`.

    Args:
        said: Things and what is known of them, from `fact`; those of `spoken`.
        part: Of the risk, 0 to 1.
    """
    return f"{'; '.join(told(*each) for each in said)}: {points(part)}"


def spoken(found: Sequence[tuple[Thing, Fact]]) -> list[tuple[Thing, Fact]]:
    """Choose what is said where several things tell of the same.

    What is there goes before what is not; a code or an answer before a note that says
    the same; of answers to one question, or numbers of one measure, only the first.

    Args:
        found: Things and what is known of them.

    Returns:
        One at least, in the same order.
    """
    there = [each for each in found if _there(*each)]
    names = {thing.name for thing, _ in there}
    more = [t.name for t, _ in there if t.kind not in ("history", "drug")][1:]
    said = [
        each
        for each in there
        if each[0].name.removeprefix(NOTE) not in names - {each[0].name}
        and each[0].name not in more
    ]
    coded = [each for each in found if not each[0].name.startswith(NOTE)]
    return said or [e for e in coded if "value" in e[1]] or [*coded, *found][:1]


def told(thing: Thing, found: Fact) -> str:
    """Return a fact in words."""
    name = title(thing.name)
    if thing.kind == "drug":
        return _drug(name, found)
    if thing.kind == "history":
        since = found.get("days_before")
        first = "" if since is None else f", first {ago(since)}"
        if thing.name.startswith(NOTE) and not found["value"]:
            return f"in no note: {title(thing.name.removeprefix(NOTE))}"
        return f"{name} recorded{first}" if found["value"] else f"no {name} recorded"
    if thing.kind == "count":
        return f"{name} in {span(found['window_days'])}: {number(found['value'], 0)}"
    if "value" not in found:
        return f"{name} not known"
    if thing.name == "gender":
        return "female" if found["value"] == 1 else "male"
    if thing.kind == "score":
        return f"published score {name}: {percent(found['value'])}"
    if thing.kind == "answer":
        return f"{name}: {'yes' if found['value'] else 'no'}"
    if thing.name == "age":
        return f"{name} {int(found['value'])} years"  # 81 until the birthday
    return name + _number(found)


def dates(groups: Groups, made: Collection[str]) -> list[str]:
    """Return columns that say when something was measured, and no part of the risk.

    Args:
        groups: Of the columns of a model.
        made: All columns.
    """
    ways = [f"{each.name}{ASKING[0]}" for each in groups.things]
    return [each for each in ways if each in made and each not in {*groups.columns}]


def asks(column: str) -> bool:
    """Tell whether a column of a measure tells how often, not what, was measured.

    >>> asks("ldl_count_365d"), asks("ldl_last_365d")
    (True, False)
    """
    return column.endswith(ASKING) or "_count_" in column


def _measure(thing: Thing, row: Row, ranges: Mapping[str, Range]) -> Fact:
    found = _plain(thing, row, ranges)
    if "value" in found and known(row.get(f"{thing.name}_since_days")):
        found["days_before"] = float(row[f"{thing.name}_since_days"])
    for window in TREND_WINDOWS:
        slope = row.get(f"{thing.name}_slope_{window}")
        if known(slope):
            return found | {"change_a_year": float(slope or 0)}
    return found


def _plain(thing: Thing, row: Row, ranges: Mapping[str, Range]) -> Fact:
    value = row.get(thing.lead)
    if not known(value):
        return {}
    found: Fact = {"value": float(value or 0), "unit": unit(thing.units[thing.lead])}
    if thing.name in ranges:
        found |= _against(found["value"], ranges[thing.name].of(row.get("female")))
    return found


def _against(value: float, limits: Limits) -> Fact:
    if limits.high is not None and value > limits.high:
        where = "high"
    elif limits.low is not None and value < limits.low:
        where = "low"
    else:
        where = "inside"
    return {"range": where, "reference": limits.model_dump(exclude_none=True)}


def _history(thing: Thing, row: Row, _: Mapping[str, Range]) -> Fact:
    found: Fact = {"value": float(row.get(thing.lead, 0))}
    since = row.get(f"{thing.name}_since_first_days")
    return found | ({"days_before": float(since or 0)} if known(since) else {})


def _taken(thing: Thing, row: Row, _: Mapping[str, Range]) -> Fact:
    ever = row.get(f"{thing.name}_ever", 0.0)
    return {"value": float(ever), "active": row.get(f"{thing.name}_active", 0.0) > 0}


def _count(thing: Thing, row: Row, _: Mapping[str, Range]) -> Fact:
    days = int(thing.lead.rpartition("_")[2].rstrip("d"))
    return {"value": float(row[thing.lead]), "window_days": days}


_KINDS: Mapping[str, Callable[[Thing, Row, Mapping[str, Range]], Fact]] = {
    "measure": _measure,
    "history": _history,
    "drug": _taken,
    "count": _count,
}


def _there(thing: Thing, found: Fact) -> bool:
    if thing.kind in ("history", "answer", "drug"):
        return bool(found.get("value"))
    return "value" in found


def _drug(name: str, found: Fact) -> str:
    if found["active"]:
        return f"takes {name}"
    return f"took {name} earlier" if found["value"] else f"no {name} recorded"


def _number(found: Fact) -> str:
    places = digits(found["value"])
    words = f" {number(found['value'], places)} {found['unit']}".rstrip()
    if found.get("range") in ("high", "low"):
        words += f" ({found['range']}; reference {reference(found['reference'])})"
    if "days_before" in found:
        days = found["days_before"]
        words += f", {ago(days)}"
    change = round(found.get("change_a_year", 0.0), places)
    if change:
        way = "rising" if change > 0 else "falling"
        words += f", {way} {number(abs(change), places)} a year"
    return words


def reference(limits: Mapping[str, float]) -> str:
    """Return a range in words.

    >>> reference({"high": 5.6}), reference({"low": 3.5, "high": 5})
    ('up to 5.6', '3.5 to 5')
    """
    low, high = limits.get("low"), limits.get("high")
    if low is None:
        return f"up to {high:g}"
    return f"from {low:g}" if high is None else f"{low:g} to {high:g}"
