"""`rules.yaml` as values, and the two rules that are no data; both tiers read these."""

from pathlib import Path
from typing import Any, NamedTuple

from chronicle.core import store
from chronicle.ingest import times

HERE = Path(__file__).parent
_TOLD: dict[str, Any] = store.read_yaml(HERE / "rules.yaml")
# What may be read of a person, and how each leaves.
ALLOWED: dict[str, Any] = store.read_yaml(HERE.parent / "deidentify.yaml")


class Rule(NamedTuple):
    """Whether a breach may refuse, and whether it is looked for in all types."""

    refuses: bool
    everywhere: bool


class Form(NamedTuple):
    """What a text looks like from end to end, and the rule that it else breaks."""

    rule: str
    pattern: str


class Bound(NamedTuple):
    """The codes that a coding of `system` may have."""

    system: str
    codes: frozenset[str]


# Rules, the first to be named first.
RULES: dict[str, Rule] = {
    rule: Rule(each["fate"] == "refuse", each.get("of") != "read")
    for rule, each in _TOLD["rules"].items()
}
# What tables are made from, by type: those of the allowed elements that rows depend on.
READ: dict[str, frozenset[str]] = {
    kind: frozenset(names) - {"id", "identifier", *_TOLD["unread"].get(kind, ())}
    for kind, names in ALLOWED["elements"].items()
    if "id" in names
}
FORMS: dict[str, Form] = {what: Form(**each) for what, each in _TOLD["forms"].items()}
CODES: dict[str, frozenset[str]] = {
    element: frozenset(each["in"])
    for each in _TOLD["codes"]
    for element in each["elements"]
}
# By type, then by element.
CONCEPTS: dict[str, dict[str, Bound]] = {}
for _each in _TOLD["concepts"]:
    for _kind, _, _name in (element.partition(".") for element in _each["elements"]):
        _bound = Bound(_each["system"], frozenset(_each["in"]))
        CONCEPTS.setdefault(_kind, {})[_name] = _bound

SECONDS = len("2019-01-01T10:00:00")


def is_reversed(start: object, end: object) -> bool:
    """Tell whether a period ends before it starts, however its dates are read.

    A partial date is a span, in the zone of the one who wrote it: so it is held
    against as much of the other date as it has itself. What is no date says nothing.

    Source: HL7 FHIR R4, Period, per-1.

    >>> is_reversed("2019-03-05T23:00:00-05:00", "2019-03"), is_reversed("2020", "2019")
    (False, True)
    """
    if not isinstance(start, str) or not isinstance(end, str):
        return False
    if start[SECONDS:] == end[SECONDS:]:  # nearly always: the zone, and no fraction
        return start > end if len(start) == len(end) else _partly(start, end)
    if len(start) <= 10 or len(end) <= 10:
        return _partly(start, end)
    begun, ended = times.first(start), times.first(end)
    return begun is not None and ended is not None and begun > ended


def _partly(start: str, end: str) -> bool:
    known = min(len(start), len(end))
    return start[:known] > end[:known]
