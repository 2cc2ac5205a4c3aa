"""Which paragraphs are in a language that the vocabulary does not speak.

Diseases are called much the same in many languages, and the words of no are not: read
as English, "sin asma ni diabetes" would be diabetes. Told by small words, paragraph by
paragraph; what tells nothing is taken for what the note is as a whole.
"""

import re
from functools import cache, lru_cache
from pathlib import Path

from chronicle.core import params
from chronicle.core.params import Params
from chronicle.ingest.notes.paragraphs import Span, paragraphs

FILE = Path(__file__).with_name("language.yaml")
ENOUGH = 2
"""Points that another language needs, and more of them than English has."""

# Whole words, and none that a hyphen or an apostrophe goes on from: "de-identified" and
# "con't" are English.
_WORD = re.compile(r"(?<!\w)[^\W\d_]++(?!-|\w|['\u2019]\w)")
_LAST_LATIN = "\u024f"
Points = tuple[int, int]


class Languages(Params):
    """The whole file: words of each kind, apart by spaces."""

    english: str
    others: str
    denials: str


@lru_cache(2)  # of a note, two ask
def unspoken(text: str) -> tuple[Span, ...]:
    """Return the (start, end) of each paragraph in a language that is not read.

    >>> unspoken("Kein Fieber, keine Angina.")
    ((0, 26),)
    >>> unspoken("Here for med refill. No AF. LE edema.")
    ()
    """
    spans = paragraphs(text)
    told = [_points(text, *span) for span in spans]
    whole = _other((sum(own for own, _ in told), sum(other for _, other in told)))
    return tuple(
        span
        for span, points in zip(spans, told, strict=True)
        if _other(points) or (whole and points[0] <= points[1])
    )


def _other(points: Points) -> bool:
    english, other = points
    return other >= ENOUGH and other > english


def _points(text: str, start: int, end: int) -> Points:
    """Return how much speaks for English and how much for another language.

    Each word counts once: who writes an abbreviation twice writes no other language.
    """
    weights, english, other = _weights(), 0, 0
    for word in set(_WORD.findall(text[start:end].lower())):
        if word in weights:
            weight = weights[word]
        elif min(word) > _LAST_LATIN:
            weight = len(word) // 2  # another alphabet; a letter is a sign, as in μg
        else:
            continue
        english += weight < 0
        other += max(weight, 0)
    return english, other


@cache
def _weights() -> dict[str, int]:
    """Return what each word counts for: below nought for English."""
    told = params.load(FILE, Languages)
    kinds = ((told.others, 1), (told.denials, ENOUGH), (told.english, -1))
    return {word: weight for words, weight in kinds for word in words.split()}
