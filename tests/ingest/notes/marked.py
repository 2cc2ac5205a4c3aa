"""Notes with what they say marked in them, and how many of the marks are found.

`{chest pain:chest_pain n}` marks a mention: the text, the concept, and letters for its
status (n negated, u uncertain, o other, h historical, y hypothetical; none: affirmed,
patient, current). `=` gives a value, a comma a second concept of the same text.
An empty mark, `{fever:}`, is text about which nothing is asked, and `{Mr. Pell:@}` is
an identifier, planted for the scrubber. Lines of three hyphens divide notes.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from chronicle.ingest.notes.mention import Mention
from chronicle.ingest.notes.read import mentions
from chronicle.ingest.notes.scrub import scrubbed

Read = Callable[[str], list[Mention]]
GOLD = Path(__file__).parent / "gold"
TITLES = {"Mr.", "Dr.", "Nurse"}
HALVES = ("develop", "kept_aside", "styles")  # two halves, and styles of others
MARK = re.compile(r"\{([^{}]+?):([^{}: ]*|[^{}:]+ [nuohy ]+(?:,[^{}:]*)?)\}")
ASKED = re.compile(r"(\w+)(?:=(-?[\d.]+))?(?: ([nuohy ]+))?")


@dataclass(frozen=True)
class Expected:
    """One mark."""

    concept: str
    start: int
    end: int
    polarity: str
    who: str
    when: str
    value: float | None


@dataclass(frozen=True)
class Note:
    """A note, its marks, what is not asked, and its planted identifiers."""

    text: str
    expected: list[Expected] = field(default_factory=list)
    unasked: list[tuple[int, int]] = field(default_factory=list)
    planted: list[tuple[int, int]] = field(default_factory=list)


def gold(half: str) -> list[Note]:
    """Read one half of the gold set."""
    text = (GOLD / f"{half}.txt").read_text(encoding="utf-8")
    return [noted(each) for each in re.split(r"^---\n", text, flags=re.MULTILINE)]


def noted(marked: str) -> Note:
    """Read one note."""
    text, at, note = "", 0, Note("")
    for mark in MARK.finditer(marked):
        text += marked[at : mark.start()]
        start, end = len(text), len(text) + len(mark[1])
        text, at = text + mark[1], mark.end()
        if mark[2] == "@":
            note.planted.append((start, end))
        elif not mark[2]:
            note.unasked.append((start, end))
        else:
            note.expected.extend(_expected(mark[2], start, end))
    text += marked[at:]
    assert not set("{}") & set(text), marked
    return Note(text, note.expected, note.unasked, note.planted)


def _expected(told: str, start: int, end: int) -> Iterator[Expected]:
    for each in told.split(","):
        found = ASKED.fullmatch(each)
        assert found, told
        letters = found[3] or ""
        yield Expected(
            concept=found[1],
            start=start,
            end=end,
            polarity="negated"
            if "n" in letters
            else "uncertain"
            if "u" in letters
            else "affirmed",
            who="other" if "o" in letters else "patient",
            when="historical"
            if "h" in letters
            else "hypothetical"
            if "y" in letters
            else "current",
            value=float(found[2]) if found[2] else None,
        )


def without_numbers(note: Note) -> Note:
    """Ask nothing of numbers: a model of a user's own is not asked for any."""
    asked = [each for each in note.expected if each.value is None]
    others = [(each.start, each.end) for each in note.expected if each not in asked]
    return Note(note.text, asked, note.unasked + others, note.planted)


def judged(notes: list[Note], read: Read = mentions) -> tuple[Counter, list[str]]:
    """Count what was right of what was read, and tell what was not."""
    counts: Counter = Counter()
    wrong = []
    for note in notes:
        found = read(note.text)
        for mark in note.expected:
            fate = _fate(mark, found)
            counts["marks"] += 1
            counts[fate] += 1
            if fate != "right":
                wrong.append(f"{fate}: {mark} in {note.text!r}")
        for each in found:
            if not _asked(each, note):
                counts["spurious"] += 1
                wrong.append(f"spurious: {each} in {note.text!r}")
    return counts, wrong


def scrubbing(notes: list[Note]) -> tuple[int, int]:
    """Return how many identifiers were planted, and of how many something is left."""
    planted = left = 0
    for note in notes:
        shown = scrubbed(note.text)
        for start, end in note.planted:
            parts = re.findall(r"[\w@.-]{3,}", note.text[start:end])
            telling = [each for each in parts if each not in TITLES]
            planted += 1
            left += any(each in shown for each in telling)
    return planted, left


def _fate(mark: Expected, found: list[Mention]) -> str:
    here = [
        each for each in found if each.concept == mark.concept and _overlap(mark, each)
    ]
    if not here:
        return "missed"
    said = here[0]
    if (said.polarity, said.who, said.when) != (mark.polarity, mark.who, mark.when):
        return "status"
    if mark.value is not None and abs(said.value - mark.value) > abs(mark.value) / 100:
        return "value"
    return "right"


def _overlap(mark: Expected, said: Mention) -> bool:
    return mark.start < said.end and said.start < mark.end


def _asked(said: Mention, note: Note) -> bool:
    return any(
        each.concept == said.concept and _overlap(each, said) for each in note.expected
    ) or any(start < said.end and said.start < end for start, end in note.unasked)
