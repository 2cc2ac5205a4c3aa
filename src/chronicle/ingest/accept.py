"""Which resources may enter, and the reason when one may not.

The verdict is that of the `fhir.resources` R4B models, resource by resource: one broken
entry never costs its neighbours. R4B, because the package has no R4 and its default,
R5, refuses half of what R4 servers send. The gate says yes in their name where it can,
thirty times as fast; they themselves judge the rest. What they let in that FHIR does
not, `rules` judges after them.
"""

from functools import cache
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel, ValidationError

from chronicle.ingest import allowed
from chronicle.ingest.gate import judge, loose
from chronicle.ingest.gate.build import APART, SPEC
from chronicle.ingest.reasons import REASONS
from chronicle.ingest.rules import walk
from chronicle.ingest.rules.declared import READ

__all__ = ["REASONS", "Judged", "judged", "refusal"]

NAMED = frozenset(SPEC).union(*(each["fields"] for each in SPEC.values()))


class Judged(NamedTuple):
    """What became of a resource at the door.

    Args:
        resource: What readers may see of it; None where it may not enter, and of types
            of which no row is made.
        written: It as plain JSON again, in an order of its own, without white space;
            what stands in it twice stands here once. Of types of which
            no row is made, and of what may not enter, nothing.
        told: The same without what is `build.APART`: what it says, whoever and
            wherever. Two resources of which it is the same say one thing, under two
            ids.
        refusal: (reason, detail) where it may not enter.
        warnings: Rules that it breaks and enters all the same.
    """

    resource: Any = None
    written: bytes = b""
    told: bytes = b""
    refusal: tuple[str, str] | None = None
    warnings: tuple[str, ...] = ()


def judged(kind: str, raw: bytes, *, full: bool) -> Judged:
    """Judge a resource.

    Args:
        kind: Its resourceType.
        raw: Its JSON.
        full: Leave the gate aside and ask R4B about each resource.
    """
    passed = judge.passed(raw)
    if passed is not None and passed.kind != kind:
        passed = None
    if passed is not None and not full:
        return of_gate(passed)
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return Judged(refusal=("not-json", ""))
    if reason := refusal(found):
        return Judged(refusal=reason)
    reason, warnings = walk.verdict(kind, found)
    if reason:
        return Judged(refusal=reason)
    if passed is not None:
        return of_gate(passed)._replace(warnings=warnings)
    if kind not in READ:
        return Judged(warnings=warnings)
    readable = allowed.narrowed(kind, b"", loose.loosely(kind, found))
    told = {name: each for name, each in found.items() if name not in APART}
    return Judged(readable, _sorted(found), _sorted(told), None, warnings)


def _sorted(found: dict[str, Any]) -> bytes:
    return orjson.dumps(found, option=orjson.OPT_SORT_KEYS)


def of_gate(passed: judge.Passed) -> Judged:
    """Return what is to be read of a resource that the gate accepted."""
    if passed.kind not in READ:
        return Judged()
    readable = allowed.narrowed(passed.kind, passed.written)
    return Judged(readable, passed.written, passed.told)


def refusal(resource: Any) -> tuple[str, str] | None:
    """Return (reason, detail) where R4 does not allow `resource`, else None.

    `detail` names element paths and broken rules and quotes no value.
    """
    if not isinstance(resource, dict) or "resourceType" not in resource:
        return "not-fhir", ""
    model = _model(str(resource["resourceType"]))
    if model is None:
        return "unknown-type", ""
    try:
        model.model_validate(resource)
    except ValidationError as fault:
        return "invalid-R4", _places(fault)
    except Exception as fault:
        # KeyError, TypeError, AttributeError, RecursionError …: the models raise nearly
        # anything on odd input, and whatever they raise is this resource's fault alone.
        return "invalid-R4", type(fault).__name__
    return None


def _places(fault: ValidationError) -> str:
    places = {
        ".".join(
            step if step in NAMED else "?"  # what the source calls it may be a name
            for step in each["loc"]
            if isinstance(step, str)
        )
        + f": {each['type']}"
        for each in fault.errors(include_url=False, include_input=False)
        if each["type"] != "extra_forbidden"
    }
    # An unknown element is named by the source, and a name may be a value.
    stray = any(
        each["type"] == "extra_forbidden"
        for each in fault.errors(include_url=False, include_input=False)
    )
    return "; ".join(sorted(places) + ["unknown element"] * stray)


@cache
def _model(name: str) -> type[BaseModel] | None:
    # A second and a half that a landing without a doubtful resource never spends.
    from fhir.resources.R4B import get_fhir_model_class
    from fhir.resources.R4B.resource import Resource

    try:
        found: type[BaseModel] = get_fhir_model_class(name)
    except (KeyError, ValueError, TypeError):
        return None
    return found if issubclass(found, Resource) else None
