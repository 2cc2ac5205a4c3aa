"""A note's text into sentences, each with the section in which it stands."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from chronicle.ingest.notes.lines import blocks, header
from chronicle.ingest.notes.matcher import words
from chronicle.ingest.notes.status import signs

# "Cancer? N": the answer belongs to the question, and "- ? SOB" asks.
_STOP = re.compile(
    r"(?<!\()(?:[.!]|(?<=[\w)\]\"'])\?(?!\s+(?:Y|N|Yes|No|None)\b))[\"')\]]{0,4}"
    r"\s+(?=[\"'(\[+*•?-]?\s?[A-Za-z0-9\[(])"
)
# After these a full stop ends no sentence; after "no" it does but before a number.
_SHORT = re.compile(
    r"(?:\b(?:dr|mr|mrs|ms|st|vs|pt|pts|approx|e\.g|i\.e|hx|dx|fam|prof|jr|sr|resp|"
    r"temp|p\.o|b\.i\.d|q\.d|t\.i\.d|inc|dept|ext|wt|ht)"
    r"|\b[A-Z])$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\bno$", re.IGNORECASE)
_UNKNOWN = re.compile(r"\s*([A-Z][A-Z /&,-]{3,40}):")
NOTHING: frozenset[str] = frozenset()


class Sentence(NamedTuple):
    """A sentence at text[start:end].

    Args:
        start: Offset of its first character.
        end: Offset after its last.
        section: The section in which it stands; "" where none is known.
        says: The statuses that the section gives to all in it.
        first: Whether an empty line or a header stands before it.
    """

    start: int
    end: int
    section: str
    says: frozenset[str]
    first: bool


def sentences(text: str) -> Iterator[Sentence]:
    """Give the sentences from first to last; headers are no part of them."""
    section, says, filled = "", NOTHING, False
    for block in blocks(text):
        first = block.after_blank
        if first and filled and says:
            section, says = "", NOTHING
        for start, end in _cut(text, block.start, block.end):
            told, begins = header(text, start, end), start
            if told is not None:
                section, says, begins = told
                first, filled = True, False
            elif _is_header(text, start, end):
                section, says, first = "", NOTHING, True
            if text[begins:end].strip():
                yield Sentence(begins, end, section, says, first)
                first, filled = False, True


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for stop in _STOP.finditer(text, start, end):
        before = max(at, stop.start() - 8)
        if _SHORT.search(text, before, stop.start()) or (
            text[stop.end()].isdigit() and _NUMBER.search(text, before, stop.start())
        ):
            continue
        yield at, stop.end()
        at = stop.end()
    if at < end:
        yield at, end


def _is_header(text: str, start: int, end: int) -> bool:
    """Whether a line begins with a header of a section that nobody described."""
    found = _UNKNOWN.match(text, start, end)
    if found is None:
        return False
    # "FATHER: heart attack" says whose it is and begins no section.
    said = words(text, found.start(1), found.end(1))
    return not any(each.told.groups for each in signs().find(said))
