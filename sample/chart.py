"""Write one person's record as FHIR R4, the way that one hospital writes it."""

from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from people import Person

Json = dict[str, Any]

HOME = "https://chronicle.example"
# HL7 v3 ActReason: who is labelled so is nobody, and needs no secret key.
TEST_DATA = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "code": "HTEST",
}
HL7 = "http://terminology.hl7.org/CodeSystem/"
SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
# SNOMED CT, ICD-10-CM, and the RxNorm code of the drug that follows the diagnosis.
AILMENTS = {
    "htn": ("59621000", "I10", "314076"),
    "chd": ("414545008", "I25.10", "617310"),
    "heart_failure": ("84114007", "I50.9", "310798"),
    "t2dm": ("44054006", "E11.9", "860975"),
}
OLD_HYPERTENSION = "38341003"  # what three of the sites wrote until 2018
MEASURES = {
    "bmi": ("39156-5", "kg/m2"),
    "weight": ("29463-7", "kg"),
    "creatinine": ("2160-0", "mg/dL"),
    "cholesterol": ("2093-3", "mg/dL"),
    "hdl": ("2085-9", "mg/dL"),
    "hba1c": ("4548-4", "%"),
    "glucose": ("2345-7", "mg/dL"),
}
LABS = tuple(MEASURES)[2:]
PRESSURE = {"systolic": "8480-6", "diastolic": "8462-4"}


@dataclass(frozen=True)
class Site:
    """How a hospital writes: its clock, its references, its codes and its units."""

    clock: str  # follows the day; empty where only days are kept
    link: str = "urn:uuid:"  # how a reference begins; {} is the resource type
    panel: str = "85354-9"  # empty: two Observations instead of components
    molar: bool = False
    doctor: bool = False  # named by a contained resource or a conditional reference
    icd: bool = False  # codes every second patient's diagnoses in ICD-10-CM


