"""Identifiers and links of a Patient: what may tell that two ids are one person.

No identifier, name or birth date leaves this file, only keyed hashes of them. Those of
names and dates are made with the identifier that stands beside them: nothing can be
learnt from how often one occurs, and they compare only where identifiers are equal.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from chronicle.core import store
from chronicle.ingest import times
from chronicle.ingest.source import Source

RULES: dict[str, Any] = store.read_yaml(Path(__file__).with_name("identifiers.yaml"))
SPACES: dict[str, str] = {
    name.lower(): space[0] for space in RULES["systems"] for name in space
}
WHOLE_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
BEST_NAMES = ("official", "usual", None)
PATIENT = "Patient/"
Hash = Callable[[str], int]


class Identifier(NamedTuple):
    """One number of a person, with what must agree beside it; all are keyed hashes.

    Args:
        token: Of its system and value.
        typed: It is of a kind that one issuer gives to one person.
        old: It is no longer in use.
        born: Of the birth date; null where that is not a whole date.
        nearly: Of the birth date without its day, its month, its year.
        gender, given, family: Of each; null where not stated.
    """

    token: int
    typed: bool
    old: bool
    born: int | None
    nearly: list[int]
    gender: int | None
    given: int | None
    family: int | None


class Link(NamedTuple):
    """What a Patient says of another one: both are the same person.

    Args:
        other: Whom, as a subject_id.
        type: replaced-by, replaces, refer or seealso (FHIR link-type).
    """

    other: int
    type: str


def identifiers(source: Source) -> list[Identifier]:
    """Return the identifiers of a Patient that may tell who it is."""
    person = source.resource
    found = []
    for each in person.identifier or ():
        if (named := _named(each)) and (typed := _typed(each)) is not None:
            beside = _beside(person, _hash(source.hashed(f"beside|{named}")))
            token = int.from_bytes(source.hashed(f"token|{named}")[:8], "big") >> 1
            found.append(Identifier(token, typed, each.use == "old", *beside))
    return found


def links(source: Source) -> list[Link]:
    """Return the other Patients that are the same person, as the source says.

    A RelatedPerson that is the same person has no record of its own, and is left out.
    """
    found = []
    for each in source.resource.link or ():
        key = source.meant(each.other)
        if key is not None and key.startswith(PATIENT) and isinstance(each.type, str):
            found.append(Link(source.subject_id_of(key), each.type))
    return found


def _named(identifier: Any) -> str | None:
    """Return system and value in one spelling; None where they name nobody."""
    system, value = identifier.system, identifier.value
    if not isinstance(system, str) or not isinstance(value, str):
        return None
    plain = _plain(value)
    said = len(plain) >= RULES["least_signs"] and len(set(plain)) > 1
    if not said or plain in RULES["placeholders"] or not system.strip():
        return None
    return (
        None
        if identifier.use in RULES["unusable_uses"]
        else f"{_space(system)}|{plain}"
    )


def _typed(identifier: Any) -> bool | None:
    """Tell whether it is a person's by its kind; None where its kind is another."""
    if _space(identifier.system) in SPACES.values():
        return True
    codings = None if identifier.type is None else identifier.type.coding
    codes = {each.code for each in codings or () if isinstance(each.code, str)}
    if not codes:
        return False
    return True if codes & set(RULES["types"]) else None


def _beside(person: Any, hashed: Hash) -> tuple[Any, ...]:
    born, nearly = None, []
    # Two whose birth nobody knows were not born on the same day.
    date = times.begun(person.birthDate)
    if isinstance(date, str) and (whole := WHOLE_DATE.match(date)):
        born = hashed(whole[0])
        for left_out in range(3):
            parts = list(whole.groups())
            parts[left_out] = ""
            nearly.append(hashed("-".join(parts)))
    given, family = _name(person.name)
    stated = {"g": person.gender, "n": given, "f": family}
    hashes = [
        hashed(f"{mark}|{_plain(text)}") if isinstance(text, str) else None
        for mark, text in stated.items()
    ]
    return born, nearly, *hashes


def _name(names: Any) -> tuple[str | None, str | None]:
    """Return the first given name and the family name that count."""
    for use in BEST_NAMES:
        for each in names or ():
            if each.use == use and (each.given or each.family):
                given = next(iter(each.given or ()), None)
                return given, each.family
    return None, None


@cache
def _space(system: str) -> str:
    plain = system.strip().rstrip("/").lower()
    known = SPACES.get(plain)
    return known or plain.replace("https://", "http://", 1)


def _plain(text: str) -> str:
    """Return the letters and digits of a text, in one form.

    >>> _plain("Ann-Zoé 7"), _plain("999-56-7131")
    ('annzoe7', '999567131')
    """
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(each for each in apart if each.isalnum())


def _hash(key: bytes) -> Hash:
    def hashed(text: str) -> int:
        digest = blake2b(text.encode(), key=key, digest_size=8).digest()
        return int.from_bytes(digest, "big") >> 1

    return hashed
