"""Phrases found in a sentence, in one walk over its words.

A dictionary by first word, then the longest phrase that fits: work grows with the text
and not with the vocabulary, and there is no regular expression that could run away.
"""

from collections.abc import Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from chronicle.ingest.notes.phrases import TOKEN, Phrase, folded

END = "$"
YEAR = "####"
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


def words(text: str, start: int, end: int) -> Words:
    """Cut text[start:end] into words; `$` marks the end, as phrases may ask for it."""
    spans = [each.span() for each in TOKEN.finditer(text, start, end)]
    raw = [text[first:last] for first, last in spans]
    return Words(
        [*map(folded, raw), END],
        [*raw, END],
        [*(first for first, _ in spans), end],
        [*(last for _, last in spans), end],
    )


class Node(Generic[Told]):
    """Where a phrase stands after some of its words."""

    __slots__ = ("next", "told")

    def __init__(self) -> None:
        self.next: dict[str, Node[Told]] = {}
        self.told: Told | None = None

    def walk(self, said: Sequence[str], at: int) -> tuple[int, Told | None]:
        """Return where the longest phrase from a word on ends, and what it means."""
        node = self
        end, best = at, node.told
        while at < len(said):
            word = said[at]
            if word[0].isdigit() and ("#" in node.next or YEAR in node.next):
                ways = [each.walk(said, at + 1) for each in _ways(node, word)]
                return max([(end, best), *ways], key=_longest)
            after = node.next.get(word)
            if after is None:
                break
            node, at = after, at + 1
            if node.told is not None:
                end, best = at, node.told
        return end, best


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
        self._any = _tree(phrases)
        self._exact = _tree(exact)

    @property
    def words(self) -> frozenset[str]:
        """Every word of every phrase."""
        return frozenset([*_words(self._any), *_words(self._exact)])

    def find(self, said: Words) -> list[Found[Told]]:
        """Return the phrases from left to right, longest first, none overlapping."""
        found = []
        at, last = 0, len(said.folded)
        anyhow, exact = self._any.next, self._exact.next
        while at < last:
            word, raw = said.folded[at], said.raw[at]
            # Most words begin no phrase; a number may stand for others.
            if word not in anyhow and raw not in exact and not word[0].isdigit():
                at += 1
                continue
            end, told = self._any.walk(said.folded, at)
            if raw in exact:
                cased = self._exact.walk(said.raw, at)
                end, told = max((cased, (end, told)), key=_longest)
            if told is None:
                at += 1
                continue
            found.append(Found(at, end, told))
            at = end
        return found


def _tree(phrases: Iterable[tuple[Phrase, Told]]) -> Node[Told]:
    root: Node[Told] = Node()
    for phrase, told in phrases:
        node = root
        for word in phrase:
            node = node.next.setdefault(word, Node())
        node.told = told if node.told is None else node.told
    return root


def _words(node: Node[Told]) -> Iterable[str]:
    for word, after in node.next.items():
        yield word
        yield from _words(after)


def _longest(way: tuple[int, Told | None]) -> tuple[bool, int]:
    return way[1] is not None, way[0]


def _ways(node: Node[Told], word: str) -> Iterable[Node[Told]]:
    """Give where a number may lead: it is itself, a number, and perhaps a year."""
    is_year = word.isdigit() and len(word) == len(YEAR) and word[:2] in ("19", "20")
    for name in (word, "#", *([YEAR] if is_year else [])):
        if name in node.next:
            yield node.next[name]
