"""What a deletion names: one resource, or all that bear an identifier.

`DELETE Observation?identifier=urn:a|7` is a search, of which only the server knows the
answer. Where it asks for one identifier with its system, the answer can be found here:
it is in what came, whichever file came first. Identifiers are kept as keyed hashes.
"""

import re
from typing import Any
from urllib.parse import parse_qsl

from chronicle.ingest.source import Source

# As in `Patient/123`, `https://a.b/fhir/Patient/123/_history/2`, `Patient`.
PLACE = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)(?:/([^/]+)|/?$)")
WORDS = re.compile(r"[/?]")
SEARCH = "identifier"


def gone(url: str) -> str:
    """Return what a URL to be deleted names, as `Entry.deletes` says it.

    A search for several things, for a number whose system it does not say (it may be
    anybody's) or by anything else is left to the server: `Type/` names nothing.

    >>> gone("https://a.b/fhir/Patient/7/_history/2"), gone("Patient?name=Ann")
    ('Patient/7', 'Patient/')
    >>> gone("Patient?identifier=urn%3Aa%7C7"), gone("Patient?identifier=7")
    ('Patient?urn:a|7', 'Patient/')
    """
    place, _, query = url.partition("?")
    found = PLACE.search(place)
    if found is None:
        return "/"
    if not found[2] and (number := _number(query)):
        return f"{found[1]}?{number}"
    return f"{found[1]}/{found[2] or ''}"


def kind(gone: str) -> str:
    """Return the type of what `gone` says, "" where it says none."""
    return WORDS.split(gone)[0]


def label(text: str, hashed: Any) -> int:
    """Return what stands for `Type?system|value`: a number of 63 bits, keyed."""
    return int.from_bytes(hashed(f"named|{text}")[:8], "big") >> 1


def labels(source: Source) -> list[tuple[int]]:
    """Return the labels of a resource, by which a deletion may call it."""
    found = []
    given = source.resource.identifier or []
    for each in given if isinstance(given, list) else [given]:  # a Composition has one
        system, value = each.system, each.value
        if isinstance(system, str) and isinstance(value, str) and system and value:
            text = f"{source.kind}?{system}|{value}"
            found.append((label(text, source.hashed),))
    return found


def _number(query: str) -> str | None:
    """Return `system|value` where a search asks for that and nothing else."""
    asked = parse_qsl(query, keep_blank_values=True)
    if len(asked) != 1 or asked[0][0] != SEARCH:
        return None
    number = asked[0][1]
    system, _, value = number.partition("|")
    # A comma means one of several; what is escaped is left alone.
    if not system or not value or any(sign in number for sign in ",\\"):
        return None
    return None if "|" in value else number
