"""A disease with nothing in it that a test does not mean, and what its words mean."""

from typing import Any

from chronicle.core.disease import Disease
from chronicle.select.evidence import Words, words
from tests.featurize.plain import NO_LEAKS

LISTS = {
    "stated": {"include": ["SNOMED//1"]},
    "drugs": {"include": ["RXNORM//1", "RXNORM//2*"], "exclude": ["RXNORM//22"]},
}
MEASURES = {"egfr": ("LOINC//33914-3",), "sbp": ("LOINC//8480-6",)}
SETTINGS = {"inpatient": ("ENCOUNTER//IMP",), "emergency": ("ENCOUNTER//EMER",)}


def disease(*any_of: dict[str, Any], **changes: Any) -> Disease:
    """Return one with these criteria of onset; lists that nobody reads go."""
    asked = NO_LEAKS.model_dump(exclude_unset=True) | {"prevalent": []} | changes
    criteria = list(any_of) or [{"codes": ["stated"]}]
    recurrent = {"recurrent": True} if asked.pop("recurrent", False) else {}
    asked["onset"] = {"any_of": criteria, **recurrent}
    told = repr((criteria, asked["prevalent"], asked.get("leaks")))
    asked["lists"] = {name: each for name, each in LISTS.items() if name in told}
    asked["lists"] |= {"-": LISTS["stated"]} if not asked["lists"] else {}
    asked["leaks"] = ["-"] if "-" in asked["lists"] else asked.get("leaks", [])
    return Disease.model_validate(asked)


def said(asked: Disease) -> Words:
    return words(asked, MEASURES, SETTINGS)
