"""People drawn in tests: a line each, and who of them is one person."""

import json
from typing import Any, NamedTuple

import polars as pl

from chronicle.ingest import accept, identifiers, persons
from chronicle.ingest.batch import IDENTIFIERS, LINKS
from chronicle.ingest.source import Source
from tests.bundles import Resource
from tests.conftest import KEYS

TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
SSN = "http://hl7.org/fhir/sid/us-ssn"


class Told(NamedTuple):
    """Groups of names, who stays of each, why, and what was not united."""

    one: set[frozenset[str]]
    stays: dict[str, str]
    by: dict[str, str]
    conflicts: dict[frozenset[str], str]
    hubs: int


def person(name: str, born: str, gender: str, full: str, *more: str) -> Resource:
    """Return a Patient; `-` is not stated."""
    given, _, family = full.partition("_")
    made: Resource = {"resourceType": "Patient", "id": name}
    made |= {"birthDate": born} if born != "-" else {}
    made |= {"gender": gender} if gender != "-" else {}
    if full != "-":
        made["name"] = [{"given": [given]} | ({"family": family} if family else {})]
    for each in more:
        if ">" in each:
            kind, _, other = each.partition(">")
            link = {"type": kind, "other": {"reference": other}}
            link["other"]["reference"] = other if "/" in other else f"Patient/{other}"
            made.setdefault("link", []).append(link)
        else:
            made.setdefault("identifier", []).append(number(*each.split(":")))
    return made


def number(kind: str, value: str, use: str = "") -> Resource:
    """Return an identifier; the kind `-` is none, `SSN` a system, `~` has no system."""
    system = SSN if kind == "SSN" else "http://clinic.example.org/numbers"
    system = "" if kind.startswith("~") else system
    made: Resource = {"value": value} | ({"system": system} if system else {})
    if kind not in ("-", "SSN"):
        made["type"] = {"coding": [{"system": TYPES, "code": kind.strip("~")}]}
    return made | ({"use": use} if use else {})


def drawn(text: str) -> list[Resource]:
    """Read lines of `name born gender Given_Family [KIND:value[:use]] [link>name]`."""
    return [person(*line.split()) for line in text.strip().splitlines()]


def united(people: list[Resource]) -> Told:
    """Return who is one person, from FHIR on."""
    frames = told_of(people)
    found = persons.merged(*frames)
    names = {_source(f"Patient/{n}").subject_id(): n for n in _named(people)}
    stays = {names[a]: names[b] for a, b, _ in found.merged.iter_rows()}
    groups: dict[str, set[str]] = {}
    for each, into in stays.items():
        groups.setdefault(into, {into}).add(each)
    return Told(
        {frozenset(each) for each in groups.values()},
        stays,
        {names[row[0]]: row[2] for row in found.merged.iter_rows()},
        {frozenset(map(names.get, row[:2])): row[2] for row in found.conflicts.rows()},
        found.hubs,
    )


def told_of(people: list[Resource]) -> tuple[pl.DataFrame, ...]:
    """Return subject_ids, identifiers and links, as the passes have them."""
    here, numbers, links = [], [], []
    for at, each in enumerate(people):
        resource, _, _, refused, _ = accept.judged(
            "Patient", json.dumps(each).encode(), full=False
        )
        assert refused is None, refused
        source = _source(f"Patient/{each['id']}", resource)
        whose = (0, at, source.subject_id())
        here.append(whose[2:])
        numbers += [(*whose, *row) for row in identifiers.identifiers(source)]
        links += [(*whose, *row) for row in identifiers.links(source)]
    return (
        pl.DataFrame(here, {"subject_id": pl.Int64}, orient="row"),
        pl.DataFrame(numbers, IDENTIFIERS, orient="row"),
        pl.DataFrame(links, LINKS, orient="row"),
    )


def _source(key: str, resource: Any = None) -> Source:
    return Source("Patient", resource, key, {}, KEYS)


def _named(people: list[Resource]) -> set[str]:
    others = {
        link["other"]["reference"].partition("/")[2]
        for each in people
        for link in each.get("link", ())
    }
    return {each["id"] for each in people} | others
