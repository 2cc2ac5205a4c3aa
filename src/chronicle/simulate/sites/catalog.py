"""What the YAML files beside this one say, as frozen values.

`conditions.yaml`, `measures.yaml`, `drugs.yaml`, `names.yaml` and `notes.yaml`; each
explains its keys at its head. The sites are in `habits.py`.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field

from chronicle.core import params
from chronicle.core.params import Params

HERE = Path(__file__).parent


class Coded(Params):
    """A code, its display, and the ISO day from which it is in fashion."""

    code: str
    display: str
    since: str = Field("", alias="from")


class Codes(Params):
    """The codes of a condition in each system, oldest first."""

    snomed: tuple[Coded, ...]
    icd10cm: tuple[Coded, ...]
    icd9cm: tuple[Coded, ...]


class Stay(Codes):
    """How a condition is coded where the visit is a hospital stay."""

    procedure: Coded | None = None


class Condition(Codes):
    """One condition in every system, and in clinicians' words."""

    inpatient: Stay | None = None
    family: Coded | None = None
    home: str
    notes: tuple[str, ...]
    concepts: tuple[str, ...]


class Unit(Params):
    """A unit: number = value * factor + offset, rounded to `decimals`."""

    ucum: str
    spelled: str
    factor: float
    offset: float
    decimals: int
    loinc: str | None = None


class Measure(Params):
    """One measure; `low` and `high` in its first unit."""

    category: Literal["vital-signs", "laboratory"]
    codes: tuple[Coded, ...]
    local: str
    low: float
    high: float
    units: tuple[Unit, ...]


class Panel(Params):
    """A blood pressure written as one resource of two components."""

    parts: tuple[str, str]
    codes: tuple[Coded, ...]


class Smoking(Params):
    """The question about smoking and its answers."""

    code: Coded
    answers: dict[str, Coded]


class Drug(Params):
    """One drug; `kind` is the RxNorm term type of `code`."""

    code: str
    kind: Literal["SCD", "IN"]
    ingredient: str
    display: str
    home: str
    sig: str


class Names(Params):
    """What an invented person may be called, and where nobody lives."""

    family: tuple[str, ...]
    female: tuple[str, ...]
    male: tuple[str, ...]
    street: tuple[str, ...]
    town: tuple[str, ...]
    postal: str
    phone: str
    country: str


class Notes(Params):
    """Templates of notes and what fills them."""

    share: float
    copied_share: float
    templates: tuple[str, ...]
    copied: str
    events: tuple[str, ...]
    reasons: tuple[str, ...]
    plans: tuple[str, ...]
    smoking: dict[str, str]


class _Conditions(Params):
    conditions: dict[str, Condition]


class _Drugs(Params):
    drugs: dict[str, Drug]


class _Names(Params):
    names: dict[str, Names]


class Measures(Params):
    """`measures.yaml` as a whole."""

    panel: Panel
    smoking: Smoking
    measures: dict[str, Measure]


Kind = TypeVar("Kind", bound=Params)


def read(name: str, kind: type[Kind]) -> Kind:
    """Return a file beside this one as `kind`."""
    return params.load(HERE / name, kind)


@cache
def conditions() -> dict[str, Condition]:
    """Return every condition by its id."""
    return read("conditions.yaml", _Conditions).conditions


@cache
def measures() -> Measures:
    """Return measures, the pressure panel and the question about smoking."""
    return read("measures.yaml", Measures)


@cache
def drugs() -> dict[str, Drug]:
    """Return every drug by its id."""
    return read("drugs.yaml", _Drugs).drugs


@cache
def names(listed: str) -> Names:
    """Return one list of invented names."""
    return read("names.yaml", _Names).names[listed]


@cache
def notes() -> Notes:
    """Return the templates of notes."""
    return read("notes.yaml", Notes)


def in_use(codes: Sequence[Coded], day: str, *, drift: bool) -> Coded:
    """Return the code of an ISO day, or today's where the site knows no drift."""
    if not drift:
        return codes[-1]
    return [each for each in codes if each.since <= day][-1]
