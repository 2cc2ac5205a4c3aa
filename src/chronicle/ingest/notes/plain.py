"""A note's bytes into plain text, whatever they were written in."""

import codecs
import re

from chronicle.ingest.limits import RESOURCE_BYTES
from chronicle.ingest.notes.markup import unmarked
from chronicle.ingest.notes.rtf import unformatted

REASONS = {
    "note-too-large": "a note larger than a resource may be",
    "note-type": "a note in a form that is not read: no text, HTML, RTF or CDA",
    "note-binary": "a note that says it is text and is not",
}
"""Why a note could not be read: the only words that `Unreadable` is made with."""

RTF = ("rtf", "richtext")
MARKUP = ("html", "xml", "cda")
"""What a type holds that is read as such: sites write it in many ways."""

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_BREAKS = re.compile(r"\r\n?|[\f\v\x85\u2028\u2029]")
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_CONTROLS = dict.fromkeys((*range(9), *range(14, 32), 127), " ")
# The mark of UTF-32 begins as that of UTF-16 does.
_MARKS = (
    codecs.BOM_UTF8, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE,
    codecs.BOM_UTF16_BE,
)  # fmt: skip
_CODES = ("utf-8-sig", "utf-32", "utf-32", "utf-16", "utf-16")
# A page that is sent as plain text: sites do.
_PAGE = re.compile(
    r"\s{0,100}<(?:!doctype html|html|body|head|div|p|table|\?xml|(?:\w{1,9}:)?"
    r"ClinicalDocument)\b",
    re.IGNORECASE,
)
# Python has them among its encodings; no note is in them, and one takes the square of
# the text to decode.
_NO_CHARSETS = frozenset(
    ["idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"]
)


class Unreadable(Exception):  # noqa: N818, it names what happened
    """A note that is not read.

    Args:
        reason: A word of `REASONS`; nothing of the note.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def plain(content: bytes, content_type: str) -> str:
    r"""Return the text of an attachment, its lines ended by \n and no other controls.

    Args:
        content: The attachment, as it was before base64.
        content_type: Its MIME type, with or without a charset; "" counts as text.

    Raises:
        Unreadable: It is too large, of another type, or no text.

    >>> plain(b"<p>No chest pain.</p>", "text/html; charset=utf-8").strip()
    'No chest pain.'
    """
    if len(content) > RESOURCE_BYTES:
        raise Unreadable("note-too-large")
    kind = content_type.partition(";")[0].strip().lower()
    is_rtf = any(each in kind for each in RTF)
    is_markup = any(each in kind for each in MARKUP)
    if not (is_rtf or is_markup or kind.startswith("text/") or not kind):
        raise Unreadable("note-type")
    text = _decoded(content, content_type)
    if "\0" in text[:1024]:
        raise Unreadable("note-binary")
    if is_rtf or text.startswith("{\\rtf"):
        text = unformatted(text)
    elif is_markup or _PAGE.match(text):
        text = unmarked(text)
    return _UNSEEN.sub("", _BREAKS.sub("\n", text)).translate(_CONTROLS)


def _decoded(content: bytes, content_type: str) -> str:
    """Decode by mark, by what is said, as UTF-8, and last as what Windows writes."""
    for mark, code in zip(_MARKS, _CODES, strict=True):
        if content.startswith(mark):
            return content.decode(code, "replace")
    said = _CHARSET.search(content_type) or _CHARSET.search(
        content[:1024].decode("ascii", "replace")
    )
    for code in (said[1] if said else "utf-8", "utf-8"):
        try:
            known = codecs.lookup(code)
            if known._is_text_encoding and known.name not in _NO_CHARSETS:
                return content.decode(code)
        except (LookupError, UnicodeError):
            continue
    return content.decode("cp1252", "replace")
