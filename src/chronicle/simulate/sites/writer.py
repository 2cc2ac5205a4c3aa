"""The hand that writes one patient's resources: ids, references and times."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chronicle.simulate.record import Person, Record
from chronicle.simulate.sites import habits
from chronicle.simulate.sites.chance import Chance
from chronicle.simulate.sites.habits import Site

Resource = dict[str, Any]


@dataclass(slots=True)
class Item:
    """One resource, and what the faults and the truth need to know about it.

    Args:
        resource: As FHIR.
        about: The measure, condition or drug; empty for other types.
        at: Local time of what it tells.
        mentions: What a note says, as `phrase.Text` has it.
        doubted: A rule-out that this site writes like any diagnosis.
    """

    resource: Resource
    about: str
    at: datetime
    mentions: list[dict[str, Any]] = field(default_factory=list)
    doubted: bool = False


@dataclass(frozen=True)
class Writer:
    """One patient at one site.

    Args:
        record: What happened.
        site: How it is written down.
        chance: The patient's own.
        patient_id: The id of the Patient.
        subject: The reference to it.
        encounters: References to the encounters, one a visit.
        noted_only: Share of the conditions that no code tells.
    """

    record: Record
    site: Site
    chance: Chance
    patient_id: str
    subject: Resource
    encounters: tuple[Resource, ...]
    noted_only: float = 0.0

    @property
    def person(self) -> Person:
        """Whose record it is."""
        return self.record.person

    def id(self, kind: str, *words: object) -> str:
        """Return the id of a resource in the site's form."""
        return _shaped(self.site, self.chance.name("id", kind, *words))

    def codes(self, condition: str) -> bool:
        """Tell whether a condition is coded here, or stands in notes alone."""
        return self.chance.share("noted only", condition) >= self.noted_only

    def time(self, at: datetime) -> str:
        """Return a dateTime or instant as the site writes it."""
        return written(self.site, at)

    @property
    def death(self) -> str:
        """Say where the death is recorded: patient, observation, or nowhere."""
        deaths = self.site.deaths
        if self.person.died is None or (
            self.chance.share("death missing") < deaths.missing_share
        ):
            return ""
        only = self.chance.share("death observation") < deaths.observation_share
        return "observation" if only else "patient"


def of(record: Record, seed: int, noted_only: float = 0.0) -> Writer:
    """Return the hand of one patient, who has so many conditions in notes alone."""
    site = habits.sites()[record.person.site]
    chance = Chance(seed, record.person.id)
    visits = (encounter_id(site, chance, n) for n in range(len(record.visits)))
    patient = patient_id(record.person, seed)
    return Writer(
        record,
        site,
        chance,
        patient,
        reference(site, "Patient", patient),
        tuple(reference(site, "Encounter", each) for each in visits),
        noted_only,
    )


def patient_id(person: Person, seed: int) -> str:
    """Return the id that a person's Patient has in the landing."""
    site = habits.sites()[person.site]
    return _shaped(site, Chance(seed, person.id).name("id", "Patient"))


def encounter_id(site: Site, chance: Chance, visit: int) -> str:
    """Return the id of the encounter of a visit."""
    return _shaped(site, chance.name("id", "Encounter", visit))


def reference(site: Site, kind: str, name: str) -> Resource:
    """Return a Reference as the site's documents need it."""
    if site.document.references == "urn":
        return {"reference": f"urn:uuid:{name}"}
    return {"reference": f"{kind}/{name}"}


def written(site: Site, at: datetime) -> str:
    """Return a local time in the site's form."""
    if site.times == "midnight":
        return f"{at.isoformat()[:10]}T00:00:00Z"
    return at.isoformat(timespec="seconds") + site.zone


def _shaped(site: Site, name: bytes) -> str:
    text = name.hex()
    if site.ids == "uuid":
        parts = (text[:8], text[8:12], f"4{text[13:16]}", f"a{text[17:20]}", text[20:])
        return "-".join(parts)
    if site.ids == "digits":
        return str(int.from_bytes(name[:8], "little") % 10**17 + 10**17)
    return text[:24]
