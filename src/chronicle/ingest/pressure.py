"""Blood pressure: typed ("BP: 132 / 84 mmHg (L arm)"), or with its parts exchanged."""

import re
from typing import NamedTuple

from msgspec.structs import replace

from chronicle.ingest import measures
from chronicle.ingest.source import Event

SYSTOLIC = "LOINC//8480-6"
DIASTOLIC = "LOINC//8462-4"
PANELS = frozenset(f"LOINC//{each}" for each in ("85354-9", "55284-4", "35094-2"))
UNIT = "mm[Hg]"

# What the two usually differ by; measurements.csv, notes on the diastolic.
PULSE = (15, 130)
LONGEST = 200  # characters; a longer text is a letter, not a reading
# Neither number may be part of a longer one, of a decimal or of a date.
PAIR = re.compile(
    r"(?<![\d/.,])(?P<s>\d{2,3})\s{0,4}(?:/|\\|over|-on-|sur)\s{0,4}"
    r"(?P<d>\d{2,3})(?!\d|[.,]\d|\s{0,4}[/\\]\s{0,4}\d)",
    re.ASCII | re.IGNORECASE,
)
AFTER_A_SLASH = re.compile(r"\d\s{0,4}[/\\]\s{0,4}$", re.ASCII)
# kPa and cmHg make other numbers; typed by hand they are too rare to be guessed at.
OTHER_UNIT = re.compile(r"\bk\s?pa\b|\bcm\s?\[?hg", re.ASCII | re.IGNORECASE)


class Pressure(NamedTuple):
    """A reading in mm[Hg]."""

    systolic: float
    diastolic: float


def read(text: str) -> Pressure | None:
    """Return the reading in a text; None where there is none, or more than one.

    A date is none ("10/12/2023"), nor a fraction ("1/2 tablet") or a score ("6/10").

    >>> read("visit 03/14/2021 BP 118/76")
    Pressure(systolic=118.0, diastolic=76.0)
    """
    if len(text) > LONGEST or OTHER_UNIT.search(text):
        return None
    found = {
        (int(pair["s"]), int(pair["d"]))
        for pair in PAIR.finditer(text)
        if not AFTER_A_SLASH.search(text[: pair.start()])
    }
    likely = [Pressure(s, d) for s, d in found if s > d >= 20 and s <= 300]
    return Pressure(*map(float, likely[0])) if len(likely) == 1 else None


def righted(parts: list[Event]) -> list[Event]:
    """Return the two parts of a reading, exchanged where they can only be meant so.

    Where they are exchanged and still no usual pressure, or are equal, neither is one.
    What the source wrote stays where it wrote it.
    """
    one, other = parts
    if {one.code, other.code} != {SYSTOLIC, DIASTOLIC}:
        return parts
    high, low = (one, other) if one.code == SYSTOLIC else (other, one)
    if high.numeric_value is None or low.numeric_value is None:
        return parts
    if high.numeric_value > low.numeric_value:
        return parts
    meant = {SYSTOLIC: low.numeric_value, DIASTOLIC: high.numeric_value}
    pulse = low.numeric_value - high.numeric_value
    if PULSE[0] <= pulse <= PULSE[1] and all(map(_usual, meant, meant.values())):
        return [
            replace(each, numeric_value=meant[each.code], value_fate="swapped")
            for each in parts
        ]
    return [
        replace(each, numeric_value=None, unit=None, value_fate="impossible")
        for each in parts
    ]


def _usual(code: str, value: float) -> bool:
    measure = measures.of(code)
    return measure is not None and measure.soft[0] <= value <= measure.soft[1]
