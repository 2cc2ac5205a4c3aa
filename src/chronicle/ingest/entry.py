"""One thing that a file holds: a slice of its text, and what the reader knows of it."""

import json
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

import msgspec
import orjson

NAMELESS: Mapping[str, str] = MappingProxyType({})
FILE = -1  # the number of the file itself
MANIFEST = "(manifest)"


class Entry(msgspec.Struct, frozen=True, dict=True):
    """One thing that a file holds.

    Args:
        number: Position in the file, from 0; -1 is the file itself.
        raw: The resource's own JSON, a slice of the file's text; without a `problem` it
            is UTF-8 and follows JSON's grammar. None where nothing was read.
        kind: Its resourceType as found, "" if none; `(manifest)` for a file that lists
            the files of a Bulk Export and holds no resource.
        full_url: The bundle entry's fullUrl.
        names: What references inside the same bundle may call each resource, with the
            `Type/id` that is meant.
        problem: Why nothing of this may enter, where that is known already: a word of
            `reasons.READING`.
        deletes: `Type/id` that the source says it deleted; then there is no `raw`.
            `Type?system|value` where it names an identifier, `Type/` or `/` where it
            does not say which.
        deleted_at: When that was, as the source wrote it; None where it does not say.
        admitted: What is kept of the resource (`admit.Admitted`), where the reader
            asked the gate and it accepted.
    """

    number: int
    raw: bytes | None = None
    kind: str = ""
    full_url: str | None = None
    names: Mapping[str, str] = NAMELESS
    problem: str | None = None
    deletes: str | None = None
    deleted_at: str | None = None
    admitted: Any = None

    @property
    def deleted(self) -> bool:
        """Whether this is no resource but the word that one is gone."""
        return self.deletes is not None

    @cached_property
    def resource(self) -> Any:
        """The resource as Python objects; None where there is none to be read.

        A number like 1e999, which JSON allows and no double holds, is not to be read.
        """
        try:
            return None if self.raw is None else orjson.loads(self.raw)
        except orjson.JSONDecodeError:
            return None


def doubled(raw: bytes, again: bytes) -> bool:
    """Tell whether an object in a resource has one key twice (R4 forbids it).

    Args:
        raw: The resource's JSON.
        again: It as whoever parsed it writes it, in JSON. A parser keeps one of two
            equal keys, and with it one colon; colons in strings stay.

    >>> doubled(b'{"id": "a:b", "id": "a:c"}', b'{"id":"a:c"}')
    True
    >>> doubled(b'{"a" : 1}', b'{"a":1}')
    False
    """
    escapes = b"\\" in raw and b"\\u003" in raw
    if not escapes and raw.count(b":") == again.count(b":"):
        return False
    try:
        PAIRS.decode(raw.decode())
    except KeyError:
        return True
    return False


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) < len(pairs):
        raise KeyError


PAIRS = json.JSONDecoder(object_pairs_hook=_unique)
