"""What may ail a drop: each takes a FHIR resource and returns it as it is sent."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

SYSTOLIC, RAISED_BY, SINCE = "8480-6", 25, "2020"


def copy(path: Path, to: Path, ails: Callable[[Any], Any] | None) -> None:
    """Copy a file of resources, ill or as it is; what does not parse stays as it is."""
    data = path.read_bytes()
    if ails:
        packed = path.suffix == ".gz"
        text = (gzip.decompress(data) if packed else data).decode()
        lines = text.splitlines() if ".ndjson" in path.name else [text]
        ill = "\n".join(told(line, ails) for line in lines).encode()
        data = gzip.compress(ill, mtime=0) if packed else ill
    to.write_bytes(data)


def told(line: str, ails: Callable[[Any], Any]) -> str:
    """Return a resource, or a bundle of them, as text."""
    try:
        resource = json.loads(line)
    except ValueError:
        return line
    for each in [resource, *(e.get("resource") for e in resource.get("entry", []))]:
        if isinstance(each, dict):
            ails(each)
    return json.dumps(resource, separators=(",", ":"), ensure_ascii=False)


def without_birth(resource: dict[str, Any]) -> None:
    """Forget when somebody was born: a mapping was changed at the source."""
    if resource.get("resourceType") == "Patient":
        resource.pop("birthDate", None)


def new_cuff(resource: dict[str, Any]) -> None:
    """Let systolic pressure read more since the clinic has other cuffs."""
    if resource.get("effectiveDateTime", "") < SINCE:
        return
    for each in [resource, *resource.get("component", [])]:
        codings = each.get("code", {}).get("coding", [])
        quantity = each.get("valueQuantity")
        is_systolic = any(coding.get("code") == SYSTOLIC for coding in codings)
        if is_systolic and isinstance((quantity or {}).get("value"), int | float):
            quantity["value"] += RAISED_BY
