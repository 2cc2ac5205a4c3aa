"""Resources into files: bundles and NDJSON, plain or gzip, whole or not at all."""

import gzip
from pathlib import Path

import orjson

from chronicle.simulate.sites import foreign
from chronicle.simulate.sites.spoil import Line
from chronicle.simulate.sites.writer import Resource, Writer

# Six is half as fast for a tenth less.
GZIP_LEVEL = 3


def bundle_file(hand: Writer) -> str:
    """Return the path of a patient's bundle below the landing."""
    habits = hand.site.document
    packed = hand.chance.share("gzip") < habits.gzip_share
    suffix = ".json.gz" if packed else ".json"
    return f"{hand.person.site}/{hand.patient_id}{suffix}"


def table_file(hand: Writer, kind: str, part: int) -> str:
    """Return the path of a site's NDJSON file of one type and part."""
    suffix = ".ndjson.gz" if hand.site.document.gzip_share else ".ndjson"
    return f"{hand.person.site}/{kind}-{part:04d}{suffix}"


def line(found: Line, hand: Writer) -> bytes:
    """Return one line of NDJSON."""
    text = orjson.dumps(found.resource)
    if found.torn:
        text = _torn(text, hand.chance.share("torn", found.resource["id"]))
    return text + b"\n"


def bundle(hand: Writer, held: list[Resource], fault: str) -> tuple[bytes, str]:
    """Return a bundle and, where it speaks another version, which.

    Args:
        hand: Whose it is.
        held: The resources.
        fault: `truncated_json`, `wrong_version`, or empty.
    """
    version = ""
    if fault == "wrong_version":
        version = hand.chance.pick(list(foreign.VERSIONS), "version")
        held = [foreign.VERSIONS[version](each) for each in held]
    form = hand.site.document.form
    entry = _transaction if form == "transaction" else _collected
    text = orjson.dumps(
        {
            "resourceType": "Bundle",
            "type": form,
            "entry": [entry(each) for each in held],
        }
    )
    if fault == "truncated_json":
        text = _torn(text, hand.chance.share("torn"))
    return text, version


def write(path: Path, text: bytes) -> None:
    """Write a file whole or not at all; the same text gives the same bytes."""
    if path.suffix == ".gz":
        text = gzip.compress(text, GZIP_LEVEL, mtime=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(text)
    partial.replace(path)


def _transaction(resource: Resource) -> Resource:
    return {
        "fullUrl": f"urn:uuid:{resource['id']}",
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"]},
    }


def _collected(resource: Resource) -> Resource:
    kind, name = resource["resourceType"], resource["id"]
    return {"fullUrl": f"http://ehr.example.org/{kind}/{name}", "resource": resource}


def _torn(text: bytes, where: float) -> bytes:
    return text[: int(len(text) * (0.2 + 0.7 * where))]
