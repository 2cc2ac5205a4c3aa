"""A file's one document: its text, and the entries into which it was cut."""

from dataclasses import dataclass

import msgspec

from chronicle.ingest import faults, limits, slices
from chronicle.ingest.gate import judge
from chronicle.ingest.slices import BUNDLE, Document, Part


@dataclass(frozen=True)
class Text:
    """A document and what could be made of it.

    Args:
        text: As it came.
        cut_from: The text that was cut: the same, or mended, of the same length.
        document: What was cut; None where `problem` says why not.
        problem: A word of `reasons.READING`.
        judged: Whether the gate is asked about what is in it.
        parts: What it told of each entry, where it cut the document.
    """

    text: bytes | bytearray
    cut_from: bytes | bytearray
    document: Document | None
    problem: str | None = None
    judged: bool = True
    parts: list[judge.Part] | None = None

    @property
    def is_bundle(self) -> bool:
        """Whether there are entries in it."""
        return self.document is not None and self.document.kind == BUNDLE

    @property
    def is_small(self) -> bool:
        """Whether all of it may be held parsed."""
        sound = self.judged and self.is_sound
        return sound and len(self.text) <= limits.PARSED_BYTES

    @property
    def is_sound(self) -> bool:
        """Whether all of it was JSON, without mending."""
        return self.cut_from is self.text


def look(text: bytes | bytearray, *, judged: bool = True) -> Text:
    """Cut a document; where it is no sound JSON, find what is sound in it."""
    if judged and len(text) <= limits.PARSED_BYTES and (parts := judge.bundle(text)):
        entry = [Part(url, msgspec.Raw(raw)) for url, raw, _ in parts]
        return Text(text, text, Document(BUNDLE, entry), parts=parts)
    found = cut(text)
    if found is not None:
        return Text(text, text, found, judged=judged)
    mended = faults.mended(bytes(text))
    found = cut(mended)
    if found is not None and found.kind == BUNDLE:
        return Text(text, mended, found)
    return Text(text, text, None, faults.in_text(bytes(text)) or "not-json")


def cut(text: bytes | bytearray) -> Document | None:
    """Cut a document; None where it is no JSON."""
    try:
        return slices.cut(text)
    except (msgspec.DecodeError, RecursionError):
        return None
