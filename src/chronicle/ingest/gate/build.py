"""Turn `spec.json` into `msgspec` structs, type by type, when a type is first met.

A struct's fields are None where the JSON does not have them; JSON's own null is not
accepted. Elements that can hold their own kind (an extension in an extension, an item
in an item) are followed a few levels and no further: R4B gives up on deep nesting, and
what is deeper than this takes the slow path to find out.
"""

import keyword
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import GenericAlias
from typing import Annotated, Any, Literal

import msgspec

from chronicle.ingest.gate.primitives import PRIMITIVES, RULED
from chronicle.ingest.rules.declared import (
    CODES,
    CONCEPTS,
    Bound,
    is_reversed,
)

SPEC: dict[str, dict[str, Any]] = msgspec.json.decode(
    Path(__file__).with_name("spec.json").read_bytes()
)
RESOURCES = frozenset(name for name, each in SPEC.items() if each.get("resource"))
ANY, EXTENSION, EXTENDED = "Any", "Extension", "FHIRPrimitiveExtension"
CONTAINED = "contained"  # the one element of any resource that the gate follows
MARKS = "*!+^"
DEEPEST = 3  # levels; the values of an extension are at the last one
Struct = type[msgspec.Struct]
Check = Callable[[Any], None]


@cache
def struct(kind: str, depth: int = 0, *, read: bool = False) -> Struct:
    """Return the struct of a type that lies `depth` levels inside its own kind.

    It breaks no rule of `rules.yaml` for all types; where it is `read`, none at all.
    """
    spec = SPEC[kind]
    members = _members(kind, depth, read)
    tagged = kind in RESOURCES
    return msgspec.defstruct(
        kind,
        [
            (attribute(name), made, *_default(spec["fields"].get(name, "")))
            for name, made in members.items()
        ],
        namespace=_checks(kind, list(members)),
        rename={attribute(name): name for name in members},
        module=__name__,
        forbid_unknown_fields=True,
        omit_defaults=True,
        kw_only=True,
        gc=False,  # Nothing in them can refer back to them.
        tag_field="resourceType" if tagged else None,
        tag=kind if tagged else None,
    )


def attribute(element: str) -> str:
    """Return what Python calls an element: `class_` for `class`."""
    return f"{element}_" if keyword.iskeyword(element) else element


def _default(told: str) -> tuple[None, ...]:
    return () if "!" in told else (None,)


def _members(kind: str, depth: int, read: bool) -> dict[str, Any]:
    """Return the type of each element, and of each sibling that extends one.

    Choices stand at the end, one after the other, where a slice counts them.
    """
    fields, choices = SPEC[kind]["fields"], SPEC[kind].get("one_of", {})
    last = [name for names in choices.values() for name in names]
    siblings: dict[str, Any] = {}
    members: dict[str, Any] = {}
    for name in [*sorted(fields.keys() - last), *last]:
        told = fields[name]
        made = _type(f"{kind}.{name}", told, _depth(kind, told, depth), read)
        if made is None:
            continue
        members[name] = _many(made) if "*" in told else made
        if "+" in told and depth < DEEPEST:
            extends = struct(EXTENDED, depth, read=read)
            siblings[f"_{name}"] = _many(extends) if "*" in told else extends
    return siblings | members


def _many(made: Any) -> Any:
    return Annotated[GenericAlias(list, made), msgspec.Meta(min_length=1)]


def _depth(kind: str, told: str, depth: int) -> int:
    of = told.rstrip(MARKS)
    if kind == EXTENSION and of != EXTENSION:
        return DEEPEST
    return depth + (of == EXTENSION or "^" in told)


def _type(element: str, told: str, depth: int, read: bool) -> Any:
    """Return a Python type; None where the gate does not follow."""
    of = told.rstrip(MARKS)
    if element.endswith(f".{CONTAINED}"):
        return msgspec.Raw  # judge.py looks inside
    if element in CODES:
        return Literal[tuple(sorted(CODES[element]))]
    if of in PRIMITIVES:
        return RULED[read].get(element) or RULED[read][of]
    if depth > DEEPEST or of == ANY:
        return None
    return struct(of, depth, read=read)


def _checks(kind: str, members: list[str]) -> dict[str, Check]:
    """Return the method that looks at what no single element shows, if there is one."""
    checks = _choices(SPEC[kind], members)
    if kind == "Period":
        checks.append(_is_in_order)
    checks += (_bound(*each) for each in CONCEPTS.get(kind, {}).items())

    def checks_all(self: msgspec.Struct) -> None:
        for check in checks:
            check(self)

    if not checks:
        return {}
    return {"__post_init__": checks_all if len(checks) > 1 else checks[0]}


def _choices(spec: dict[str, Any], members: list[str]) -> list[Check]:
    spans: list[tuple[slice, int, int]] = []
    for prefix, names in spec.get("one_of", {}).items():
        at = [members.index(name) for name in names if name in members]
        needed = prefix in spec["needs_one_of"]
        spans.append((slice(at[0], at[-1] + 1), len(at) - 1, len(at) - needed))

    def counts_choices(self: msgspec.Struct) -> None:
        values = msgspec.structs.astuple(self)
        for span, least, most in spans:
            # Counts what is not there, since that is one call in C.
            if not least <= values[span].count(None) <= most:
                raise ValueError("one of many")

    return [counts_choices] if spans else []


def _is_in_order(period: Any) -> None:
    if is_reversed(period.start, period.end):
        raise ValueError("it ends before it starts")


def _bound(name: str, bound: Bound) -> Check:
    system, codes = bound

    def is_bound(self: msgspec.Struct) -> None:
        concept = getattr(self, name)
        for each in (concept and concept.coding) or ():
            if each.system == system and each.code not in codes and each.code:
                raise ValueError("not in the value set")

    return is_bound
