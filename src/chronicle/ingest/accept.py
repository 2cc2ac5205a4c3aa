"""Which resources may enter, and the reason when one may not.

The verdict is that of the `fhir.resources` R4B models, resource by resource: one broken
entry never costs its neighbours. R4B, because the package has no R4 and its default,
R5, refuses half of what R4 servers send. The gate says yes in their name where it can,
thirty times as fast; they themselves judge the rest.
"""

from functools import cache
from typing import Any

import msgspec
import orjson
from pydantic import BaseModel, ValidationError

from chronicle.ingest.gate import judge, loose
from chronicle.ingest.reasons import READING

# Every word that `refused.reason` may hold, and what it means.
REASONS = READING | {
    "unknown-type": "a resourceType that R4 does not have",
    "invalid-R4": "fhir.resources R4B refuses it; `detail` names the elements",
    "entered-in-error": "the source itself takes it back",
    "no-subject": "it does not say whose it is",
    "orphan": "its patient is not among the accepted",
    "no-time": "neither it nor its encounter says when",
    "no-medication": "it refers to a medication that is not among the accepted",
}


def judged(
    kind: str, raw: bytes, passed: Any = None, *, full: bool
) -> tuple[Any, tuple[str, str] | None]:
    """Return a resource to be read, and (reason, detail) where it may not enter.

    Args:
        kind: Its resourceType.
        raw: Its JSON.
        passed: What the gate made of it, if it was asked before and accepted it.
        full: Leave the gate aside and ask R4B about each resource.
    """
    if passed is None:
        passed = judge.passed(kind, raw)
    if passed is not None and not full:
        return passed, None
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None, ("not-json", "")
    if told := refusal(found):
        return None, told
    return passed or loose.loosely(kind, found), None


def written(raw: bytes, resource: Any) -> bytes:
    """Return a resource as plain JSON again, from what `judged` made of it.

    It has the elements of `raw` in an order of its own, without white space, and where
    `raw` has one twice, it has it once.
    """
    if isinstance(resource, msgspec.Struct):
        return _written(resource)
    return orjson.dumps(orjson.loads(raw), option=orjson.OPT_SORT_KEYS)


_written = msgspec.json.Encoder().encode


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
        ".".join(str(step) for step in each["loc"] if isinstance(step, str))
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
