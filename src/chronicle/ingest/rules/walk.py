"""Which rules of `rules.yaml` a resource breaks that the R4B models let in.

The gate lets nothing through that breaks one (a test holds the two together), so this
walk is done only for what R4B had to judge.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from chronicle.ingest.gate.build import ANY, CONTAINED, EXTENDED, MARKS, RESOURCES, SPEC
from chronicle.ingest.rules.declared import (
    CODES,
    CONCEPTS,
    FORMS,
    READ,
    RULES,
    Bound,
    is_reversed,
)

Path = tuple[str, ...]
Json = dict[str, Any]
FORM = {what: (re.compile(each.pattern), each.rule) for what, each in FORMS.items()}
NUMBERS = {
    "boolean": (bool,),
    "decimal": (int, float),
    **dict.fromkeys(("integer", "positiveInt", "unsignedInt"), (int,)),
}


class Fault(NamedTuple):
    """A broken rule, and the elements that lead to where, by FHIR's own names."""

    rule: str
    path: Path


def verdict(kind: str, found: Json) -> tuple[tuple[str, str] | None, tuple[str, ...]]:
    """Return (reason, detail) where a rule refuses a resource, else the warnings.

    Args:
        kind: Its resourceType.
        found: The resource, which R4B accepts.

    Returns:
        The refusal, whose reason is a rule and whose detail names elements and quotes
        no value; and, where there is none, the rules that it breaks, each once.
    """
    told = faults(kind, found)
    refusing = {each for each in told if _refuses(kind, each)}
    for rule in RULES:
        if places := sorted(".".join(at) for each, at in refusing if each == rule):
            return (rule, "; ".join(places)), ()
    return None, tuple(sorted({each.rule for each in told}))


def faults(kind: str, found: Json) -> set[Fault]:
    """Return every breach in a resource of the rules that are for its type."""
    told = breaches(kind, found)
    return {each for each in told if kind in READ or RULES[each.rule].everywhere}


def breaches(kind: str, found: Json) -> set[Fault]:
    """Return every breach in a resource, as if rows were made of it."""
    return {*_inside(kind, found, ()), *_contained(found)}


def _refuses(kind: str, fault: Fault) -> bool:
    if not RULES[fault.rule].refuses or not READ.get(kind, frozenset()) & {
        *fault.path[:1]
    }:
        return False
    return "extension" not in fault.path  # which no reader follows


def _inside(kind: str, found: Json, at: Path) -> Iterator[Fault]:
    fields = SPEC[kind]["fields"]
    if kind not in RESOURCES and not found.keys() - {"id"}:
        yield Fault("element-empty", at)
    if kind == "Period" and is_reversed(found.get("start"), found.get("end")):
        yield Fault("period-reversed", at)
    for name, value in found.items():
        if told := fields.get(name):
            beside = found.get(f"_{name}")
            yield from _element((kind, name), told, value, beside, at)
        elif "+" in fields.get(name[1:], ""):
            yield from _extends(value, found.get(name[1:]), (*at, name[1:]))
    for name, bound in CONCEPTS.get(kind, {}).items():
        if _is_unbound(found.get(name), bound):
            yield Fault("not-in-value-set", (*at, name))


def _element(
    what: tuple[str, str], told: str, value: Any, beside: Any, at: Path
) -> Iterator[Fault]:
    of, here = told.rstrip(MARKS), (*at, what[1])
    if "*" not in told or value is None:
        yield from _one(what, of, value, here)
    elif not isinstance(value, list):
        yield Fault("json-type", here)
    elif not value:
        yield Fault("array-empty", here)
    else:
        for number, each in enumerate(value):
            if each is not None or not _at(beside, number):
                yield from _one(what, of, each, here)


def _at(listed: Any, number: int) -> bool:
    """Tell whether what stands beside a null says something in its place."""
    if not isinstance(listed, list) or number >= len(listed):
        return False
    return listed[number] is not None


def _extends(value: Any, beside: Any, at: Path) -> Iterator[Fault]:
    """Judge a sibling `_x`, or a list of them."""
    if value is None:
        yield Fault("null-value", at)
    elif not isinstance(value, list):
        yield from _extension(value, beside is not None, at)
    elif not value:
        yield Fault("array-empty", at)
    else:
        for number, each in enumerate(value):
            if each is not None:
                yield from _extension(each, _at(beside, number), at)
            elif not _at(beside, number):
                yield Fault("null-value", at)


def _extension(found: Any, is_beside: bool, at: Path) -> Iterator[Fault]:
    if not isinstance(found, dict):
        yield Fault("json-type", at)
    elif found.keys() != {"id"} or not is_beside:  # a value may bear an id alone
        yield from _inside(EXTENDED, found, at)


def _one(what: tuple[str, str], of: str, value: Any, at: Path) -> Iterator[Fault]:
    if value is None:
        yield Fault("null-value", at)
    elif of == ANY or of in SPEC:
        kind = value.get("resourceType") if isinstance(value, dict) else None
        kind = kind if of == ANY or of in RESOURCES else of
        if isinstance(value, dict) and kind in SPEC:
            yield from _inside(str(kind), value, at)
        else:
            yield Fault("json-type", at)
    elif not _is_of(of, value):
        yield Fault("json-type", at)
    else:
        yield from _formed(".".join(what), of, value, at)


def _is_of(of: str, value: Any) -> bool:
    wanted = NUMBERS.get(of, (str,))
    return isinstance(value, wanted) and isinstance(value, bool) == (wanted == (bool,))


def _formed(element: str, of: str, value: Any, at: Path) -> Iterator[Fault]:
    if (codes := CODES.get(element)) is not None and value not in codes:
        yield Fault("not-in-value-set", at)
    for what in (of, element):
        if form := FORM.get(what):
            pattern, rule = form
            if not pattern.fullmatch(value):
                yield Fault(rule, at)


def _is_unbound(concept: Any, bound: Bound) -> bool:
    codings = concept.get("coding") if isinstance(concept, dict) else None
    return any(
        isinstance(each, dict)
        and each.get("system") == bound.system
        and each.get("code") not in (*bound.codes, None)
        for each in (codings if isinstance(codings, list) else ())
    )


def _contained(found: Json) -> Iterator[Fault]:
    """Judge what a resource contains. Source: HL7 FHIR R4, dom-2 and dom-3."""
    held = found.get(CONTAINED)
    some = [each for each in held or () if isinstance(each, dict)]
    if not some:
        return
    meant = {*_fragments(found)}
    for each in some:
        if each.get(CONTAINED):
            yield Fault("contained-nested", (CONTAINED,))
        if f"#{each.get('id')}" not in meant and "#" not in {*_fragments(each)}:
            yield Fault("contained-unreferenced", (CONTAINED,))


def _fragments(found: Any) -> Iterator[str]:
    """Give every text that may refer to something contained."""
    if isinstance(found, str) and found.startswith("#"):
        yield found
    elif isinstance(found, dict | list):
        for each in found.values() if isinstance(found, dict) else found:
            yield from _fragments(each)
