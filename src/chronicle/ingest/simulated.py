"""Which patients are nobody: their source labels them as test data.

They alone may be ingested under the public key, which hides nothing.
"""

from pathlib import Path
from typing import Any

from chronicle.core.errors import KeyRefused
from chronicle.ingest import read
from chronicle.ingest.keys import HOWTO

# Source: HL7 v3 ActReason HTEST (test health data), a security label in meta.security.
SYSTEM, CODE = "http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST"


def begins_with(files: list[Path]) -> bool:
    """Tell whether the first Patient that is found is labelled as test data.

    Files that are named after patients are looked into first: an export has those of
    other types before them.
    """
    for path in sorted(files, key=lambda path: "patient" not in path.name.lower()):
        for entry in read.entries(path):
            if entry.kind == "Patient" and isinstance(entry.resource, dict):
                return labelled(entry.resource)
    return False


def labelled(patient: dict[str, Any]) -> bool:
    """Tell whether a Patient is labelled as test data.

    >>> labelled({"meta": {"security": [{"system": SYSTEM, "code": "HTEST"}]}})
    True
    """
    meta = patient.get("meta")
    labels = meta.get("security") if isinstance(meta, dict) else None
    return any(
        isinstance(each, dict)
        and (each.get("system"), each.get("code")) == (SYSTEM, CODE)
        for each in (labels if isinstance(labels, list) else ())
    )


def insist(entry: read.Entry) -> None:
    """Stop at a Patient who may be somebody, whatever is to become of it.

    Raises:
        KeyRefused: It is not labelled as test data.
    """
    if entry.kind != "Patient" or not isinstance(entry.resource, dict):
        return
    if not labelled(entry.resource):
        raise KeyRefused(
            "the public key protects nobody, and a Patient is not labelled as test "
            f"data ({CODE}).",
            where="the landing folder",
            do="make a key of your own, `openssl rand -hex 32` in CHRONICLE_KEY or in "
            f"private/key (mode 600); see {HOWTO}",
        )
