"""Which fault hits which resource, and what the truth says of it.

A resource is hit by one fault at most: the first of `KINDS` that its own number is
below the rate of. So raising a rate only adds hits of that fault, and can take them
from faults further down alone; a fault that is not there changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import orjson

from chronicle.core.errors import ParamsError
from chronicle.simulate.sites import habits
from chronicle.simulate.sites.case import Case, Strike, Struck
from chronicle.simulate.sites.chance import UNIT, Chance
from chronicle.simulate.sites.kinds import BATCH, DOCUMENT, KINDS
from chronicle.simulate.sites.writer import Item, Resource, Writer

Label = dict[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault at one site: where its number stands and how low it must be."""

    fault: str
    strike: Strike
    slot: int
    limit: float


@dataclass(frozen=True, slots=True)
class Plan:
    """All the faults of one site.

    Args:
        seed: The simulation's.
        site: Its id.
        rules: FHIR type -> its rules, the first to hit wins.
        document: Fault of a whole bundle -> (slot, limit).
    """

    seed: int
    site: str
    rules: dict[str, list[Rule]]
    document: dict[str, tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Line:
    """A resource to be written; torn in the middle if so struck."""

    resource: Resource
    torn: bool = False


def check(rates: Mapping[str, float]) -> None:
    """Refuse a fault that nobody knows, and a rate that is none.

    Raises:
        ParamsError: A key is not in `KINDS`, or a rate is not in [0, 1].
    """
    unknown = sorted(rates.keys() - {kind.fault for kind in KINDS})
    wrong = sorted(name for name, rate in rates.items() if not 0 <= rate <= 1)
    if unknown or wrong:
        raise ParamsError(
            f"unknown faults: {unknown}; rates outside 0 to 1: {wrong}.",
            where="params.yaml: simulate.faults",
            do="the faults are listed in chronicle/simulate/sites/kinds.py",
        )


def plan(site: str, seed: int, rates: Mapping[str, float]) -> Plan:
    """Return the faults of a site; `rates` are shares of what each may hit."""
    known = habits.sites()[site]
    found = Plan(seed, site, {}, {})
    if not known.faults:
        return found
    bundle = known.document.form != "ndjson"
    for slot, kind in enumerate(KINDS):
        rate = rates.get(kind.fault, 0.0) * known.fault_factor.get(kind.fault, 1.0)
        if not rate:
            continue
        if kind.fault in DOCUMENT and bundle:
            found.document[kind.fault] = (slot, rate * UNIT)
            continue
        for name in kind.types:
            rule = Rule(kind.fault, kind.strike, slot, rate * UNIT)
            found.rules.setdefault(name, []).append(rule)
    return found


def of_document(writer: Writer, plan: Plan) -> str:
    """Return the fault that hits the whole bundle; empty for none."""
    if not plan.document:
        return ""
    words = writer.chance.words("document")
    hits = (name for name, (at, limit) in plan.document.items() if words[at] < limit)
    return next(hits, "")


def spoil(
    writer: Writer, items: Sequence[Item], plan: Plan
) -> Iterator[tuple[Line | None, Label | None]]:
    """Return what to write for each item, and the label where it was hit."""
    for item in items:
        hit = _hit(writer, item, plan)
        if hit is None:
            yield Line(item.resource), _ruled_out(item) if item.doubted else None
            continue
        case, struck = hit
        label = _label(case.resource, case.fault, struck)
        if struck.extra is not None:
            yield Line(item.resource), None
        yield None if struck.gone else Line(case.resource, struck.torn), label


def of_file(fault: str, written: str) -> Label:
    """Return the label of a fault of a whole bundle."""
    struck = Struck("", "", written, "refuse")
    return _label({"resourceType": "Bundle", "id": ""}, fault, struck)


NOTHING = Plan(0, "", {}, {})


def _ruled_out(item: Item) -> Label:
    struck = Struck("verificationStatus", "", "", "flag")
    return _label(item.resource, "ruleout_code", struck)


def _hit(writer: Writer, item: Item, plan: Plan) -> tuple[Case, Struck] | None:
    kind = item.resource["resourceType"]
    rules = plan.rules.get(kind)
    if not rules:
        return None
    words = writer.chance.words(f"{kind}/{item.resource['id']}")
    for rule in rules:
        if rule.fault in BATCH:
            about = item.about if BATCH[rule.fault] else ""
            number = _of_month(plan.seed, plan.site, rule.fault, item, about)
        else:
            number = words[rule.slot]
        if number < rule.limit:
            copy = orjson.loads(orjson.dumps(item.resource))
            case = Case(rule.fault, writer, item, copy)
            struck = rule.strike(case)
            if struck is not None:
                return case, struck
    return None


def _of_month(seed: int, site: str, fault: str, item: Item, about: str) -> float:
    return _shared(seed, f"{site}/{item.at.year}-{item.at.month}", fault, about)


@cache
def _shared(seed: int, month: str, fault: str, about: str) -> float:
    return Chance(seed, month).share(fault, about) * UNIT


def _label(resource: Resource, fault: str, struck: Struck) -> Label:
    return {
        "resource_type": str(resource["resourceType"]),
        "resource_id": str(resource["id"]),
        "fault": fault,
        "element": struck.element,
        "original": str(struck.original),
        "written": str(struck.written),
        "expected": struck.expected,
    }
