"""A drawn table, asked what its committed suite asks, without a file."""

from functools import cache
from pathlib import Path

import polars as pl

from chronicle.check import asked as kinds
from chronicle.check import flag, reference, stage, whole, wide
from chronicle.core.expect import suite, suites
from chronicle.core.tables import EVENTS, PATIENTS
from tests.conftest import ROOT
from tests.drawn import day, events, patients

TABLES = {"patients": PATIENTS, "events": EVENTS}
PEOPLE = patients("ann 1950 female\nbob 1960 male 100\ncid 1970 male")
TYPES = {
    "ENCOUNTER": "Encounter",
    "SNOMED": "Condition",
    "ICD10CM": "Condition",
    "RXNORM": "MedicationRequest",
}
NOTHING = pl.DataFrame(schema=reference.PROFILE)
ENDS = pl.DataFrame(
    {"site": ["-", "far"], "extracted": [day(5000), day(5000)]},
    {"site": pl.String, "extracted": pl.Datetime("us")},
)


def path_of(name: str) -> Path:
    return ROOT / "expectations" / f"{name}.json"


@cache
def asked(name: str) -> kinds.Suite:
    return suites.read(path_of(name), TABLES[name], kinds.Suite, kinds.BESIDES)


def typed(text: str) -> pl.DataFrame:
    """Draw events, each of the resource type that its code is of."""
    system = pl.col("code").str.split("//").list.first()
    return events(text).with_columns(
        resource_type=system.replace_strict(TYPES, default="Observation")
    )


def widened(
    name: str, frame: pl.DataFrame, people=PEOPLE, records: pl.DataFrame | None = None
) -> pl.DataFrame:
    if name == "events":
        return wide.events(frame.with_row_index("row"), people, ENDS)
    records = EVENTS.empty() if records is None else records
    return wide.patients(frame, records.lazy(), ENDS)


def verdict(
    name: str,
    frame: pl.DataFrame,
    questions: kinds.Suite | None = None,
    *,
    people: pl.DataFrame = PEOPLE,
    records: pl.DataFrame | None = None,
    ledger: dict | None = None,
    before: pl.DataFrame = NOTHING,
) -> dict:
    """Judge a table as the stage does."""
    told = questions or asked(name)
    counts, _ = flag.flag(widened(name, frame, people, records), told.ruled)
    profile = reference.profile(frame) if name == "events" else NOTHING
    found = stage.Asked(
        frame.height,
        frame.height,
        suite.ask(frame, told),
        flag.total([counts]),
        pl.DataFrame(),
    )
    known = whole.Whole(ledger or {}, reference.enough(profile), before)
    return stage.judged(told, found, known)


def failed_rows(name: str, check: str, frame: pl.DataFrame, **more) -> list[int]:
    """Return which rows fail one check, by their place in the drawing."""
    (only,) = (each for each in asked(name).ruled if each.id == check)
    _, hits = flag.flag(widened(name, frame, **more), [only])
    return sorted(hits["row"].to_list())
