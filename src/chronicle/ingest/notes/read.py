"""A note's plain text into mentions: the one door of this package."""

import sys
from bisect import bisect
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chronicle.ingest.notes.language import unspoken
from chronicle.ingest.notes.matcher import Found, Words, words
from chronicle.ingest.notes.mention import Mention
from chronicle.ingest.notes.numbers import reading
from chronicle.ingest.notes.reach import reached
from chronicle.ingest.notes.sentences import NOTHING, Sentence, sentences
from chronicle.ingest.notes.vocabulary import Meaning, matcher, vocabulary

__all__ = ["Mention", "mentions"]


def mentions(text: str) -> list[Mention]:
    """Return what the text says, in the order in which it says it.

    The work grows with the text and with nothing else: a sentence has an upper length,
    and what a word reaches has one.
    """
    found: list[Mention] = []
    carried = NOTHING
    strange = unspoken(text)
    for sentence in sentences(text):
        if strange and _within(sentence.start, strange):
            continue
        if sentence.first:
            carried = NOTHING
        told, opened = _said(text, sentence, carried)
        found += told
        carried = carried if opened is None else opened
    return sorted(found, key=lambda each: (each.start, each.end, each.concept))


def _within(at: int, spans: Sequence[tuple[int, int]]) -> bool:
    before = bisect(spans, (at, sys.maxsize)) - 1
    return before >= 0 and at < spans[before][1]


class _Part(NamedTuple):
    """A concept in a sentence: its words, what it means, and its numbers if any."""

    found: Found[Meaning]
    values: tuple[tuple[str, float], ...]
    start: int
    end: int


def _said(
    text: str, sentence: Sentence, carried: frozenset[str]
) -> tuple[list[Mention], frozenset[str] | None]:
    """Return a sentence's mentions, and what it says of the list that it begins."""
    said = words(text, sentence.start, sentence.end)
    begins_list = said.folded[-2:-1] == [":"]
    parts = list(_parts(text, sentence, said))
    if not parts and not begins_list:
        return [], None
    spans = [(each.found.first, each.found.last) for each in parts]
    statuses, opened = reached(said, spans)
    told = [
        mention
        for part, status in zip(parts, statuses, strict=True)
        for mention in _mentions(part, status | carried | sentence.says, sentence)
    ]
    return told, frozenset(opened) if begins_list else None


def _parts(text: str, sentence: Sentence, said: Words) -> Iterator[_Part]:
    numbers = vocabulary().numbers
    for found in matcher().find(said):
        start, end = said.starts[found.first], said.ends[found.last - 1]
        slug = found.told.slug
        if slug not in numbers:
            if slug:
                yield _Part(found, (), start, end)
            continue
        kind = numbers[slug]
        read = reading(text, start, end, sentence.end, kind)
        if read is None:
            continue
        names = (slug,) if kind.pair is None else (slug, kind.pair)
        values = tuple(zip(names, read.values, strict=True))
        if all(_possible(name, value) for name, value in values):
            yield _Part(found, values, read.start, read.end)


def _possible(name: str, value: float) -> bool:
    lowest, highest = vocabulary().numbers[name].between
    return lowest <= value <= highest


def _mentions(part: _Part, status: set[str], sentence: Sentence) -> Iterator[Mention]:
    status = status | {part.found.told.status}
    who = "other" if "other" in status else "patient"
    when = next(
        (each for each in ("hypothetical", "historical") if each in status), "current"
    )
    if part.values:
        # What was measured is so: "no" before it speaks of something else.
        for name, value in part.values:
            unit = vocabulary().numbers[name].unit
            yield Mention(
                name, "affirmed", who, when, sentence.section,
                part.start, part.end, value, unit,
            )  # fmt: skip
        return
    polarity = next(
        (each for each in ("negated", "uncertain") if each in status), "affirmed"
    )
    yield Mention(
        part.found.told.slug, polarity, who, when, sentence.section,
        part.start, part.end,
    )  # fmt: skip
