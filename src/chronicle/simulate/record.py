"""What happened to one virtual patient, dated, before any site writes it down.

Times are naive and local: each site has its own zone. Values are in the unit that
`measures.yaml` names first. Nothing here is wrong, late or missing by fault: that is
what a site and its faults make of it.
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Person:
    """Who it is.

    Args:
        number: Position in the population, from 0.
        id: 16 hex digits, the same for the same seed and number.
        site: One of `sites.yaml`.
        female: Administrative gender; the simulator knows two.
        born: Birth date.
        died: Null where alive at the end of the records.
        race: white, black, hispanic, asian or other.
        family: Conditions of a parent, as in `conditions.yaml`.
    """

    number: int
    id: str
    site: str
    female: bool
    born: date
    died: datetime | None
    race: str
    family: tuple[str, ...]


@dataclass(frozen=True)
class Visit:
    """An encounter; `kind` is AMB, EMER or IMP (v3-ActCode)."""

    start: datetime
    end: datetime
    kind: str


@dataclass(frozen=True)
class Measured:
    """A number, measured or drawn at `at`, known at `issued`."""

    visit: int
    measure: str
    value: float
    at: datetime
    issued: datetime


@dataclass(frozen=True)
class Answered:
    """Smoking status as the patient gave it: never, former or current."""

    visit: int
    smoking: str


@dataclass(frozen=True)
class Diagnosed:
    """A condition that somebody wrote down.

    Args:
        visit: Where.
        condition: One of `conditions.yaml`.
        onset: When it began, as far as anybody says; never after the visit.
        confirmed: False for a rule-out code: written once, and not the disease.
    """

    visit: int
    condition: str
    onset: datetime
    confirmed: bool


@dataclass(frozen=True)
class Ordered:
    """A drug, one of `drugs.yaml`, started or renewed."""

    visit: int
    drug: str


@dataclass(frozen=True)
class Record:
    """One patient's life with the health system, each list in order of time."""

    person: Person
    visits: tuple[Visit, ...]
    measured: tuple[Measured, ...]
    answered: tuple[Answered, ...]
    diagnosed: tuple[Diagnosed, ...]
    ordered: tuple[Ordered, ...]