@dataclass(frozen=True)
class Chart:
    """One person's record as one hospital writes it."""

    person: Person
    site: Site

    def resources(self) -> list[Json]:
        """Return the whole record."""
        visits = range(len(self.person.visits))
        return [self.patient(), *(each for k in visits for each in self.visit(k))]

    def named(self, kind: str, *parts: object) -> Json:
        """Start a resource; its id is readable, or a UUID where references need one."""
        words = (f"sample-{self.person.number:03}", *map(str, parts))
        name = "-".join(words).replace("_", "-")  # an id may hold no underscore
        uuid = str(uuid5(NAMESPACE_URL, f"{HOME}/{name}"))
        return {"resourceType": kind, "id": uuid if "urn:" in self.site.link else name}

    def link(self, kind: str, *parts: object) -> Json:
        """Refer to a resource of this record."""
        start = self.site.link.format(kind)
        return {"reference": start + self.named(kind, *parts)["id"]}

    def patient(self) -> Json:
        """Write who it is."""
        person, name = self.person, f"Patient {self.person.number:03}"
        died = {"deceasedDateTime": str(person.died)} if person.died else {}
        return {
            **self.named("Patient"),
            "meta": {"security": [TEST_DATA]},
            "name": [{"family": name, "given": ["Sample"]}],
            "gender": "female" if person.female else "male",
            "birthDate": str(person.born),
            **died,
        }

    def visit(self, k: int) -> list[Json]:
        """Write visit `k`: labs every fourth year, smoking and weight every third."""
        seen = self.person.visits[k]
        names = ["bmi", *(LABS if k % 4 == 1 else ())]
        names += ["weight"] if k % 3 == 0 else []
        new = [slug for slug, onset in self.person.onsets.items() if onset == k]
        smoking = {"valueCodeableConcept": concept(SNOMED, self.person.smoking)}
        return [
            self.encounter(k, "AMB" if {*new} <= {"htn", "t2dm"} else "IMP"),
            *self.pressure(k, seen),
            *(self.measured(k, name, seen[name]) for name in names),
            *([] if k % 3 else [self.observed(k, "smoking", "72166-2", smoking)]),
            *(each for slug in new for each in self.diagnosis(k, slug)),
        ]

    def about(self, k: int) -> Json:
        """Say whose it is and at which visit it came."""
        return {"subject": self.link("Patient"), "encounter": self.link("Encounter", k)}

    def when(self, k: int) -> str:
        """Say when visit `k` was, as precisely as the site does."""
        return f"{self.person.visits[k]['day']}{self.site.clock}"

    def encounter(self, k: int, kind: str) -> Json:
        """Write the visit itself."""
        more: Json = {}
        if self.site.doctor:
            who = "#doctor" if k % 2 else f"Practitioner?identifier={HOME}/staff|7"
            more = {"participant": [{"individual": {"reference": who}}]}
        if self.site.doctor and k % 2:
            doctor = {"resourceType": "Practitioner", "id": "doctor"}
            more["contained"] = [{**doctor, "name": [{"text": "Sample Doctor"}]}]
        return {
            **self.named("Encounter", k),
            "status": "finished",
            "class": {"system": HL7 + "v3-ActCode", "code": kind},
            "subject": self.link("Patient"),
            "period": {"start": self.when(k)},
            **more,
        }

    def observed(self, k: int, name: str, code: str, what: Json) -> Json:
        """Write an Observation."""
        lab = name in LABS and self.site.clock  # `issued` is an instant, not a day
        return {
            **self.named("Observation", k, name),
            "status": "final",
            "code": concept(LOINC, code),
            **self.about(k),
            "effectiveDateTime": self.when(k),
            **({"issued": self.when(k).replace("T0", "T1")} if lab else {}),
            **what,
        }

    def measured(self, k: int, name: str, value: float) -> Json:
        """Write a measurement, in the site's unit."""
        code, unit = MEASURES[name]
        if self.site.molar and name == "hba1c":
            value, unit = round(10.93 * value - 23.5), "mmol/mol"
        if self.site.molar and name == "glucose":
            value, unit = round(value / 18.0156, 1), "mmol/L"
        return self.observed(k, name, code, quantity(value, unit))

    def pressure(self, k: int, seen: Json) -> list[Json]:
        """Write blood pressure: one panel with components, or two Observations."""
        parts = {n: (c, quantity(seen[n], "mm[Hg]")) for n, c in PRESSURE.items()}
        if not self.site.panel:
            return [self.observed(k, n, c, value) for n, (c, value) in parts.items()]
        components = [{"code": concept(LOINC, c), **v} for c, v in parts.values()]
        return [self.observed(k, "bp", self.site.panel, {"component": components})]

    def diagnosis(self, k: int, slug: str) -> list[Json]:
        """Write a disease and the drug against it."""
        state = HL7 + "condition-"
        disease = {
            **self.named("Condition", slug),
            "clinicalStatus": concept(state + "clinical", "active"),
            "verificationStatus": concept(state + "ver-status", "confirmed"),
            **self.coded(k, slug),
            **self.about(k),
            "recordedDate": self.when(k),
        }
        drug = {
            **self.named("MedicationRequest", slug),
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": concept(RXNORM, AILMENTS[slug][2]),
            **self.about(k),
            "authoredOn": self.when(k),
        }
        return [disease, drug]

    def coded(self, k: int, slug: str) -> Json:
        """Say which disease; with ICD codes only the day of recording is known."""
        snomed, icd, _ = AILMENTS[slug]
        if self.site.icd and self.person.number % 2:
            return {"code": concept(ICD10CM, icd)}
        if slug == "htn" and "urn:" in self.site.link and self.when(k) < "2019":
            snomed = OLD_HYPERTENSION
        return {"code": concept(SNOMED, snomed), "onsetDateTime": self.when(k)}


def concept(system: str, code: str) -> Json:
    """Write a CodeableConcept."""
    return {"coding": [{"system": system, "code": code}]}


def quantity(value: float, unit: str) -> Json:
    """Write a value[x] in a UCUM unit."""
    ucum = {"system": "http://unitsofmeasure.org", "code": unit}
    return {"valueQuantity": {"value": value, "unit": unit, **ucum}}
