"""What a model claims, and what of it is believed: the text must say it, literally.

A note may hold instructions to the model, and a model may invent. So nothing enters but
concepts of the vocabulary, in our own words, whose quote stands in the text. The quote
itself is not kept: where it stands is.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from chronicle.ingest.notes.vocabulary import vocabulary

BELIEVED = "model-believed"
SHAPE, CONCEPT, STATUS = "model-shape", "model-concept", "model-status"
QUOTE, AGAIN, TOO_MANY = "model-quote", "model-again", "model-too-many"
# Every word for what became of a claim: the ledger counts each claim once.
FATES = (BELIEVED, SHAPE, CONCEPT, STATUS, QUOTE, AGAIN, TOO_MANY)
WORDS = {
    "polarity": ("affirmed", "negated", "uncertain"),
    "who": ("patient", "other"),
    "when": ("current", "historical", "hypothetical"),
}
MOST = 500  # claims of a piece: the rest is noise, and work is bounded
LONGEST = 200  # characters of a quote


class Nonsense(Exception):  # noqa: N818, it names what happened
    """An answer that is not the JSON which was asked for."""


class Claim(NamedTuple):
    """A mention that is believed, at text[start:end]."""

    concept: str
    polarity: str
    who: str
    when: str
    start: int
    end: int


def listed(answer: str) -> list[Any]:
    """Return the claims of an answer, as they came.

    Raises:
        Nonsense: It is no JSON, or has no list of mentions.
    """
    bare = answer.strip()
    if bare.startswith("```"):  # many a model dresses its JSON
        bare = bare.removeprefix("```").removeprefix("json").removesuffix("```")
    try:
        found = orjson.loads(bare)
    except orjson.JSONDecodeError:
        raise Nonsense from None
    claims = found.get("mentions") if isinstance(found, dict) else None
    if not isinstance(claims, list):
        raise Nonsense
    return claims


def believed(claims: list[Any], text: str, counts: Counter[str]) -> Iterator[Claim]:
    """Give the claims that the text bears out; count what became of each.

    The same claim of the same words again is of the next place where they stand.
    """
    if len(claims) > MOST:
        counts[TOO_MANY] += len(claims) - MOST
    after: dict[tuple[str, str], int] = {}
    for claim in claims[:MOST]:
        fate = _fault(claim)
        if not fate:
            concept, quote = claim["concept"], claim["quote"]
            start = _place(text, quote, after.get((concept, quote), 0))
            if start is not None:
                after[concept, quote] = start + len(quote)
                said = claim["polarity"], claim["who"], claim["when"]
                yield Claim(concept, *said, start, start + len(quote))
            fate = BELIEVED if start is not None else _lost(after, concept, quote)
        counts[fate] += 1


def _fault(claim: Any) -> str:
    """Return what is wrong with a claim, whatever the text; "" where nothing is."""
    names = ("concept", "quote", *WORDS)
    if not isinstance(claim, dict) or not all(
        isinstance(claim.get(name), str) for name in names
    ):
        return SHAPE
    if claim["concept"] not in vocabulary().concepts:
        return CONCEPT
    if any(claim[name] not in words for name, words in WORDS.items()):
        return STATUS
    quote = claim["quote"]
    is_one = quote == quote.strip() and any(map(str.isalnum, quote))
    return "" if is_one and len(quote) <= LONGEST else QUOTE


def _lost(after: dict[tuple[str, str], int], concept: str, quote: str) -> str:
    return AGAIN if (concept, quote) in after else QUOTE


def _place(text: str, quote: str, start: int) -> int | None:
    """Return where the quote stands next, as words of its own."""
    while (at := text.find(quote, start)) >= 0:
        end = at + len(quote)
        before, behind = text[at - 1 : at] + quote[0], quote[-1] + text[end : end + 1]
        if not _inside(before) and not _inside(behind):
            return at
        start = at + 1
    return None


def _inside(pair: str) -> bool:
    return len(pair) == 2 and pair.isalnum()
