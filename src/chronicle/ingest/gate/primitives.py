"""FHIR's primitive types, each as narrow as R4B and our own rules, or narrower.

What is rare is left out where that makes the rule cheap: it takes the slow path, and
R4B says what it thinks of it. Every pattern is one that Python's `re` and JSON can
agree on with the models' own rules; `tests/ingest/test_gate.py` holds them together.
"""

from typing import NamedTuple

from chronicle.ingest.rules.declared import FORMS, RULES

# Years 1000 to 2999; 29 February of leap years last.
YEAR = "[12][0-9][0-9][0-9]"
LEAP = r"(?:[12][0-9](?:0[48]|[2468][048]|[13579][26])|(?:1[26]|2[048])00)-02-29"
MONTH = "(?:0[1-9]|1[0-2])"
DAY = (
    "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    "|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
ZONE = r"(?:Z|[+\-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
CLOCK = f"T{TIME}{ZONE}"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
# What `re` calls `\S`, as far as it is ASCII and can be seen.
SEEN = "[!-~]"


class Primitive(NamedTuple):
    """How an element of a primitive type is judged.

    Args:
        what: A word of `build.WHAT`.
        least: The shortest text, or the least number.
        most: The greatest number.
        pattern: All of a text.
    """

    what: str
    least: int = 0
    most: int = 0
    pattern: str = ""


def _like(pattern: str) -> Primitive:
    return Primitive("FORM", pattern=pattern)


PRIMITIVES: dict[str, Primitive] = {
    # R4B's patterns for these are found in any text, also in the empty one.
    **dict.fromkeys(
        ("canonical", "markdown", "uri", "url", "xhtml"), Primitive("TEXT")
    ),
    "base64Binary": Primitive("BASE64"),
    "boolean": Primitive("BOOLEAN"),
    "code": _like("[!-~]+(?: [!-~]+)*"),
    "date": _like(f"{YEAR}(?:-(?:{MONTH}|{DAY}))?|{LEAP}"),
    "dateTime": _like(f"{YEAR}(?:-{MONTH})?|(?:{YEAR}-{DAY}|{LEAP})(?:{CLOCK})?"),
    "decimal": Primitive("DECIMAL"),
    "id": _like(r"[A-Za-z0-9\-.]{1,255}"),
    "instant": _like(f"(?:{YEAR}-{DAY}|{LEAP}){CLOCK}"),
    "integer": Primitive("INTEGER", -(2**31), 2**31 - 1),
    "oid": _like(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+"),
    "positiveInt": Primitive("INTEGER", 1, 2**31 - 1),
    # R4B refuses a text of nothing but exotic blanks; so none may begin with one.
    "string": Primitive("STRING", 1),
    "time": _like(TIME),
    "unsignedInt": Primitive("INTEGER", 0, 2**31 - 1),
    "uuid": _like(f"urn:uuid:{UUID}"),
}
# The same by `rules.yaml`, with single elements: where no row is made of a type, and
# where some are.
_RULES: dict[str, Primitive] = {
    **{what: _like(form.pattern.replace(r"\S", SEEN)) for what, form in FORMS.items()},
    "base64Binary": Primitive("BASE64", 1),
    "markdown": Primitive("TEXT", 1),
}
RULED: dict[bool, dict[str, Primitive]] = {
    read: PRIMITIVES
    | {
        what: made
        for what, made in _RULES.items()
        if read or RULES[FORMS[what].rule].everywhere
    }
    for read in (False, True)
}
# What has a machine in `forms.json`.
PATTERNS = {each.pattern for ruled in RULED.values() for each in ruled.values()} - {""}
