"""What a text says that stands where a number belongs; the text itself stays here.

Texts may name people. So nothing leaves but numbers, a comparator, a unit that our own
table spells, and one fixed word: how it was read, or why it was not.
"""

import re
from functools import cache
from typing import NamedTuple

from chronicle.ingest import units

LONGEST = 64  # characters; what is longer is a sentence


class Said(NamedTuple):
    """What a text says.

    Args:
        fate: `text-number`, `range`; or, without a number, `ordinal`, `no-result`,
            `text-left-out`.
        numbers: What it may mean: two where a comma parts either thousands or
            decimals; the middle, where it is a range.
        comparator: `<`, `<=`, `>=`, `>`; None where it is as it says.
        unit: As it was spelled; None where it has none.
    """

    fate: str
    numbers: tuple[float, ...] = ()
    comparator: str | None = None
    unit: str | None = None


LEFT_OUT = Said("text-left-out")

_DIGITS = r"[+-]?(?:\d{1,12}(?:[.,]\d{1,12}){0,4}|\.\d{1,12})(?![\d.,]*\d)"
NUMBER = re.compile(
    rf"(?P<comparator>[<>]=?|=[<>]|[≤≥])?\s*(?P<number>{_DIGITS})", re.ASCII
)
RANGE = re.compile(rf"\s*(?:-|–|—|to\b)\s*(?P<number>{_DIGITS})", re.ASCII)  # noqa: RUF001
FLAG = re.compile(
    r"(?:^|(?<=[\s*\d%]))[(\[]?(?:HH?|LL?|A|N|HIGH|LOW|ABNORMAL|NORMAL|\*{1,3}|!)[)\]]?$",
    re.ASCII | re.IGNORECASE,
)
PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)", re.ASCII)
ONE_COMMA = re.compile(r"(?P<sign>[+-]?)(?P<head>\d+),(?P<tail>\d+)", re.ASCII)
ENGLISH = re.compile(
    r"[+-]?\d{1,3}(?:,\d{3})+\.\d+|[+-]?\d{1,3}(?:,\d{3}){2,}", re.ASCII
)
GERMAN = re.compile(
    r"[+-]?\d{1,3}(?:\.\d{3})+,\d+|[+-]?\d{1,3}(?:\.\d{3}){2,}", re.ASCII
)
COMPARATORS = {"=<": "<=", "≤": "<=", "=>": ">=", "≥": ">="}

# An order without a distance. Nought it is not: a trace is not nothing, and what a test
# calls negative depends on the test.
ORDINAL = re.compile(r"[1-4]\s?\+|\+{1,4}|\+/-", re.ASCII)
ORDINALS = """
    neg, negative, pos, positive, trace, tr, small, moderate, large, few, many, rare,
    none seen, reactive, nonreactive, non reactive, detected, not detected, normal,
    abnormal, low, high, weakly positive
"""
NO_RESULT = """
    hemolyzed, haemolyzed, hemolysed, haemolysed, specimen hemolyzed, qns, quantity not
    sufficient, insufficient, cancelled, canceled, pending, to follow, tnp, test not
    performed, dnr, did not report, nd, not done, not performed, not reported, na, n a,
    not available, null, none, unknown, see note, see comment, see below, see report,
    clotted, lipemic, invalid, error, refused, patient refused, unable, unable to
    obtain, void, no result
"""
NOT_LETTERS = re.compile(r"[^a-z]+", re.ASCII)


def said(text: str) -> Said:
    """Read a text that stands where a number belongs.

    >>> said("<0.3").comparator, said("7,2 H").numbers, said("1,234 mg/dL").numbers
    ('<', (7.2,), (1.234, 1234.0))
    >>> said("NEG").fate, said("Ann Smith, 51").fate
    ('ordinal', 'text-left-out')
    """
    if len(text) > LONGEST:
        return LEFT_OUT
    words = text.strip()
    found = NUMBER.match(words)
    if found is None or ORDINAL.fullmatch(words):
        return _word(words)
    numbers, rest = _numbers(found["number"]), words[found.end() :]
    stated = found["comparator"]
    fate = "text-number"
    if upper := None if stated else RANGE.match(rest):
        numbers = _middle(numbers, _numbers(upper["number"]))
        fate, rest = "range", rest[upper.end() :]
    unit = _unit(rest)
    if unit is None or not numbers:
        return LEFT_OUT
    comparator = COMPARATORS.get(stated, stated) if stated else None
    return Said(fate, numbers, comparator, unit or None)


def _word(words: str) -> Said:
    plain = NOT_LETTERS.sub(" ", words.casefold()).strip()
    if ORDINAL.fullmatch(words):
        return Said("ordinal")
    # Digits are no letters: a word with "51" beside it is another text.
    whole = words.isascii() and not any(each.isdigit() for each in words)
    fate = _listed().get(plain) if whole else None
    return Said(fate) if fate else LEFT_OUT


@cache
def _listed() -> dict[str, str]:
    def listed(words: str, fate: str) -> dict[str, str]:
        return {" ".join(each.split()): fate for each in words.split(",")}

    # A dash, or nothing at all, leaves no letter.
    return (
        listed(NO_RESULT, "no-result") | listed(ORDINALS, "ordinal") | {"": "no-result"}
    )


def _numbers(text: str) -> tuple[float, ...]:
    """Return what a number may mean, in either way to write it."""
    if PLAIN.fullmatch(text):
        return (float(text),)
    if ENGLISH.fullmatch(text):
        return (float(text.replace(",", "")),)
    if GERMAN.fullmatch(text):
        return (float(text.replace(".", "").replace(",", ".")),)
    found = ONE_COMMA.fullmatch(text)
    if found is None:
        return ()
    decimal = float(text.replace(",", "."))
    head, tail = found["head"], found["tail"]
    thousands = len(tail) == 3 and len(head) <= 3 and not head.startswith("0")
    return (decimal, float(text.replace(",", ""))) if thousands else (decimal,)


def _middle(lower: tuple[float, ...], upper: tuple[float, ...]) -> tuple[float, ...]:
    if len(lower) != 1 or len(upper) != 1 or not 0 <= lower[0] < upper[0]:
        return ()
    return ((lower[0] + upper[0]) / 2,)


def _unit(rest: str) -> str | None:
    """Return the unit in what follows a number: "" where none; None where a text."""
    rest = rest.strip()
    if rest and units.spelled(rest):
        return rest
    plain = FLAG.sub("", rest).strip()
    if not plain or units.spelled(plain):
        return plain
    return None
