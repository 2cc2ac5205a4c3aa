"""FHIR codings into SYSTEM//code, the way the MEDS community writes them.

A "code" of a hospital's own may be a name or a number of a person. So a code passes
only where its system is named in `coding.yaml` and the code has that system's form, or
where `local_codes.csv` says which public code it means. Any other leaves as a keyed
hash: a feature like others, which tells nothing.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from chronicle.core import store
from chronicle.ingest import deidentify, measures
from chronicle.ingest.keys import Keys
from chronicle.ingest.source import Source

_TABLE = store.read_yaml(Path(__file__).with_name("coding.yaml"))
SYSTEMS: dict[str, str] = {
    uri: short for short, told in _TABLE.items() for uri in told["systems"]
}
GRAMMARS = {
    short: re.compile(told["grammar"], re.ASCII) for short, told in _TABLE.items()
}
MEANT = {
    (row["system"], row["code"]): row["means"]
    for row in measures.rows("local_codes.csv")
}
LOCAL = "LOCAL//"
LOCAL_FATE = "code-local"


def codes(concept: Any, source: Source, *, otherwise: str) -> list[str]:
    """Return every code of a CodeableConcept, once, in the order given.

    All of them, because hospitals send SNOMED, ICD-10 and ICD-9 side by side and a
    disease file may know any one. Display and text never enter.

    Args:
        concept: A CodeableConcept, or None.
        source: Has the keys; it is told how many codes left as a hash.
        otherwise: What the event is called where there is no code.
    """
    listed = None if concept is None else concept.coding
    if not listed:
        return [otherwise]
    if len(listed) == 1:  # nearly always
        return [code(listed[0], source) or otherwise]
    found = [code(each, source) for each in listed]
    return list(dict.fromkeys(each for each in found if each)) or [otherwise]


def code(coding: Any, source: Source) -> str | None:
    """Return SYSTEM//code of one Coding; None where it holds no code."""
    if coding is None:
        return None
    found = _named(coding.system, coding.code, source.keys)
    if found is not None and found.startswith(LOCAL):
        source.tally[LOCAL_FATE] += 1
    return found


# A hospital has a few thousand codes and writes them a million times.
@lru_cache(65_536)
def _named(system: object, value: object, keys: Keys) -> str | None:
    if not isinstance(value, str) or not (plain := value.strip()):
        return None
    uri = system if isinstance(system, str) else ""
    known = uri.rstrip("/").replace("https://", "http://", 1)
    if meant := MEANT.get((known, plain)):
        return meant
    short = SYSTEMS.get(known)
    if short and GRAMMARS[short].fullmatch(plain):
        return f"{short}//{plain}"
    return LOCAL + deidentify.word(f"{uri}|{plain}", by=keys)
