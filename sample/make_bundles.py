"""Write the sample: invented patients as FHIR R4, in the forms that hospitals send.

The plain stand-in until there is a simulator. README.md says what each file is for.
Run: `python sample/make_bundles.py [FOLDER]`; the same bytes every time.
"""

import gzip
import io
import json
import sys
from collections.abc import Iterable
from itertools import chain, islice
from pathlib import Path

from chart import HOME, Chart, Json, Site
from people import invent

# Folder, patients, bundle type (empty: a bulk export), how files end, how they write.
HOSPITALS = (
    ("plain", 12, "transaction", "json", Site("T09:30:00-05:00", panel="55284-4")),
    ("packed", 12, "transaction", "json.gz", Site("T08:15:00+01:00", molar=True)),
    ("apart", 12, "collection", "json.gz", Site("T08:15:00Z", "{}/", panel="")),
    ("export", 78, "", "ndjson", Site("", "{}/", icd=True)),
    ("searched", 1, "searchset", "json.gz", Site("T07:45:00Z", f"{HOME}/fhir/{{}}/")),
    ("doctor", 1, "transaction", "json", Site("T07:45:00Z", doctor=True)),
)


def bundle(kind: str, resources: list[Json]) -> Json:
    """Wrap resources; a transaction says what a server should do with each."""
    entries: list[Json] = [{"fullUrl": "", "resource": each} for each in resources]
    for entry in entries:
        name, id_ = entry["resource"]["resourceType"], entry["resource"]["id"]
        if kind == "transaction":
            entry["fullUrl"] = f"urn:uuid:{id_}"
            entry["request"] = {"method": "POST", "url": name}
        else:
            entry["fullUrl"] = f"{HOME}/fhir/{name}/{id_}"
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def text(thing: Json) -> bytes:
    """Write JSON without a byte to spare."""
    return json.dumps(thing, separators=(",", ":")).encode()


def packed(content: bytes) -> bytes:
    """Compress; neither the time nor a file name gets into the header."""
    buffer = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, buffer, mtime=0) as file:
        file.write(content)
    return buffer.getvalue()


def export(resources: Iterable[Json]) -> dict[str, bytes]:
    """Return the files of a bulk export: one a type, one resource a line."""
    lines: dict[str, list[bytes]] = {}
    for each in resources:
        lines.setdefault(each["resourceType"], []).append(text(each) + b"\n")
    files = {f"export/{kind}.ndjson": b"".join(all_) for kind, all_ in lines.items()}
    longest = "export/Observation.ndjson"
    files[f"{longest}.gz"] = packed(files.pop(longest))
    return files


def make() -> dict[str, bytes]:
    """Return every file, by its path."""
    people = iter(invent(sum(count for _, count, *_ in HOSPITALS)))
    files = {}
    for folder, count, kind, end, site in HOSPITALS:
        records = {p.number: Chart(p, site).resources() for p in islice(people, count)}
        if not kind:
            files |= export(chain(*records.values()))
            continue
        for number, record in records.items():
            content = text(bundle(kind, record))
            whole = packed(content) if end.endswith("gz") else content
            files[f"{folder}/sample-{number:03}.{end}"] = whole
    # The two faults that are copies; the others are written by hand.
    files["faults/duplicate.json.gz"] = files["packed/sample-013.json.gz"]
    files["faults/truncated.json.gz"] = files["packed/sample-014.json.gz"][:1500]
    return files


def main() -> None:
    """Write the files below the folder that is named, or beside this script."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, content in make().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
