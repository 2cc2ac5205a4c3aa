"""Free text without the names, dates, numbers and addresses that were recognised.

For text that a person must see. It is a guard more and no de-identification: what it
misses on notes with planted identifiers is measured (docs/reference/notes.md), and
nothing may rely on it alone.
"""

import re
from functools import cache
from pathlib import Path

from chronicle.core import params
from chronicle.core.params import Params
from chronicle.ingest.notes.phrases import TOKEN, folded
from chronicle.ingest.notes.status import context, headers, signs
from chronicle.ingest.notes.vocabulary import matcher

FILE = Path(__file__).with_name("scrub.yaml")

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WAY = (
    r"(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|court|ct|boulevard|blvd|way|"
    r"place|pl|square|sq|terrace|highway|hwy)"
)
_NAMED = r"[A-Z][A-Za-z'’-]{1,30}"  # noqa: RUF001
_HOUSE = (
    r"(?:Hospital|Clinic|Medical Center|Health Center|Nursing Home|Hospice|Infirmary|"
    r"Healthcare|Rehab|University|Institute)"
)
_TITLE = r"(?:Dr|Mr|Mrs|Ms|Miss|Prof|Nurse|Doctor|Sister|Rev)"
_DEGREE = r"(?:MD|M\.D\.|DO|RN|NP|PA|PhD|PA-C|LPN|MBBS|DDS)"
_LABEL = r"(?:name|patient name|dictated by|signed by|reviewed by|attending|cc)"

# In this order: what is larger first. Every repetition has an upper end.
_RULES: tuple[tuple[str, str], ...] = (
    (r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", "[address]"),
    (r"\b(?:https?://|www\.)[^\s<>]{1,300}", "[address]"),
    (rf"\b\d{{1,6}}[A-Z]?\s(?:[NSEW]\.?\s)?(?:[A-Z0-9][\w'-]{{0,30}}\s){{1,4}}(?i:{_WAY})\b\.?"
     rf"(?:,?\s(?:Apt|Unit|Suite|#)\.?\s?[\w-]{{1,6}})?(?:,\s{_NAMED}(?:\s{_NAMED})?)?"
     r"(?:,?\s[A-Z]{2}\s\d{5}(?:-\d{4})?)?", "[address]"),
    (rf"\b(?i:{_MONTH})\.?\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s\d{{4}})?\b", "[date]"),
    (rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s(?i:{_MONTH})\.?(?:,?\s\d{{4}})?\b", "[date]"),
    (r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b", "[date]"),
    (r"(?:\+?\d{1,2}[\s.-])?\(?\b\d{3}\)?[\s.-]{1,2}\d{3}[\s.-]\d{4}\b|\b\d{3}-\d{4}\b",
     "[number]"),
    (rf"(?:{_NAMED}\s){{1,3}}{_HOUSE}\b", "[place]"),
    (rf"\b{_TITLE}\.?\s{_NAMED}(?:\s(?:[A-Z]\.?\s)?{_NAMED})?", "[name]"),
    (rf"\b{_NAMED}(?:\s[A-Z]\.?)?\s{_NAMED},?\s{_DEGREE}\b", "[name]"),
    (rf"\b((?i:{_LABEL})):\s?{_NAMED}(?:,?\s(?:[A-Z]\.?\s)?{_NAMED}){{0,2}}",
     r"\1: [name]"),
    (r"\b(?=[A-Z0-9-]{0,15}\d)(?=[A-Z0-9-]{0,15}[A-Z])[A-Z0-9-]{7,16}\b", "[number]"),
    (r"\d[\d.,/:-]{0,30}", "#"),
)  # fmt: skip
_COMPILED = tuple((re.compile(rule), shown) for rule, shown in _RULES)
_CAPITALISED = re.compile(rf"(?<![\w\[]){_NAMED}(?![\w\]])")
_BEGINS = re.compile(r"(?:^|[.!?:\n]|\n\s{0,8}[-*]|#[.)])\s{0,3}$")


def scrubbed(text: str) -> str:
    """Return the text with what was recognised replaced; never claimed complete.

    >>> scrubbed("Seen by Dr. Agnes Morrow on 10/12/2014; EF 35%.")
    'Seen by [name] on [date]; EF #%.'
    """
    for rule, shown in _COMPILED:
        text = rule.sub(shown, text)
    return _CAPITALISED.sub(_unknown, text)


def _unknown(found: re.Match[str]) -> str:
    """Replace a word with a capital that no phrase has and no sentence begins with."""
    word = folded(found[0])
    if found[0].isupper() or _known(word):
        return found[0]
    before = found.string[max(0, found.start() - 12) : found.start()]
    return found[0] if _BEGINS.search(before) else "[name]"


def _known(word: str) -> bool:
    return word in _words() or word.removesuffix("s") in _words()


class Common(Params):
    """Words with a capital that name nobody; one text, words apart by spaces."""

    common: str


def _common() -> set[str]:
    return set(params.load(FILE, Common).common.split())


@cache
def _words() -> frozenset[str]:
    """Return every word of the vocabulary, the context and the headers."""
    told = {each for name in headers() for each in name} | _common()
    told |= matcher().words | signs().words
    for kin in context().words.values():
        told.update(folded(each) for each in TOKEN.findall(kin))
    return frozenset(each.lower() for each in told)
