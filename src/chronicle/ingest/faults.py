"""What is wrong with a text that is no sound JSON, in a word; and how to read past it.

msgspec checks all of a text's grammar while it skips it, save the bytes inside strings.
Only what failed comes here, so this may be slow.
"""

import re
from collections.abc import Callable

import msgspec
from msgspec import Raw

from chronicle.ingest import limits

ANY = msgspec.json.Decoder(Raw)
NOT_BRACKETS = bytes(each for each in range(256) if each not in b"[]{}")
NOT_SIGNS = bytes(each for each in NOT_BRACKETS if each != ord('"'))
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
ESCAPE_OR_NUMBER = re.compile(
    rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\.|-?\b(?:NaN|Infinity)\b", re.DOTALL
)
CONTROLS = bytes.maketrans(bytes(range(32)), b" " * 32)
Mend = Callable[[bytes], bytes]


def parses(text: bytes) -> bool:
    """Tell whether a text is JSON, as far as its brackets, strings and numbers go."""
    try:
        ANY.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def in_resource(raw: bytes) -> str | None:
    """Return why a resource that parses may not enter all the same, or None."""
    if len(raw) > limits.RESOURCE_BYTES:
        return "too-large"
    if not raw.isascii():
        try:
            raw.decode()
        except UnicodeDecodeError:
            return "not-utf8"
    return "too-deep" if is_deep(raw) else None


def is_deep(raw: bytes) -> bool:
    """Tell whether brackets stand in brackets beyond the limit.

    >>> is_deep(b"[" * 101 + b"]" * 101), is_deep(b"[" + b"[],[]," * 101 + b"1]")
    (True, False)
    """
    if len(raw.translate(None, NOT_BRACKETS)) <= 2 * limits.DEPTH:  # nearly always
        return False
    plain = raw.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in raw else raw
    found = plain.translate(None, NOT_SIGNS).replace(b'""', b"")
    if b'"' in found:  # a string that has brackets in it
        found = STRING.sub(b"", plain).translate(None, NOT_BRACKETS)
    return _depth(found) > limits.DEPTH


def _depth(brackets: bytes) -> int:
    """Return how deep brackets stand in brackets."""
    import numpy as np  # it takes a tenth of a second, and few come here

    signs = np.frombuffer(brackets, np.uint8)
    opens = (signs == ord("[")) | (signs == ord("{"))
    return int(np.where(opens, 1, -1).cumsum().max(initial=0))


def in_text(text: bytes) -> str | None:
    """Return why a text does not parse, or None where it does."""
    if not text.strip():
        return "empty"
    try:
        text.decode()
    except UnicodeDecodeError:
        return "not-utf8"
    try:
        ANY.decode(text)
    except RecursionError:
        return "too-deep"
    except msgspec.DecodeError:
        return _kind(text)
    return None


def _kind(text: bytes) -> str:
    kinds = {"not-a-number": _numbers, "lone-surrogate": _surrogates}
    return next(
        (word for word, mend in kinds.items() if parses(mend(text))), "not-json"
    )


def mended(text: bytes) -> bytes:
    """Return a text of the same length that parses where only values were wrong.

    It tells where each entry begins and ends, so that a bad number or character costs
    only the resource that it is in. No value of it is ever used.
    """
    return _filled(text.translate(CONTROLS), _fill)


def _numbers(text: bytes) -> bytes:
    return _filled(text, lambda found: found if found[:1] == b"\\" else _fill(found))


def _surrogates(text: bytes) -> bytes:
    return _filled(text, lambda found: _fill(found) if len(found) == 6 else found)


def _filled(text: bytes, fill: Mend) -> bytes:
    return ESCAPE_OR_NUMBER.sub(lambda match: fill(match[0]), text)


def _fill(found: bytes) -> bytes:
    if found[:1] != b"\\":  # NaN or Infinity, in a string or not
        return b"0".ljust(len(found))
    if len(found) == 6:
        return b"\\u0041"
    return found if found[1:] in b'"\\/bfnrtu' else b"\\n"
