"""Numbers, spans and intervals as a person reads them."""

from collections.abc import Mapping

DAYS_A_YEAR = 365
UNKNOWN = "not estimable"
Interval = Mapping[str, float | None]

# What the fixed words of the ledger mean to somebody who has not read the code; a word
# that is not here is shown as it is.
MEANINGS = {
    "link": "a link, which is not followed",
    "not-a-file": "a pipe or a device, which is not opened",
    "unreadable": "may not be opened",
    "changed": "changed while it was read",
    "empty": "an empty file",
    "truncated-gzip": "packed (gzip), and cut off",
    "broken-gzip": "packed (gzip), and broken",
    "not-gzip": "named as packed (gzip), and not so",
    "truncated-zstd": "packed (zstd), and cut off",
    "broken-zstd": "packed (zstd), and broken",
    "not-zstd": "named as packed (zstd), and not so",
    "zip-bomb": "unpacks to far more than records do",
    "too-large": "larger than anything in a record",
    "too-deep": "nested deeper than anything in a record",
    "not-utf8": "text in an unknown encoding",
    "lone-surrogate": "text cut in the middle of a character",
    "not-a-number": "a number that is none (NaN, Infinity)",
    "duplicate-key": "says the same thing twice, perhaps differently",
    "not-json": "not JSON",
    "not-fhir": "no FHIR resource",
    "unknown-type": "a resource that FHIR R4 does not have",
    "version-DSTU2": "of an older version of FHIR (DSTU2)",
    "version-STU3": "of an older version of FHIR (STU3)",
    "version-R5": "of a newer version of FHIR (R5)",
    "invalid-R4": "does not follow the FHIR R4 standard",
    "null-value": "has an empty place where a value should stand",
    "json-type": "has a text for a number, or a number for a text",
    "not-in-value-set": "has a status or code that FHIR R4 does not have",
    "period-reversed": "ends before it starts",
    "entered-in-error": "taken back by the source itself",
    "no-subject": "does not say whose it is",
    "array-empty": "an empty list",
    "element-empty": "an element that says nothing",
    "id-form": "an id of another form than FHIR's",
    "text-empty": "an empty text",
    "uri-form": "an address that is none",
    "base64-form": "a picture or document that cannot be decoded",
    "reference-form": "a reference of another form than FHIR's",
    "contained-nested": "a contained resource that contains another",
    "contained-unreferenced": "a contained resource that nothing refers to",
    "deletion-of-whom": "a deletion that names nothing, or a search: takes nothing",
    "by_link": "ids given up for another that the source links to them",
    "by_identifier": "ids given up: a number is shared, and the rest agrees",
    "conflict": "pairs who share a number and are two: the rest contradicts",
    "unsure": "pairs who share a number and stay two: too little is known",
    "hubs": "numbers that too many share to be anybody's",
    "again": "resources that say again, under another id, what one says that stays",
    "orphan": "its patient is not among the accepted",
    "no-time": "does not say when it happened",
    "no-medication": "its medication is not among the accepted",
    "kept": "in the unit that is kept",
    "converted": "converted to the unit that is kept",
    "no-measure": "a code without a rule for its unit: kept as it came",
    "comparator": "below or above a number: that number, and the sign beside it",
    "text-number": "a number typed as text",
    "range": "a range: its middle",
    "swapped": "systolic and diastolic exchanged: put right",
    "unit-inferred": "without a unit, which its source's values of that month tell",
    "unit-missing": "without a unit: the number was left out",
    "unit-unknown": "in a unit without a rule: the number was left out",
    "unit-conflict": "in two units, or not in that of its code: left out",
    "impossible": "beyond what a living person can have: left out",
    "sentinel": "a number that stands for no value, such as 9999: left out",
    "ambiguous": "a number that can be read in two ways: left out",
    "ordinal": "a word of degree (negative, trace, 1+), which is no number",
    "no-result": "a word for no result (pending, see note)",
    "absent": "without a value",
    "implausible": "failed a check: left out",
    "form-left-out": "a ratio, a range, a time or a curve: left out",
    "text-left-out": "free text, which never enters",
    "note-plain": "notes in plain text, read",
    "note-html": "notes in HTML, read",
    "note-rtf": "notes in RTF, read",
    "note-cda": "notes in CDA or other XML, read",
    "note-conclusion": "conclusions of reports, read",
    "note-section": "sections of notes, read",
    "note-annotation": "remarks beside another record, read",
    "note-narrative": "narratives, read where there was no other text",
    "note-other-format": "the same note in another format: not read",
    "note-elsewhere": "notes that lie at an address: not followed",
    "note-type": "notes that are no text, HTML, RTF or CDA: not read",
    "note-binary": "notes that say they are text and are not: not read",
    "note-too-large": "notes larger than a resource may be: not read",
    "note-empty": "notes without a word",
    "note-language": "notes in a language other than English: not read",
    "note-unreadable": "notes that cannot be decoded",
    "model-answers": "pieces of notes that your own model read",
    "model-believed": "claims of your model that the text bears out",
    "model-shape": "claims of your model that are not what was asked for: dropped",
    "model-concept": "claims of your model of no concept of ours: dropped",
    "model-status": "claims of your model in words that are not ours: dropped",
    "model-quote": "claims of your model whose words no note has: dropped",
    "model-again": "claims of your model that it made before: dropped",
    "model-too-many": "claims of your model beyond the first 500 of a piece: dropped",
    "mention-counted": "mentions of what the vocabulary knows",
    "mention-copied": "mentions in a paragraph that an earlier note has: not counted",
    "code-local": "a code of a system that is not public, or of another form than its "
    "system has: only a keyed hash of it is told",
    "date-filler": "a date that stands for none: that of the record was taken",
    "birth-date-filler": "a birth date that stands for none: left out",
    "death-date-filler": "a date of death that stands for none: left out",
    "gender-not-of-fhir": "a gender that FHIR does not have: left out",
    "preliminary": "preliminary, and left out since the final one is there",
}


