"""DocumentReference: a note that is kept as a document."""

from typing import Any

from chronicle.ingest import coding, note, times
from chronicle.ingest.note import Text
from chronicle.ingest.source import Event, Source


def events(source: Source) -> list[Event]:
    """Return one event a coding of the note's type: of the visit, known when written.

    What does not say of when its visit was is of when it was written.
    """
    document = source.resource
    period = None if document.context is None else document.context.period
    start, end = times.start_of(period), times.end_of(period)
    time = times.first(start, document.date)
    known = times.last(document.date, end, start)
    codes = coding.codes(document.type, source, otherwise="UNCODED//DocumentReference")
    return [Event(code, time, known) for code in codes]


def visit(document: Any) -> Any:
    """Return the reference to the first encounter that it names."""
    named = None if document.context is None else document.context.encounter
    return named[0] if named else None


def texts(document: Any) -> list[Text]:
    """Return its text, and its narrative where there is no other content."""
    listed = document.content or ()
    found = note.attached([each.attachment for each in listed if each is not None])
    if any(each.fate != note.EMPTY for each in found):
        return found
    return note.narrated(document.text) or found
