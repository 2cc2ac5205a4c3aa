"""A life drawn by hand, and an independent look at what a landing holds."""

import gzip
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from chronicle.simulate.record import (
    Answered,
    Diagnosed,
    Measured,
    Ordered,
    Person,
    Record,
    Visit,
)
from chronicle.simulate.sites import landing
from chronicle.simulate.sites.habits import sites
from chronicle.simulate.sites.landing import NOTHING

SEED = 7
SITES = tuple(sites())
Resource = dict[str, Any]

# visit: day, kind, what was measured
VISITS = """
2012-03-05 AMB  sbp=132.4 dbp=84.2 weight=84.3 height=171.2 bmi=28.76 heart_rate=71.3
2013-09-02 AMB  sbp=141.2 dbp=88.1 hba1c=6.1 glucose=104.2 ldl=121.3 egfr=97.3 uacr=12.3
2016-05-09 IMP  sbp=150.9 dbp=92.3 creatinine=0.92 hdl=48.2 triglycerides=151.4
2019-02-11 AMB  sbp=128.1 dbp=79.4 weight=81.9 hba1c=7.4 total_cholesterol=193.2
2020-11-16 EMER heart_rate=96.4 glucose=188.7 egfr=54.2 creatinine=1.31
"""
SMOKING = ("current", "current", "former", "former", "former")
# visit, condition, days before the visit, confirmed
DIAGNOSED = (
    (1, "htn", 40, True),
    (1, "asthma", 0, False),
    (2, "chd", 0, True),
    (3, "t2dm", 100, True),
    (4, "htn", 0, True),
)
ORDERED = ((1, "lisinopril"), (3, "metformin"), (4, "atorvastatin"))


def life(site: str, number: int = 0) -> Record:
    """Return one man's records: hypertension, a heart attack, diabetes, death."""
    person = Person(
        number,
        f"{number:016x}",
        site,
        number % 2 == 1,
        date(1951, 3, 2),
        datetime(2021, 1, 5, 4),
        "white",
        ("t2dm", "chd"),
    )
    visits, measured = [], []
    for place, line in enumerate(VISITS.strip().splitlines()):
        day, kind, *values = line.split()
        start = datetime.fromisoformat(f"{day}T09:20:00")
        stay = timedelta(days=3) if kind == "IMP" else timedelta(minutes=30)
        visits.append(Visit(start, start + stay, kind))
        measured += [_measured(place, start, each) for each in values]
    return Record(
        person,
        tuple(visits),
        tuple(measured),
        tuple(Answered(place, told) for place, told in enumerate(SMOKING)),
        tuple(
            Diagnosed(place, name, visits[place].start - timedelta(days=days), sure)
            for place, name, days, sure in DIAGNOSED
        ),
        tuple(Ordered(place, drug) for place, drug in ORDERED),
    )


def _measured(visit: int, start: datetime, drawn: str) -> Measured:
    measure, value = drawn.split("=")
    vital = measure in ("sbp", "dbp", "weight", "height", "bmi", "heart_rate")
    at = start + timedelta(minutes=5 if vital else 15)
    issued = at if vital else at + timedelta(days=1)
    return Measured(visit, measure, float(value), at, issued)


def lives(count: int) -> list[Record]:
    """Return that many people, dealt to the sites in turn."""
    return [life(SITES[number % len(SITES)], number) for number in range(count)]


def write(
    folder: Path, records: list[Record], part: int = 1, noted_only=NOTHING, **faults
):
    """Write a landing; return the truth."""
    told = {"seed": SEED, "faults": faults, "noted_only": noted_only}
    return landing.write_part(records, part, folder, **told)


def read(folder: Path, site: str = "") -> list[Resource]:
    """Return every resource of a site; a line or file that is no JSON is left out."""
    found: list[Resource] = []
    for path in sorted((folder / site).rglob("*.*json*")):
        text = path.read_bytes()
        text = gzip.decompress(text) if path.suffix == ".gz" else text
        chunks = text.splitlines() if ".ndjson" in path.name else [text]
        for chunk in chunks:
            try:
                told = json.loads(chunk)
            except json.JSONDecodeError:
                continue
            entries = told.get("entry")
            found += [each["resource"] for each in entries] if entries else [told]
    return found


def of_type(resources: list[Resource], kind: str) -> list[Resource]:
    """Return the resources of one type."""
    return [each for each in resources if each["resourceType"] == kind]
