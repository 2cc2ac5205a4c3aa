"""CodeableConcepts, built once: thousands of resources share them.

Whoever changes a resource must copy it first (`spoil.py` does).
"""

from functools import cache

from chronicle.simulate.sites import catalog
from chronicle.simulate.sites.catalog import Codes
from chronicle.simulate.sites.habits import Site
from chronicle.simulate.sites.writer import Resource

SYSTEMS = {
    "snomed": "http://snomed.info/sct",
    "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "icd9cm": "http://hl7.org/fhir/sid/icd-9-cm",
}
LOINC = "http://loinc.org"
SNOMED = SYSTEMS["snomed"]
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"
LOCAL = "http://lab.example.org/codes"
HL7 = "http://terminology.hl7.org/CodeSystem"


@cache
def single(system: str, code: str, display: str = "", text: str = "") -> Resource:
    """Return a concept of one coding."""
    coding = {"system": system, "code": code}
    found: Resource = {"coding": [coding | ({"display": display} if display else {})]}
    return found | ({"text": text} if text else {})


@cache
def several(codings: tuple[tuple[str, str, str], ...], text: str) -> Resource:
    """Return a concept of (system, code, display) each, and its text."""
    return {
        "coding": [
            {"system": system, "code": code, "display": display}
            for system, code, display in codings
        ],
        "text": text,
    }


def condition(site: Site, name: str, day: str, *, stay: bool) -> Resource:
    """Return a condition as a site codes it on an ISO day."""
    known = catalog.conditions()[name]
    codes: Codes = known.inpatient if stay and known.inpatient else known
    habits = site.conditions
    era = [each for each in habits.systems if each.since <= day][-1]
    found = tuple(
        (SYSTEMS[system], code.code, code.display)
        for system in era.use
        for code in [catalog.in_use(getattr(codes, system), day, drift=habits.drift)]
    )
    return several(found, known.home if habits.home_text else found[0][2])
