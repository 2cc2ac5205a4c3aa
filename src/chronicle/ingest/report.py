"""DiagnosticReport: what was looked at, and what was found in words and codes."""

from typing import Any

from chronicle.ingest import coding, note, times
from chronicle.ingest.note import Text
from chronicle.ingest.source import Event, Source


def events(source: Source) -> list[Event]:
    """Return one event a coding of what was done and of what was concluded."""
    report = source.resource
    period = report.effectivePeriod
    start, end = times.start_of(period), times.end_of(period)
    time = times.first(report.effectiveDateTime, start, report.issued)
    known = times.last(report.issued, report.effectiveDateTime, end, start)
    codes = coding.codes(report.code, source, otherwise="UNCODED//DiagnosticReport")
    for each in report.conclusionCode or ():
        codes += coding.codes(each, source, otherwise="UNCODED//DiagnosticReport")
    return [Event(code, time, known) for code in dict.fromkeys(codes)]


def texts(report: Any) -> list[Text]:
    """Return its text and its conclusion, and its narrative where it has neither."""
    found = note.attached(report.presentedForm) + note.concluded(report.conclusion)
    if any(each.fate != note.EMPTY for each in found):
        return found
    return note.otherwise(report.text) or found
