"""A document cut into its entries: each a slice of the text, parsed by nobody yet.

A bundle of 200 MB is 200 MB of text and a list of places in it; as Python objects it
would be eight times that.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Raw, Struct

from chronicle.ingest.heads import NONE, Buffer

BUNDLE = "Bundle"


class Request(Struct, gc=False):
    """What a bundle's entry asks a server to do."""

    method: str | None = None
    url: str | None = None


class Part(Struct, gc=False):
    """One entry of a bundle, or what stands where one should, as its resource."""

    full_url: str | None = msgspec.field(default=None, name="fullUrl")
    resource: Raw = NONE
    request: Request | None = None
    response: Raw = NONE


class Document(Struct):
    """A JSON object that may be a bundle."""

    kind: str | None = msgspec.field(default=None, name="resourceType")
    entry: list[Part] | None = None
    timestamp: Raw = NONE


class _Response(Struct, gc=False):
    last_modified: str | None = msgspec.field(default=None, name="lastModified")


class _Manifest(Struct):
    transaction_time: str = msgspec.field(name="transactionTime")
    output: list[Raw]


_DOCUMENT = msgspec.json.Decoder(Document)
_MANIFEST = msgspec.json.Decoder(_Manifest)
_PART = msgspec.json.Decoder(Part)
_KEYS = msgspec.json.Decoder(dict[str, Raw])
_LIST = msgspec.json.Decoder(list[Raw])
_TEXT = msgspec.json.Decoder(str)
_RESPONSE = msgspec.json.Decoder(_Response)
_WRONG = (msgspec.ValidationError, UnicodeDecodeError)


def cut(text: Buffer) -> Document:
    """Cut a document; of one that is no object, nothing is found.

    Raises:
        msgspec.DecodeError: It is not JSON.
        RecursionError: It is nested too deep to be looked at.
    """
    try:
        return _DOCUMENT.decode(text)
    except _WRONG:
        return _loose(text)


def is_manifest(text: Buffer) -> bool:
    """Tell whether a document lists the files of a Bulk Export."""
    try:
        return bool(_MANIFEST.decode(text).transaction_time)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def deleted_at(part: Part, document: Document | None) -> str | None:
    """Return when an entry was deleted, as it says itself, else as its bundle does."""
    response: _Response | None = _decoded(_RESPONSE, part.response)
    if response is not None and response.last_modified:
        return response.last_modified
    stated: str | None = _decoded(_TEXT, document.timestamp) if document else None
    return stated


def _loose(text: Buffer) -> Document:
    # Something is not of its type: as much is taken as is.
    msgspec.json.decode(text, type=Raw)  # a text that is cut off is no wrong type
    keys = _decoded(_KEYS, text) or {}
    entry = keys.get("entry", NONE)
    listed = _decoded(_LIST, entry)
    if listed is None:
        listed = [] if bytes(entry) in (b"", b"null") else [entry]
    parts = [_part(each) for each in listed]
    return Document(_text(keys, "resourceType"), parts, keys.get("timestamp", NONE))


def _part(raw: Raw) -> Part:
    found = _decoded(_PART, raw)
    if found is not None:
        return found  # type: ignore[no-any-return]
    keys = _decoded(_KEYS, raw)
    if keys is None:
        return Part(resource=raw)
    return Part(_text(keys, "fullUrl"), keys.get("resource", NONE))


def _text(keys: Mapping[str, Raw], name: str) -> str | None:
    found = _decoded(_TEXT, keys.get(name, NONE))
    return found if isinstance(found, str) else None


def _decoded(decoder: msgspec.json.Decoder[Any], raw: Buffer) -> Any:
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
