"""Which lines of a note belong together: text is wrapped, and lists are not."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from chronicle.ingest.notes.phrases import TOKEN, folded
from chronicle.ingest.notes.status import headers

WRAPPED = 60
"""A line of so many characters may go on in the next one."""

LONGEST = 1000
"""More characters are no sentence: the text is cut there, so that work stays linear."""

_ITEM = re.compile(r"\s*(?:[-*•·+>○]|\d{1,2}[.)]|[a-z][.)]|\[[ xX]?\])\s*(?=\S)")
_LABEL = re.compile(r"\s*[A-Z][\w /&()'’-]{0,40}[:?]")  # noqa: RUF001
_HEADER = re.compile(
    r"\s*(?:\d{1,2}[.)]\s*|[#*=]{1,6}\s*)?([A-Za-z][A-Za-z/&,' ]{0,48}?)\s*"
    r"(?::?[*=#]{1,6}:?|:|$)"
)
_GOES_ON = re.compile(
    r"(?:,|\b(?:of|the|and|a|an|with|no|for|or|is|was|to|her|his|in|on|by|without|has))"
    r"\s*$",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.!?:;]\s*$")


class Header(NamedTuple):
    """A section's header: its name, what it says, and where its text begins."""

    section: str
    says: frozenset[str]
    end: int


class Block(NamedTuple):
    """Lines that belong together, at text[start:end]."""

    start: int
    end: int
    after_blank: bool


def header(text: str, start: int, end: int) -> Header | None:
    """Return the section that begins here; None where no known one does."""
    found = _HEADER.match(text, start, end)
    if found is None:
        return None
    name = tuple(folded(each) for each in TOKEN.findall(found[1]))
    told = headers().get(name)
    return None if told is None else Header(*told, found.end())


def blocks(text: str) -> Iterator[Block]:
    """Give the stretches of text that no line break divides."""
    start, end, blank = 0, 0, False
    for first, last in _lines(text):
        if not text[first:last].strip():
            if end > start:
                yield Block(start, end, blank)
            start = end = last
            blank = True
        elif end > start and _joins(text[start:end], text[first:last]):
            end = last
        else:
            if end > start:
                yield Block(start, end, blank)
                blank = False
            start, end = first, last
    if end > start:
        yield Block(start, end, blank)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Give each line without its break, in pieces that are not too long."""
    at = 0
    while at <= len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        while end - at > LONGEST:
            cut = text.rfind(" ", at + 1, at + LONGEST) + 1 or at + LONGEST
            yield at, cut
            at = cut
        yield at, end
        at = end + 1


def _joins(before: str, line: str) -> bool:
    if len(before) + len(line) > LONGEST or _ITEM.match(line) or _LABEL.match(line):
        return False
    last = before.rpartition("\n")[2]
    if _ENDS.search(last) or header(last, 0, len(last)) is not None:
        return False
    goes_on = line.lstrip()[:1].islower() or bool(_GOES_ON.search(last))
    return goes_on or len(last) >= WRAPPED
