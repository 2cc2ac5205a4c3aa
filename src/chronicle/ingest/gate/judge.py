"""Which resources pass the gate, and come out of it as structs to be read."""

import re
from collections.abc import Callable, Container
from functools import cache
from typing import Any

import msgspec

from chronicle.ingest.gate import build

REFUSES = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
# How a text may begin that consists of exotic blanks only, which R4B does not take for
# a text: control characters, which JSON says by escapes, and those beyond ASCII.
ESCAPED = (b'"\\u', b'"\\f')
EXOTIC = (
    b'"\xc2\x85', b'"\xc2\xa0', b'"\xe1\x9a\x80', b'"\xe2\x80', b'"\xe2\x81\x9f',
    b'"\xe3\x80\x80',
)  # fmt: skip

ID_ALONE = re.compile(rb'\{"id":"[^"]*"\}')


# Nearly always a resource begins with its type. What else comes first could be another
# resource, which is contained in it.
BEGINS = re.compile(rb'\s*+\{\s*+"resourceType"\s*+:\s*+"([A-Za-z]++)"').match


class _Named(msgspec.Struct):
    resourceType: str  # noqa: N815, FHIR's name


def passed(kind: str, raw: bytes, *, read: bool = False) -> Any:
    """Return the resource as a struct of its type.

    Args:
        kind: Its resourceType.
        raw: Its JSON.
        read: Whether rows are made of it, so that all rules of `rules.yaml` hold, and
            not only those for all types. `is_hollow` has to be asked still.

    Returns:
        None where the gate does not accept it: whether it may enter is then for R4B
        to say. What the gate accepts, R4B accepts, and it breaks no rule. What it
        contains is structs, too.
    """
    if kind not in build.RESOURCES or _may_be_blank(raw):
        return None
    try:
        found = _decoder(kind, read)(raw)
    except REFUSES:
        return None
    if getattr(found, "contained", None):
        found.contained = [
            _passed_inside(bytes(each), read) for each in found.contained
        ]
        if None in found.contained:
            return None
        if read and not all(_is_meant(each, raw) for each in found.contained):
            return None
    return found


def is_hollow(written: bytes) -> bool:
    """Tell whether an element of what the gate accepted may be empty.

    Args:
        written: It, as JSON without white space.
    """
    return b"{}" in written or (
        b'{"id":' in written and ID_ALONE.search(written) is not None
    )


def passed_as_stated(raw: bytes, read: Container[str]) -> Any:
    """Return a resource as `passed` does, of the type that it says it is.

    Args:
        raw: Its JSON.
        read: The types of which rows are made.

    >>> passed_as_stated(b'{"resourceType": "Patient", "id": "ann"}', ()).id
    'ann'
    """
    kind = _stated(raw)
    return None if kind is None else passed(kind, raw, read=kind in read)


def kind_of(resource: Any) -> str:
    """Return the resourceType of a resource that passed."""
    return type(resource).__name__


def _stated(raw: bytes) -> str | None:
    if found := BEGINS(raw):
        return found[1].decode()
    try:
        return _type_of(raw).resourceType
    except REFUSES:
        return None


def _passed_inside(raw: bytes, read: bool) -> Any:
    kind = _stated(raw)
    found = None if kind is None else passed(kind, raw, read=read)
    # Nothing contained contains; where it does, R4B decides.
    return None if getattr(found, "contained", None) else found


def _is_meant(contained: Any, raw: bytes) -> bool:
    """Tell whether something refers to what is contained, for all that bytes show."""
    stated = getattr(contained, "id", None)
    return bool(stated) and f'"#{stated}"'.encode() in raw


def _may_be_blank(raw: bytes) -> bool:
    if b"\\" in raw and any(each in raw for each in ESCAPED):
        return True
    return not raw.isascii() and any(each in raw for each in EXOTIC)


_type_of: Callable[[bytes], _Named] = msgspec.json.Decoder(_Named).decode


@cache
def _decoder(kind: str, read: bool) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(build.struct(kind, read=read)).decode
