"""Notes: where resources hold text, and what is said in it; the text goes nowhere.

Each place where text may stand has a fate, so that a note that cannot be read is
counted. A document may come in several formats; it is read in one of them.
"""

from base64 import b64decode
from binascii import Error
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from chronicle.ingest import deidentify, times
from chronicle.ingest.keys import Keys
from chronicle.ingest.notes.language import unspoken
from chronicle.ingest.notes.mention import Mention
from chronicle.ingest.notes.paragraphs import paragraphs
from chronicle.ingest.notes.plain import REASONS, Unreadable, plain
from chronicle.ingest.notes.read import mentions

HTML = "text/html"
RULES, MODEL = "rules", "model"
Model = Callable[[str], list[Mention]]
# By what a content type holds; it is plain text where it holds none of them.
FORMS = {"rtf": "note-rtf", "html": "note-html", "xml": "note-cda", "cda": "note-cda"}
PLAIN, EMPTY = "note-plain", "note-empty"
ELSEWHERE, UNREADABLE = "note-elsewhere", "note-unreadable"
LANGUAGE = "note-language"
AGAIN, CONCLUSION = "note-other-format", "note-conclusion"
SECTION, ANNOTATION, NARRATIVE = "note-section", "note-annotation", "note-narrative"
# Of a document in several formats, the first of these is read.
BEST = (PLAIN, "note-html", "note-rtf", "note-cda", LANGUAGE)
# Every word for what became of a place where text may stand.
FATES = (
    *BEST, CONCLUSION, SECTION, ANNOTATION, NARRATIVE, AGAIN, ELSEWHERE, EMPTY,
    UNREADABLE, *REASONS,
)  # fmt: skip


class Text(NamedTuple):
    """What was found in one place.

    Args:
        fate: A word of `FATES`.
        words: The plain text; empty where none can be read.
        heading: What stands above it and says what it is about.
        known: When it was written, in microseconds of UTC since 1970, where it says so
            itself: a remark may be later than what it is about.
    """

    fate: str
    words: str = ""
    heading: str = ""
    known: int | None = None


class Said(NamedTuple):
    """A mention as `core/notes.py` has it, of whatever resource; `known` as in Text."""

    text: int
    section: str
    reader: str
    concept: str
    polarity: str
    who: str
    when: str
    start: int
    end: int
    value: float | None
    unit: str | None
    paragraph: int
    known: int | None


def said(texts: Iterable[Text], keys: Keys, model: Model | None = None) -> list[Said]:
    """Return what some texts of one resource say, to the rules and to a model."""
    read = (each for each in texts if each.words)
    return [
        each for at, text in enumerate(read) for each in _said(at, text, keys, model)
    ]


def attached(found: Iterable[Any] | None) -> list[Text]:
    """Return what attachments hold that are one document in several formats."""
    texts = [_attached(each) for each in found or () if each is not None]
    readable = [each for each in texts if each.words]
    best = min(readable, key=lambda each: BEST.index(each.fate), default=None)
    return [each if each is best or not each.words else Text(AGAIN) for each in texts]


def remarks(resource: Any) -> list[Text]:
    """Return what the Annotations of a resource say."""
    listed = resource.note
    if not listed:  # nearly always
        return []
    return [
        _stated(ANNOTATION, each.text)._replace(known=times.last(each.time))
        for each in listed
        if each is not None
    ]


def concluded(words: Any) -> list[Text]:
    """Return the conclusion of a report."""
    return [] if words is None else [_stated(CONCLUSION, words)]


def narrated(narrative: Any, fate: str = NARRATIVE, heading: Any = None) -> list[Text]:
    """Return what a Narrative says, under a heading."""
    told = None if narrative is None else narrative.div
    if not isinstance(told, str):
        return []
    above = heading if isinstance(heading, str) else ""
    return [_read(fate, told.encode("utf-8", "replace"), HTML, above)]


def otherwise(narrative: Any) -> list[Text]:
    """Return what a Narrative says of its own: "generated" repeats the elements."""
    own = narrative is not None and narrative.status in ("additional", "extensions")
    return narrated(narrative) if own else []


def _attached(found: Any) -> Text:
    data = found.data
    if not isinstance(data, str) or not data.strip():
        return Text(EMPTY if found.url is None else ELSEWHERE)
    kind = found.contentType if isinstance(found.contentType, str) else ""
    fates = (fate for word, fate in FORMS.items() if word in kind.lower())
    try:
        content = b64decode("".join(data.split()), validate=True)
    except (ValueError, Error):
        return Text(UNREADABLE)
    return _read(next(fates, PLAIN), content, kind)


def _read(fate: str, content: bytes, kind: str, heading: str = "") -> Text:
    try:
        return _stated(fate, plain(content, kind), heading)
    except Unreadable as fault:
        return Text(fault.reason)


def _stated(fate: str, words: Any, heading: str = "") -> Text:
    if not isinstance(words, str) or not words.strip():
        return Text(EMPTY)
    if len(unspoken(words)) == len(paragraphs(words)):
        fate = LANGUAGE
    return Text(fate, words, heading)


def _said(number: int, text: Text, keys: Keys, model: Model | None) -> Iterator[Said]:
    above = f"{text.heading}:\n" if text.heading else ""
    found = [(RULES, each) for each in mentions(above + text.words)]
    if model is not None:
        found += [(MODEL, each) for each in model(above + text.words)]
    if not found:
        return
    spans = paragraphs(text.words)
    begins = [start for start, _ in spans]
    told: dict[int, int] = {}
    for reader, each in found:
        start, end = each.start - len(above), each.end - len(above)
        if start < 0:  # of the heading itself
            continue
        at = max(bisect(begins, start) - 1, 0)
        if at not in told:
            told[at] = _hashed(text.words, spans[at : at + 1], keys)
        yield Said(
            number, each.section, reader, each.concept, each.polarity, each.who,
            each.when, start, end, each.value, each.unit, told[at], text.known,
        )  # fmt: skip


def _hashed(words: str, span: Sequence[tuple[int, int]], keys: Keys) -> int:
    """Return what tells a paragraph from others, however its lines are broken."""
    start, end = span[0] if span else (0, len(words))
    plainly = " ".join(words[start:end].split()).casefold()
    digest = deidentify.hashed(f"paragraph|{plainly}", by=keys)
    return int.from_bytes(digest[:8], "big") >> 1
