"""The number that belongs to a name: "EF 55-60%", "BP 142 over 88", "30 pack-years"."""

import re
from typing import NamedTuple

from chronicle.ingest.notes.vocabulary import Number, Unit

# At most ten signs or words that may stand between, none of which holds another: no
# text makes this slow.
_BETWEEN = re.compile(
    r"(?:[\s:=~<>≈≤≥(),!*|^]|-(?!\d)|\b(?:of|is|was|at|to|be|estimated|approximately|about|"
    r"around|only|score|measured|now|today|currently|level|value|reading|result|came|"
    r"preserved|reduced|normal|borderline|mildly|moderately|severely|range|between|less|"
    r"than|greater|above|below|under|over|goal|target|in|the|on|this|visit|and|stable|up|"
    r"down|from|back|c|cholesterol|calculated|by|echo|remains|equals|last)\b){0,10}",
    re.IGNORECASE,
)
# What was measured then is not of today: "A1c (10/12/2014) 7.1"; nor is "A1c 6 months".
_TIME = re.compile(
    r"\d{1,4}([/.-])\d{1,2}\1\d{1,4}|\d{1,2}/\d{4}|\d{1,2}\s?(?:jan(?:uary)?|"
    r"feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may\s\d{4}|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
    r"|\d{1,3}(?:\s?(?:-|to)\s?\d{1,3})?\s?"
    r"(?:days?|weeks?|wks?|months?|mos?|years?|yrs?|hours?|hrs?|minutes?)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(-?\d{1,4}(?:[.,]\d{1,3})?)(?![\d:])")
_RANGE = re.compile(r"\s?%?\s?(?:-|–|to)\s?(\d{1,3}(?:\.\d{1,2})?)(?![\d/])")  # noqa: RUF001
_PAIR = re.compile(r"(\d{2,3})\s?(?:/|over)\s?(\d{2,3})(?!\d)", re.IGNORECASE)
_UNIT = re.compile(r"\s?(%|[A-Za-zµμ]{1,12}(?:/[A-Za-z]{1,4}2?)?)")
_BEFORE = re.compile(r"(\d{1,3}(?:\.\d)?)[\s+-]{0,3}$")
AS_WRITTEN = Unit()


class Reading(NamedTuple):
    """What was read: the values, one or two, and the text that says so."""

    values: tuple[float, ...]
    start: int
    end: int


def reading(text: str, start: int, end: int, stop: int, kind: Number) -> Reading | None:
    """Return the number of the name at text[start:end]; None where there is none.

    Args:
        text: The note.
        start: Where the name begins.
        end: Where it ends.
        stop: Where its sentence ends.
        kind: What the name is the name of.
    """
    if kind.behind:
        found = _BEFORE.search(text, max(0, start - 8), start)
        if found is not None:
            value = float(found[1])
            return (
                Reading((value,), found.start(), end) if _sound(value, kind) else None
            )
    between = _BETWEEN.match(text, end, stop)
    at = end if between is None else between.end()
    return (
        _pair(text, start, at, stop) if kind.pair else _one(text, start, at, stop, kind)
    )


def _pair(text: str, start: int, at: int, stop: int) -> Reading | None:
    found = _PAIR.match(text, at, stop)
    if found is None:
        return None
    return Reading((float(found[1]), float(found[2])), start, found.end())


def _one(text: str, start: int, at: int, stop: int, kind: Number) -> Reading | None:
    found = _NUMBER.match(text, at, stop)
    if found is None or _TIME.match(text, at, stop):
        return None
    value, end = float(found[1].replace(",", ".")), found.end()
    higher = _RANGE.match(text, end, stop)
    if higher is not None and float(higher[1]) > value:
        value, end = (value + float(higher[1])) / 2, higher.end()
    unit = AS_WRITTEN
    written = _UNIT.match(text, end, stop)
    known = None if written is None else kind.units.get(written[1].lower())
    if known is not None and written is not None:
        unit, end = known, written.end()
    elif kind.unit_needed:
        return None
    value = round(value * unit.times + unit.plus, 4)
    return Reading((value,), start, end) if _sound(value, kind) else None


def _sound(value: float, kind: Number) -> bool:
    lowest, highest = kind.between
    return lowest <= value <= highest
