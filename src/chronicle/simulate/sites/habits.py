"""The habits of a site: `sites.yaml` as frozen values."""

from functools import cache
from typing import Literal

from pydantic import Field

from chronicle.core.params import Params
from chronicle.simulate.sites import catalog

System = Literal["snomed", "icd10cm", "icd9cm"]


class Document(Params):
    """The file form of a site."""

    form: Literal["transaction", "collection", "ndjson"]
    gzip_share: float
    references: Literal["urn", "relative"]


class Era(Params):
    """The code systems in use from a day on."""

    since: str = Field(alias="from")
    use: tuple[System, ...]


class Coding(Params):
    """How a site codes conditions."""

    systems: tuple[Era, ...]
    drift: bool
    problem_list: str | None = None
    encounter_onset: bool
    doubt: Literal["provisional", "differential"] | None = None
    home_text: bool = False


class Pressure(Params):
    """How a site writes blood pressure."""

    form: Literal["panel", "separate"]
    text_share: float


class Ordering(Params):
    """How a site writes drugs."""

    text_share: float = 0.0
    home: bool = False


class Deaths(Params):
    """How much a site knows of its dead."""

    missing_share: float = 0.0
    observation_share: float = 0.0


class NoteStyle(Params):
    """How a site writes numbers and dates in text, and the text itself."""

    decimal_comma: bool = False
    form: Literal["plain", "html", "rtf"] = "plain"


class Site(Params):
    """One site's habits; see the head of `sites.yaml`."""

    zone: str
    times: Literal["instant", "midnight"]
    issued: bool
    birth: Literal["day", "year"]
    ids: Literal["uuid", "digits", "hex"]
    names: str
    us_core: bool
    document: Document
    conditions: Coding
    pressure: Pressure
    units: dict[str, str] = Field(default_factory=dict)
    ucum: bool = True
    molar_codes: bool = False
    skip: tuple[str, ...] = ()
    cap: dict[str, float] = Field(default_factory=dict)
    local_share: float = 0.0
    preliminary_share: float = 0.0
    drugs: Ordering = Ordering()
    deaths: Deaths = Deaths()
    smoking_missing_share: float = 0.0
    family: Literal["resource", "code", "none"]
    coverage: bool = False
    notes: NoteStyle = NoteStyle()
    faults: bool = True
    fault_factor: dict[str, float] = Field(default_factory=dict)


class _Sites(Params):
    sites: dict[str, Site]


@cache
def sites() -> dict[str, Site]:
    """Return every site by its id."""
    return catalog.read("sites.yaml", _Sites).sites
