"""One unit for each measure: what a lab writes, what that means, and what is kept.

Tables, ours, beside this file: `unit_aliases.csv` (how sites spell a unit),
`unit_conversions.csv` (factor and offset, with their basis); `measures.py` says which
unit a measure is kept in and what is possible.
"""

import unicodedata
from functools import cache, lru_cache
from math import inf
from typing import NamedTuple

from chronicle.ingest import measures
from chronicle.ingest.measures import Measure

# Numbers that stand for "no value". 9 and 99 are none: they are values of too much.
FILLERS = frozenset((0.0, -1.0, 999.0, 9999.0, 99999.0, 999.9, 9999.9, 1e-6))

LONGEST_UNIT = 32  # characters, blanks included


class Measured(NamedTuple):
    """A number in its unit, and what was done to get there."""

    value: float | None
    unit: str | None
    fate: str


class Rule(NamedTuple):
    """What is done to every number of one code in one unit.

    Args:
        fate: The word for it.
        unit: UCUM unit of the result; None where it is not known.
        factor: None where a number cannot be brought to the unit that is kept.
        offset: Added after multiplying.
        hard: What no living person exceeds.
        soft: What few exceed.
        torn: The code counts molecules and the unit weighs them, or the reverse.
    """

    fate: str
    unit: str | None = None
    factor: float | None = None
    offset: float = 0.0
    hard: tuple[float, float] = (-inf, inf)
    soft: tuple[float, float] = (-inf, inf)
    torn: bool = False


def to_kept_unit(
    code: str, value: float, unit: str | None, coded: str | None = None
) -> Measured:
    """Bring a measurement to the unit in which its measure is kept.

    Args:
        code: `LOINC//…`; other codes have no measure, and their unit is only spelled
            the UCUM way.
        value: As the source gave it.
        unit: As the source wrote it for people; None where it wrote none.
        coded: As it wrote it for machines, where it did.

    Returns:
        Value, UCUM unit and fate: `kept`, `converted`, `no-measure`; or a null value
        and `unit-missing`, `unit-unknown`, `unit-conflict` (a number in an unsure unit
        is no number), `impossible` or `sentinel`.

    >>> to_kept_unit("LOINC//4548-4", 53.0, "mmol/mol").fate
    'converted'
    """
    return judged(value, rule_of(code, unit, coded))


def judged(value: float, rule: Rule) -> Measured:
    """Convert a number, unless what comes out is no value of its measure."""
    if rule.factor is None:
        return Measured(None, None, rule.fate)
    number = value * rule.factor + rule.offset
    least, most = rule.soft
    if least <= number <= most:
        return Measured(number, rule.unit, rule.fate)
    if value in FILLERS:
        return Measured(None, None, "sentinel")
    if not rule.hard[0] <= number <= rule.hard[1]:
        return Measured(None, None, "impossible")
    if rule.torn:  # One of the two is wrong, and the odd number says so.
        return Measured(None, None, "unit-conflict")
    return Measured(number, rule.unit, rule.fate)


# Sites write the same few thousand pairs of code and unit over and over; bounded,
# because a hostile one need not.
@lru_cache(maxsize=1 << 16)
def rule_of(code: str, unit: str | None, coded: str | None = None) -> Rule:
    """Return what is done to every number of a code in a unit; see `to_kept_unit`."""
    stated = [each for each in (coded, unit) if each and _says_something(each)]
    measure = measures.of(code)
    if measure is None:
        meant = [spelled(each) for each in stated]
        return Rule("no-measure", next((each[0] for each in meant if each), None), 1.0)
    if not stated:
        missing = Rule("unit-missing")
        return within(measure, "kept", 1.0) if measure.unitless else missing
    known = [found for each in stated if (found := _known(measure, each))]
    if not known:
        return Rule("unit-unknown")
    if len({conversions(measure)[each] for each in known}) > 1:
        return Rule("unit-conflict")
    factor, offset = conversions(measure)[known[0]]
    fate = "kept" if known[0] == measure.unit else "converted"
    by_mole = measures.by_mole(code)
    torn = by_mole is not None and by_mole != measures.counts_molecules(known[0])
    return within(measure, fate, factor, offset)._replace(torn=torn)


def within(measure: Measure, fate: str, factor: float, offset: float = 0.0) -> Rule:
    """Return the rule of a measure: its unit and its limits."""
    return Rule(fate, measure.unit, factor, offset, measure.hard, measure.soft)


def conversions(measure: Measure) -> dict[str, tuple[float, float]]:
    """Return the UCUM units of a measure, each with factor and offset."""
    return _conversions().get(measure.name, {}) | {measure.unit: (1.0, 0.0)}


def spelled(text: str) -> tuple[str, ...]:
    """Return the UCUM units that a spelling may mean; empty where nobody knows it.

    Where a site's own letters are known, they decide; otherwise case, spaces and the
    two micro signs do not matter.

    >>> spelled("MG / DL"), spelled("furlongs"), spelled("G/L")
    (('mg/dL',), (), ('g/L', '10*9/L'))
    """
    found = _aliases().get(text.strip())
    return found or _folded().get(_fold(text), ())


def is_spelling(text: str) -> bool:
    """Tell whether a unit table of ours has a text, so that it names nobody.

    >>> is_spelling("MG / DL"), is_spelling("N/A"), is_spelling("Zebulon")
    (True, True, False)
    """
    short = len(text) <= LONGEST_UNIT
    return short and bool(spelled(text) or not _says_something(text))


def _says_something(text: str) -> bool:
    # "N/A", "unknown", "1": in our table, with no unit beside them.
    return text.strip() not in _silent() and _fold(text) not in _silent()


def _known(measure: Measure, text: str) -> str | None:
    possible = conversions(measure)
    found = [each for each in (*spelled(text), text.strip()) if each in possible]
    return found[0] if found and len({possible[each] for each in found}) == 1 else None


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text[:64]).casefold().split())


@cache
def _aliases() -> dict[str, tuple[str, ...]]:
    return _gathered([(row["raw_unit"], row["ucum"]) for row in _spellings()])


@cache
def _folded() -> dict[str, tuple[str, ...]]:
    return _gathered([(_fold(row["raw_unit"]), row["ucum"]) for row in _spellings()])


def _gathered(pairs: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for raw, ucum in pairs:
        if ucum:
            found[raw] = tuple(dict.fromkeys((*found.get(raw, ()), ucum)))
    return found


@cache
def _silent() -> frozenset[str]:
    silent = [row["raw_unit"] for row in _spellings() if not row["ucum"]]
    return frozenset(["", *silent, *(_fold(each) for each in silent)])


@cache
def _spellings() -> list[dict[str, str]]:
    return measures.rows("unit_aliases.csv")


@cache
def _conversions() -> dict[str, dict[str, tuple[float, float]]]:
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for row in measures.rows("unit_conversions.csv"):
        if row["factor"]:  # empty: known not to convert
            rule = (float(row["factor"]), float(row["offset"] or 0))
            found.setdefault(row["measure_id"], {})[row["from_unit"]] = rule
    return found
