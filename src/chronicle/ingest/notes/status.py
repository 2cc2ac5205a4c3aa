"""What `context.yaml` may say: which words change what is said, and how far."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field

from chronicle.core import params
from chronicle.core.params import Params
from chronicle.ingest.notes.matcher import Matcher
from chronicle.ingest.notes.phrases import Phrase, expanded

FILE = Path(__file__).with_name("context.yaml")
Status = Literal["negated", "uncertain", "historical", "hypothetical", "other"]


class Group(Params):
    """Phrases that do the same to a concept.

    Args:
        says: The status that they give.
        looks: Where the concept stands: ahead of them, or back before them.
        reach: How many words may stand between.
        nearest: Whether only the next concept is meant.
        signs_lead: Only in sentences whose first sign, "(-)" or "(+)", stands before
            the first concept; false: only in others.
        phrases: As in the vocabulary.
    """

    says: Status
    looks: Literal["ahead", "back"]
    reach: int = Field(ge=0, le=200)
    nearest: bool = False
    signs_lead: bool | None = None
    phrases: tuple[str, ...] = Field(min_length=1)


class End(Params):
    """Phrases at which the reach of some groups is over."""

    of: tuple[Status, ...] = Field(min_length=1)
    phrases: tuple[str, ...] = Field(min_length=1)


class Section(Params):
    """A section's headers, and the status of all that stands below."""

    says: tuple[Status, ...] = ()
    names: tuple[str, ...] = Field(min_length=1)


class Context(Params):
    """The whole file."""

    words: Mapping[str, str]
    groups: tuple[Group, ...]
    nothing: tuple[str, ...]
    ends: tuple[End, ...]
    sections: Mapping[str, Section]


class Sign(NamedTuple):
    """What a phrase does: what it says (by group), and whose reach it ends."""

    groups: tuple[Group, ...]
    ends: frozenset[str]


@cache
def context(file: Path = FILE) -> Context:
    """Read the file.

    Raises:
        ParamsError: An unknown key or status, or a slip in a phrase.
    """
    return params.load(file, Context)


@cache
def signs(file: Path = FILE) -> Matcher[Sign]:
    """Return what finds the phrases of the context."""
    told = context(file)
    known: dict[Phrase, Sign] = {}
    for phrase, sign in _signs(told):
        before = known.get(phrase, Sign((), frozenset()))
        known[phrase] = Sign(before.groups + sign.groups, before.ends | sign.ends)
    for pattern in told.nothing:
        for phrase in expanded(pattern, told.words):
            known[phrase] = Sign((), frozenset())
    return Matcher(known.items())


def _signs(told: Context) -> Iterator[tuple[Phrase, Sign]]:
    for group in told.groups:
        for pattern in group.phrases:
            for phrase in expanded(pattern, told.words):
                yield phrase, Sign((group,), frozenset())
    for end in told.ends:
        for pattern in end.phrases:
            for phrase in expanded(pattern, told.words):
                yield phrase, Sign((), frozenset(end.of))


@cache
def headers(file: Path = FILE) -> dict[Phrase, tuple[str, frozenset[str]]]:
    """Return the section, and what it says, by the words of its header."""
    told = context(file)
    return {
        phrase: (name, frozenset(section.says))
        for name, section in told.sections.items()
        for pattern in section.names
        for phrase in expanded(pattern, told.words)
    }
