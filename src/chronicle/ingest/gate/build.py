"""Turn `spec.json` into the gate's tables, type by type, when a type is first met.

JSON's own null is not accepted. Elements that can hold their own kind (an extension in
an extension, an item in an item) are followed a few levels and no further: R4B gives up
on deep nesting, and what is deeper than this takes the slow path to find out.
"""

import keyword
from array import array
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from chronicle.ingest.gate.compiled import Gate
from chronicle.ingest.gate.forms import Form
from chronicle.ingest.gate.primitives import PRIMITIVES, RULED
from chronicle.ingest.rules.declared import CODES, CONCEPTS, READ, Bound, is_reversed

HERE = Path(__file__).parent
SPEC: dict[str, dict[str, Any]] = msgspec.json.decode((HERE / "spec.json").read_bytes())
FORMS: dict[str, Form] = msgspec.json.decode((HERE / "forms.json").read_bytes())
RESOURCES = frozenset(name for name, each in SPEC.items() if each.get("resource"))
ANY, EXTENSION, EXTENDED = "Any", "Extension", "FHIRPrimitiveExtension"
CONTAINED = "contained"  # the one element of any resource that the gate follows
TYPE = "resourceType"
MARKS = "*!+^"
DEEPEST = 3  # levels; the values of an extension are at the last one
# What an element is, in the order of `walk.h`.
WHAT = (
    "TEXT", "STRING", "BASE64", "BOOLEAN", "DECIMAL", "INTEGER", "FORM", "WORD",
    "OBJECT", "CONTAINED",
)  # fmt: skip
# Whose a fact is and in which visit is compared as what references mean; the words of
# `text` are those of the rest.
APART = ("id", "meta", "text", "subject", "patient", "encounter")
# Two elements that are judged together: a period's order, a coding's code.
PAIRS = {"Period": ("start", "end"), "Coding": ("system", "code")}


class Element(NamedTuple):
    """How one element is judged; the arguments are those of `Gate.type`."""

    what: str
    of: int = -1
    repeats: bool = False
    bound: int = -1
    least: int = 0
    most: int = 0


def attribute(element: str) -> str:
    """Return what Python calls an element: `class_` for `class`."""
    return f"{element}_" if keyword.iskeyword(element) else element


@cache
def number(kind: str, depth: int = 0, read: bool = False) -> int:
    """Return the number of a type that lies `depth` levels inside its own kind.

    What it accepts breaks no rule of `rules.yaml` for all types; where it is `read`,
    none at all.
    """
    spec = SPEC[kind]
    members = _members(kind, depth, read)
    at = {name: place for place, name in enumerate(members)}
    first, then = PAIRS.get(kind, ("", ""))
    needed = [name for name, told in spec["fields"].items() if "!" in told]
    needed += [TYPE] * (TYPE in members)
    return GATE.type(
        tuple(
            (f',"{name}":'.encode(), WHAT.index(each.what), *each[1:])
            for name, each in members.items()
        ),
        tuple(at[name] for name in needed),
        tuple(at[name] for name in APART if name in at),
        tuple(_choices(spec, at)),
        at.get("id", -1),
        at.get("identifier", -1),
        (at.get(first, -1), at.get(then, -1)),
        kind == "Period",
        kind in RESOURCES,
    )


def _members(kind: str, depth: int, read: bool) -> dict[str, Element]:
    """Return each element, and each sibling that extends one.

    Choices stand at the end, one after the other, where a slice counts them.
    """
    fields, choices = SPEC[kind]["fields"], SPEC[kind].get("one_of", {})
    last = [name for names in choices.values() for name in names]
    typed = {TYPE: Element("WORD", _words([kind]))} if kind in RESOURCES else {}
    siblings: dict[str, Element] = {}
    members: dict[str, Element] = {}
    for name in [*sorted(fields.keys() - last), *last]:
        told = fields[name]
        made = _element(kind, name, _depth(kind, told, depth), read)
        if made is None:
            continue
        repeats = "*" in told
        members[name] = made._replace(repeats=repeats)
        if "+" in told and depth < DEEPEST:
            extends = number(EXTENDED, depth, read)
            siblings[f"_{name}"] = Element("OBJECT", extends, repeats)
    return typed | siblings | members


def _depth(kind: str, told: str, depth: int) -> int:
    of = told.rstrip(MARKS)
    if kind == EXTENSION and of != EXTENSION:
        return DEEPEST
    return depth + (of == EXTENSION or "^" in told)


def _element(kind: str, name: str, depth: int, read: bool) -> Element | None:
    """Return how an element is judged; None where the gate does not follow."""
    element = f"{kind}.{name}"
    of = SPEC[kind]["fields"][name].rstrip(MARKS)
    if name == CONTAINED:
        return Element("CONTAINED")
    if element in CODES:
        return Element("WORD", _words(sorted(CODES[element])))
    if of in PRIMITIVES:
        what, least, most, pattern = RULED[read].get(element) or RULED[read][of]
        form = _form(pattern) if pattern else -1
        return Element(what, form, least=least, most=most)
    if depth > DEEPEST or of == ANY:
        return None
    bound = CONCEPTS.get(kind, {}).get(name)
    coded = -1 if bound is None else _bound(bound)
    return Element("OBJECT", number(of, depth, read), bound=coded)


def _choices(
    spec: dict[str, Any], at: dict[str, int]
) -> Iterable[tuple[int, int, int]]:
    for prefix, names in spec.get("one_of", {}).items():
        some = [at[name] for name in names if name in at]
        yield some[0], len(some), int(prefix in spec["needs_one_of"])


@cache
def _form(pattern: str) -> int:
    form = FORMS[pattern]
    width = max(form["classes"]) + 1
    rows = array("H", (state * width for row in form["next"] for state in row))
    accepted = bytes(each for each in form["accepted"] for _ in range(width))
    return GATE.form(bytes(form["classes"]), rows.tobytes(), accepted, width)


def _words(words: Iterable[str]) -> int:
    return GATE.words(tuple(each.encode() for each in words))


@cache
def _bound(bound: Bound) -> int:
    codes = tuple(each.encode() for each in sorted(bound.codes))
    return GATE.bound(bound.system.encode(), codes)


def _resource(kind: str, read: bool) -> int:
    return number(kind, 0, read)


GATE = Gate({kind.encode(): kind in READ for kind in RESOURCES}, _resource, is_reversed)