def thousands(number: int) -> str:
    """Return a count with its thousands parted."""
    return f"{number:,}"


def counted(number: int, noun: str) -> str:
    """Return a count and its noun.

    >>> counted(1, "visit"), counted(2500, "visit")
    ('1 visit', '2,500 visits')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def percent(share: float) -> str:
    """Return a share in percent, with a decimal where it is small.

    >>> percent(0.423), percent(0.0123), percent(0.0002)
    ('42 %', '1.2 %', '< 0.1 %')
    """
    if share < 0:
        return f"\N{MINUS SIGN}{percent(-share)}"
    if 0 < share < 0.001:
        return "< 0.1 %"
    digits = 0 if share in (0, 1) or 0.1 <= share < 0.995 else 1
    return f"{100 * share:.{digits}f} %"


def span(days: int) -> str:
    """Return a number of days in the largest unit that fits.

    >>> span(1825), span(365), span(90)
    ('5 years', '1 year', '90 days')
    """
    years, rest = divmod(days, DAYS_A_YEAR)
    return counted(years, "year") if years and not rest else counted(days, "day")


def interval(found: Interval | None, digits: int = 2) -> str:
    """Return a value with its interval, as far as they could be estimated.

    >>> interval({"value": 0.84, "low": 0.8, "high": None})
    '0.84 (interval not estimable)'
    """
    if found is None or found["value"] is None:
        return UNKNOWN
    return f"{_signed(found['value'], digits)} ({limits(found, digits)})"


def share_interval(found: Interval) -> str:
    """Return a share with its interval in percent.

    >>> share_interval({"value": 0.42, "low": 0.3, "high": 0.555})
    '42 % (30 % to 56 %)'
    """
    if found["value"] is None:
        return UNKNOWN
    low, high = found["low"], found["high"]
    if low is None or high is None:
        return f"{percent(found['value'])} (interval {UNKNOWN})"
    return f"{percent(found['value'])} ({percent(low)} to {percent(high)})"


def limits(found: Interval, digits: int = 2) -> str:
    """Return the interval alone."""
    low, high = found["low"], found["high"]
    if low is None or high is None:
        return f"interval {UNKNOWN}"
    return f"{_signed(low, digits)} to {_signed(high, digits)}"


def _signed(value: float, digits: int) -> str:
    # Nought has no sign, and a hyphen is no minus.
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def meaning(word: str) -> str:
    """Return what a fixed word of the ledger means."""
    return MEANINGS.get(word, word.replace("-", " ").replace("_", " "))


def inside(title: str) -> str:
    """Return a title as it stands inside a sentence.

    >>> inside("Heart failure"), inside("HIV infection")
    ('heart failure', 'HIV infection')
    """
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def capitalized(told: str) -> str:
    """Return a phrase as the beginning of a sentence.

    >>> capitalized("no AUROC")
    'No AUROC'
    """
    return told[:1].upper() + told[1:]
