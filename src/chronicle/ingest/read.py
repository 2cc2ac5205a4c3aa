"""Files into entries: bundles, single resources, NDJSON, each plain or gzip."""

import gzip
import re
import zlib
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeGuard, cast

import orjson

from chronicle.core.errors import LandingError
from chronicle.ingest import versions

SUFFIXES = (".json", ".json.gz", ".ndjson", ".ndjson.gz")
Resource = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """One thing that a file holds.

    Args:
        number: Position in the file, from 0; -1 is the file itself.
        resource: The resource, or whatever stands where one should; None where
            nothing could be read.
        full_url: The bundle entry's fullUrl.
        names: What references inside the same bundle may call each resource, with the
            `Type/id` that is meant.
        problem: Why nothing of this may enter, where that is known already.
        raw: The text as read, where it could not be parsed.
    """

    number: int
    resource: Any = None
    full_url: str | None = None
    names: dict[str, str] = field(default_factory=dict)
    problem: str | None = None
    raw: str | None = None


def files(landing: Path) -> list[Path]:
    """Return every FHIR file below `landing`, in the order of their names.

    Raises:
        LandingError: There is none.
    """
    found = sorted(
        path for path in landing.rglob("*") if path.is_file() and is_fhir_file(path)
    )
    if not found:
        raise LandingError(
            f"no file that ends in {', '.join(SUFFIXES)}.",
            where=str(landing),
            do="make run SOURCE=<a folder of FHIR bundles or NDJSON>",
        )
    return found


def is_fhir_file(path: Path) -> bool:
    """Tell by its name whether a file may hold FHIR JSON.

    >>> is_fhir_file(Path("ann.json.gz")), is_fhir_file(Path("README.md"))
    (True, False)
    """
    return path.name.lower().endswith(SUFFIXES)


def entries(path: Path) -> Iterator[Entry]:
    """Read a file entry by entry; what cannot be read comes as an entry saying so."""
    try:
        if ".ndjson" in path.name.lower():
            yield from _lines(path)
        else:
            with _open(path) as file:
                yield from _document(file.read())
    except (EOFError, zlib.error):
        yield Entry(-1, problem="truncated-gzip")
    except gzip.BadGzipFile:
        yield Entry(-1, problem="not-gzip")


def _open(path: Path) -> IO[bytes]:
    if path.name.lower().endswith(".gz"):
        return cast(IO[bytes], gzip.open(path))
    return path.open("rb")


def _document(text: bytes) -> Iterator[Entry]:
    try:
        found = orjson.loads(text.removeprefix(BOM_UTF8))
    except orjson.JSONDecodeError:
        yield Entry(-1, problem="not-json")
        return
    if not _is_resource(found):
        yield Entry(-1, problem="not-fhir")
        return
    yield from _numbered(_bundle(found) if _is_bundle(found) else _single(found))


def _lines(path: Path) -> Iterator[Entry]:
    # Read twice: a file is of one version, and nothing of it may enter before the last
    # line, and the end of the gzip stream, have been seen. Parsing is cheap.
    tally: Counter[str] = Counter()
    for _, found in _parsed(path):
        if _is_resource(found) and not _is_bundle(found):
            tally.update(versions.votes(found))
    version = versions.winner(tally)
    yield from _numbered(_of_lines(path, version))


def _of_lines(path: Path, version: str | None) -> Iterator[Entry]:
    for line, found in _parsed(path):
        if found is None:
            text = line.decode("utf-8", "replace")
            yield Entry(0, problem="not-json", raw=text)
        elif _is_bundle(found):
            yield from _bundle(found)
        else:
            yield Entry(0, found, names={}, problem=_refusal(version))


def _parsed(path: Path) -> Iterator[tuple[bytes, Any]]:
    with _open(path) as file:
        for line in file:
            if line.strip():
                try:
                    yield line, orjson.loads(line)
                except orjson.JSONDecodeError:
                    yield line, None


def _single(found: Resource) -> Iterator[Entry]:
    yield Entry(0, found, problem=_refusal(versions.foreign([found])))


def _bundle(bundle: Resource) -> Iterator[Entry]:
    listed = bundle.get("entry", [])
    listed = listed if isinstance(listed, list) else [listed]
    parts = [each for each in listed if isinstance(each, dict)]
    held = [each["resource"] for each in parts if _is_resource(each.get("resource"))]
    problem = _refusal(versions.foreign(held))
    names = _names(parts)
    for each in listed:
        resource = each.get("resource") if isinstance(each, dict) else each
        if _is_bundle(resource):
            yield from _bundle(resource)
        elif not isinstance(each, dict):
            yield Entry(0, resource, problem="not-fhir")
        else:
            url = each.get("fullUrl")
            url = url if isinstance(url, str) else None
            yield Entry(0, resource, url, names, problem)


def _numbered(found: Iterator[Entry]) -> Iterator[Entry]:
    for number, each in enumerate(found):
        yield Entry(
            number, each.resource, each.full_url, each.names, each.problem, each.raw
        )


def _names(parts: list[Resource]) -> dict[str, str]:
    """Map fullUrls and identifiers, as references write them, to `Type/id`."""
    names: dict[str, str] = {}
    for part in parts:
        resource, url = part.get("resource"), str(part.get("fullUrl", ""))
        # Nameless in a transaction: until a server names it, its fullUrl does.
        if not _is_resource(resource):
            continue
        name = resource.get("id") or re.split("[:/]", url)[-1]
        if not isinstance(name, str) or not name:
            continue
        key = f"{resource['resourceType']}/{name}"
        if url:
            names[url] = key
        for each in resource.get("identifier") or ():
            if isinstance(each, dict) and "value" in each:
                query = f"identifier={each.get('system', '')}|{each['value']}"
                names[f"{resource['resourceType']}?{query}"] = key
    return names


def _is_resource(found: object) -> TypeGuard[Resource]:
    return isinstance(found, dict) and isinstance(found.get("resourceType"), str)


def _is_bundle(found: object) -> TypeGuard[Resource]:
    return isinstance(found, dict) and found.get("resourceType") == "Bundle"


def _refusal(version: str | None) -> str | None:
    return None if version is None else f"version-{version}"
