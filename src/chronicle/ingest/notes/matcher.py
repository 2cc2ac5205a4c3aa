"""Phrases found in a sentence, in one walk over its words.

A dictionary by first word, then the longest phrase that fits: work grows with the text
and not with the vocabulary, and there is no regular expression that could run away.
"""

from collections.abc import Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from chronicle.ingest.notes.phrases import TOKEN, Phrase, folded

END = "$"
Told = TypeVar("Told")


class Words(NamedTuple):
    """A sentence's words: as compared, as written, and where they stand."""

    folded: list[str]
    raw: list[str]
    starts: list[int]
    ends: list[int]


class Found(NamedTuple, Generic[Told]):
    """A phrase at words [first, last) and what it means."""

    first: int
    last: int
    told: Told


class Row(NamedTuple, Generic[Told]):
    """A phrase that is known."""

    phrase: Phrase
    length: int
    cased: bool
    told: Told


def words(text: str, start: int, end: int) -> Words:
    """Cut text[start:end] into words; `$` marks the end, as phrases may ask for it."""
    raw, starts, ends = [], [], []
    for each in TOKEN.finditer(text, start, end):
        raw.append(each.group())
        starts.append(each.start())
        ends.append(each.end())
    told = [folded(each) for each in raw]
    return Words([*told, END], [*raw, END], [*starts, end], [*ends, end])


class Matcher(Generic[Told]):
    """Many phrases, each with what it means.

    Args:
        phrases: Phrase and meaning; where two are alike, the first counts.
        exact: The same, for phrases whose case counts ("MI").
    """

    def __init__(
        self,
        phrases: Iterable[tuple[Phrase, Told]],
        exact: Iterable[tuple[Phrase, Told]] = (),
    ) -> None:
        known: dict[tuple[Phrase, bool], Told] = {}
        for cased, listed in ((True, exact), (False, phrases)):
            for phrase, told in listed:
                known.setdefault((phrase, cased), told)
        self._by_first: dict[str, list[Row[Told]]] = {}
        for (phrase, cased), told in known.items():
            first = phrase[0].lower() if cased else phrase[0]
            row = Row(phrase, len(phrase), cased, told)
            self._by_first.setdefault(first, []).append(row)
        for rows in self._by_first.values():
            rows.sort(key=_longest_first)
        self._numbers = [
            *self._by_first.get("#", ()),
            *self._by_first.get("####", ()),
        ]

    def find(self, said: Words) -> list[Found[Told]]:
        """Return the phrases from left to right, the longest first, none overlapping."""
        found = []
        at, told = 0, said.folded
        while at < len(told):
            for phrase, length, cased, meaning in self._candidates(told[at]):
                heard = (said.raw if cased else told)[at : at + length]
                if len(heard) == length and _fits(phrase, heard):
                    break
            else:
                at += 1
                continue
            found.append(Found(at, at + length, meaning))
            at += length
        return found


    def _candidates(self, word: str) -> Sequence[Row[Told]]:
        rows = self._by_first.get(word, ())
        if self._numbers and word[0].isdigit():
            return sorted([*rows, *self._numbers], key=_longest_first)
        return rows


def _longest_first(row: Row[Told]) -> tuple[int, bool, Phrase]:
    return -row.length, not row.cased, row.phrase


def _fits(phrase: Phrase, heard: Sequence[str]) -> bool:
    return all(
        want == have
        or (want == "#" and have[0].isdigit())
        or (want == "####" and have.isdigit() and have[:2] in ("19", "20"))
        for want, have in zip(phrase, heard, strict=True)
    )
