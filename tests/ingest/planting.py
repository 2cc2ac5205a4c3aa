"""Plants a marker wherever a text can stand, and looks for it in what leaves."""

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from chronicle.ingest import types
from chronicle.ingest.gate.build import RESOURCES
from tests.bundles import Resource, bundle
from tests.ingest.planted import CODE, WORD, accepted, choices, planted

# In any case, and as base64 has it, whatever stands before it.
MARKS = (WORD.lower(), CODE.lower(), base64.b64encode(WORD.encode())[:12].decode())


def told_by(folder: Path) -> Iterator[tuple[str, str]]:
    """Give all that can be read in the files below a folder, and their names."""
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        yield str(path), path.name
        raw = path.read_bytes()
        yield str(path), raw.decode("latin-1")
        if path.suffix == ".parquet":
            for name, column in pl.read_parquet(path).to_dict().items():
                texts = [
                    each.decode("latin-1") if isinstance(each, bytes) else str(each)
                    for each in column.to_list()
                ]
                yield f"{path}: {name}", "\n".join(texts)


def found(texts: Iterator[tuple[str, str]], marks: tuple[str, ...] = MARKS) -> set[str]:
    """Return where a marker stands."""
    return {
        where
        for where, text in texts
        if any(each in text or each in text.lower() for each in marks)
    }


def of_all_types(marker: str) -> list[Resource]:
    return [
        planted(kind, marker, pick)
        for kind in sorted(RESOURCES)
        for pick in range(min(choices(kind), 3))
    ]


def of_used_types(marker: str) -> list[Resource]:
    return [
        accepted(kind, marker, pick)
        for kind in types.USED
        for pick in range(choices(kind))
    ]


def plant(folder: Path, marker: str) -> None:
    """Write what may enter and what may not, in every form, under telling names."""
    place = folder / f"{marker} {marker}"
    place.mkdir(parents=True)
    whole = bundle(*of_all_types(marker), *of_used_types(marker))
    for number, each in enumerate(whole["entry"]):
        each["fullUrl"] = f"http://{marker}.org/{marker}/{number}"
    whole["entry"] += [
        {"request": {"method": "DELETE", "url": f"{kind}/{marker}-gone"}}
        for kind in ("Observation", marker)
    ]
    whole |= {"identifier": {"value": marker}, "id": marker}
    (place / f"{marker}.json").write_text(json.dumps(whole))
    lines = [
        *of_used_types(f"{marker}-2"),
        {"resourceType": marker, marker: marker},
        accepted("Patient", marker) | {marker: marker},
        accepted("Observation", marker) | {"status": {marker: marker}},
        {"resourceType": "Bundle", "type": marker, "entry": [{marker: marker}]},
    ]
    text = "\n".join(json.dumps(each) for each in lines)
    (place / f"{marker}.ndjson").write_text(f'{text}\n{{"{marker}": "{marker}')
    packed = gzip.compress(text.encode())[:-20]
    (place / f"{marker}.json.gz").write_bytes(packed)
