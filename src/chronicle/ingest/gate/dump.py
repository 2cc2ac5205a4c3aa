"""Write `spec.json`, what the `fhir.resources` R4B models ask, and `forms.json`.

`make gate-spec` runs this; a test sees that the files are what the installed models and
`primitives` say. A worker reads them in milliseconds, where importing the models costs
seconds.
"""

import json
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from fhir.resources.R4B import fhirtypes, get_fhir_model_class
from fhir.resources.R4B.resource import Resource
from fhir_core.types import FhirBase, FhirElementOrResourceBase
from pydantic import BaseModel

from chronicle.ingest.gate import forms
from chronicle.ingest.gate.primitives import PATTERNS

HERE = Path(__file__).parent
FILE = HERE / "spec.json"
MACHINES = HERE / "forms.json"
ANY = "Any"  # an element that may be any resource
EXTENSION, EXTENDED = "Extension", "FHIRPrimitiveExtension"
MARKS = "*!+^"
# What the models check beyond their fields, by the names of the methods that do it.
RULES = {"reject_null_complex_elements", "validate_after_model_construction"}
EXTENDED_RULE = {"validate_extension_or_fhir_comment_required"}
Spec = dict[str, dict[str, Any]]


def main() -> None:
    """Write the files, one type a line, so that a new release shows as a short diff."""
    FILE.write_text(text(spec()), encoding="utf-8")
    MACHINES.write_text(text(machines()), encoding="utf-8")


def text(told: Mapping[str, object]) -> str:
    """Return what a file should hold."""
    lines = [
        f"{json.dumps(name)}:{json.dumps(each, sort_keys=True, separators=(',', ':'))}"
        for name, each in sorted(told.items())
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def machines() -> dict[str, forms.Form]:
    """Return the machine of each pattern that a primitive type or an element has."""
    return {pattern: forms.form(pattern) for pattern in PATTERNS}


def spec() -> Spec:
    """Return every type that a resource can reach.

    `fields` maps each element to its type and marks: `*` it repeats, `!` it must be
    there, `+` a sibling `_element` may extend it, `^` it can hold its own kind again.
    `one_of` holds the choices (value[x]), `needs_one_of` those of which one must be
    there.
    """
    found: Spec = {}
    waiting = [
        get_fhir_model_class(EXTENDED),
        *(
            model
            for name in dir(fhirtypes)
            if name.endswith("Type") and (model := _resource(name.removesuffix("Type")))
        ),
    ]
    while waiting:
        model = waiting.pop()
        if _name(model) not in found:
            found[_name(model)], inside = _described(model)
            waiting += inside
    return _marked(found)


def _marked(found: Spec) -> Spec:
    """Mark the elements on a circle; those of extensions are known without a mark."""
    leads = {
        kind: {told.rstrip(MARKS) for told in each["fields"].values()} - {EXTENSION}
        for kind, each in found.items()
    }
    for kind, each in found.items():
        for name, told in each["fields"].items():
            of = told.rstrip(MARKS)
            if of != EXTENSION and kind in _reached(of, leads):
                each["fields"][name] = f"{told}^"
    return found


def _reached(start: str, leads: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        kind = waiting.pop()
        if kind not in seen:
            seen.add(kind)
            waiting += leads.get(kind, ())
    return seen


def _resource(name: str) -> Any:
    try:
        model = get_fhir_model_class(name)
    except (AttributeError, ValueError):
        return None
    return model if issubclass(model, Resource) else None


def _name(model: Any) -> str:
    return str(model.__resource_type__)


def _described(model: Any) -> tuple[dict[str, Any], list[type[BaseModel]]]:
    fields, inside = _fields(model)
    if _rules(model) == RULES | EXTENDED_RULE:
        fields["extension"] += "!"  # That rule asks for one, or for an id or a comment.
    elif _rules(model) != RULES:
        raise TypeError(f"{_name(model)} has a rule that the gate does not know")
    told: dict[str, Any] = {"fields": fields}
    if model.has_resource_base():
        told["resource"] = True
    # A method of the instance that reads nothing of it.
    choices = model.get_one_of_many_fields(None)
    if choices:
        told["one_of"] = choices
        told["needs_one_of"] = [
            prefix
            for prefix, names in choices.items()
            if model.model_fields[names[0]].json_schema_extra["one_of_many_required"]
        ]
    return told, inside


def _fields(model: Any) -> tuple[dict[str, str], list[type[BaseModel]]]:
    """Return the type and marks of each element, and the models that they lead to."""
    fields: dict[str, str] = {}
    inside: list[type[BaseModel]] = []
    for name, field in model.model_fields.items():
        if name == "fhir_comments" or name.endswith("__ext"):
            continue
        kind, repeats = _kind(field.annotation)
        if not isinstance(kind, str):
            inside.append(kind)
            kind = _name(kind)
        extra = field.json_schema_extra or {}
        needed = field.is_required() or extra.get("element_required")
        extended = f"{name}__ext" in model.model_fields
        marks = "*" * repeats + "!" * bool(needed) + "+" * extended
        fields[field.alias or name] = kind + marks
    return fields, inside


def _rules(model: Any) -> set[str]:
    told = model.__pydantic_decorators__
    return {*told.model_validators, *told.field_validators, *told.root_validators}


def _kind(annotation: Any) -> tuple[Any, bool]:
    """Return the primitive's name or the model, and whether it repeats."""
    repeats = False
    while get_origin(annotation) in (Union, types.UnionType, list, typing.List):  # noqa: UP006
        repeats = repeats or get_origin(annotation) is list
        (annotation,) = (
            each for each in get_args(annotation) if each is not type(None)
        )
    if get_origin(annotation) is Annotated:
        return _primitive(annotation), repeats
    if annotation is bool:
        return "boolean", repeats
    if issubclass(annotation, FhirElementOrResourceBase):
        return ANY, repeats
    if issubclass(annotation, FhirBase):
        return annotation.get_model_klass(), repeats
    raise TypeError(annotation)


def _primitive(annotation: Any) -> str:
    for rule in reversed(get_args(annotation)[1:]):
        if hasattr(rule, "__visit_name__"):
            return str(rule.__visit_name__)
    if "uuid" in str(annotation).lower():
        return "uuid"
    raise TypeError(annotation)


if __name__ == "__main__":
    main()
