"""Composition: a note in sections."""

from collections.abc import Iterator
from typing import Any

from chronicle.ingest import coding, note, times
from chronicle.ingest.note import Text
from chronicle.ingest.source import Event, Source


def events(source: Source) -> list[Event]:
    """Return one event a coding of the note's type, known when it was written."""
    written = source.resource.date
    codes = coding.codes(source.resource.type, source, otherwise="UNCODED//Composition")
    return [Event(code, times.first(written), times.last(written)) for code in codes]


def texts(composition: Any) -> list[Text]:
    """Return the text of each section, and the narrative where no section has any."""
    found = list(_sections(composition.section))
    return found or note.narrated(composition.text) or [Text(note.EMPTY)]


def _sections(sections: Any) -> Iterator[Text]:
    for each in sections or ():
        if each is not None:
            yield from note.narrated(each.text, note.SECTION, each.title)
            yield from _sections(each.section)
