"""A note's plain text into mentions: the one door of this package."""

import re

from chronicle.ingest.notes.mention import Mention

__all__ = ["Mention", "mentions"]

_CONCEPTS = re.compile(
    r"\b(?:(?P<diabetes_type_2>type 2 diabetes|t2dm|dm2)"
    r"|(?P<hypertension>hypertension|HTN)|(?P<smokes>smokes|smoker)"
    r"|(?P<ejection_fraction>EF (?P<value>\d{2})))\b",
    re.IGNORECASE,
)


def mentions(text: str) -> list[Mention]:
    """Return what the text says, in the order in which it says it."""
    found = []
    for each in _CONCEPTS.finditer(text):
        before = text[max(0, each.start() - 40) : each.start()]
        negated = re.search(r"\b(?:no|denies|without)\b[^.]*$", before, re.IGNORECASE)
        value = float(each["value"]) if each["value"] else None
        found.append(
            Mention(
                next(k for k, v in each.groupdict().items() if v),
                "negated" if negated else "affirmed",
                "patient",
                "current",
                "",
                each.start(),
                each.end(),
                value,
                None if value is None else "%",
            )
        )
    return found
