"""FHIR codings into SYSTEM//code, the way the MEDS community writes them."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

SYSTEMS: dict[str, str] = {
    uri: short
    for short, uris in yaml.safe_load(
        Path(__file__).with_name("coding.yaml").read_text(encoding="utf-8")
    ).items()
    for uri in uris
}
# A local "code" may be a sentence about a person; only what looks like a code enters.
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+:/\-]{0,47}", re.ASCII)
NOT_WORD = re.compile(r"[^A-Za-z0-9]+", re.ASCII)


def codes(concept: Any, *, otherwise: str) -> list[str]:
    """Return every code of a CodeableConcept, once, in the order given.

    All of them, because hospitals send SNOMED, ICD-10 and ICD-9 side by side and a
    disease file may know any one. Display and text never enter.

    Args:
        concept: A CodeableConcept, or None.
        otherwise: What the event is called where no coding looks like a code.

    >>> codes(None, otherwise="UNCODED//Observation")
    ['UNCODED//Observation']
    """
    listed = None if concept is None else concept.coding
    found = [_named(each.system, each.code) for each in listed or ()]
    if len(found) == 1:  # nearly always
        return [found[0] or otherwise]
    return list(dict.fromkeys(each for each in found if each)) or [otherwise]


def code(coding: Any) -> str | None:
    """Return SYSTEM//code of one Coding; None where it holds no code."""
    return None if coding is None else _named(coding.system, coding.code)


# A hospital has a few thousand codes and writes them a million times.
@lru_cache(65_536)
def _named(system: object, value: object) -> str | None:
    if not isinstance(value, str) or not CODE.fullmatch(value.strip()):
        return None
    return f"{_short(system)}//{value.strip()}"


def _short(system: object) -> str:
    if not isinstance(system, str) or not system:
        return "LOCAL"
    known = SYSTEMS.get(system.rstrip("/").replace("https://", "http://", 1))
    if known:
        return known
    tail = NOT_WORD.sub("_", re.split(r"[/:]", system.rstrip("/"))[-1])
    return tail.strip("_").upper()[:40] or "LOCAL"
