"""ImagingStudy: that pictures were taken, and how; what they show, a report says."""

from typing import Any

from chronicle.ingest import coding, note, times
from chronicle.ingest.note import Text
from chronicle.ingest.source import Event, Source


def events(source: Source) -> list[Event]:
    """Return one event a procedure, and one a kind of picture (modality)."""
    study = source.resource
    time, known = times.first(study.started), times.last(study.started)
    codes = [
        code
        for each in study.procedureCode or ()
        for code in coding.codes(each, source, otherwise="UNCODED//ImagingStudy")
    ]
    kinds = [coding.code(each, source) for each in study.modality or ()]
    found = dict.fromkeys([*codes, *(each for each in kinds if each)])
    return [Event(code, time, known) for code in found or ["UNCODED//ImagingStudy"]]


def texts(study: Any) -> list[Text]:
    """Return the remarks on it, and its narrative where there are none."""
    return note.remarks(study) or note.otherwise(study.text)
