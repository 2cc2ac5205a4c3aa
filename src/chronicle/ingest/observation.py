"""Observation: a measurement, an answer, or a panel of them."""

from operator import attrgetter
from typing import Any

from chronicle.ingest import coding, pressure, reading, times
from chronicle.ingest.reading import Value
from chronicle.ingest.source import Event, Source, dated

# Source: HL7 FHIR R4, Observation.value[x].
values = attrgetter(
    "valueBoolean", "valueCodeableConcept", "valueDateTime", "valueInteger",
    "valuePeriod", "valueQuantity", "valueRange", "valueRatio", "valueSampledData",
    "valueString", "valueTime",
)  # fmt: skip
# When it was measured, when that was known, and when it was over.
When = tuple[int | None, int | None, int | None]


def events(source: Source) -> list[Event]:
    """Return one event a coding of the observation and of each of its components."""
    observation = source.resource
    stated, issued = observation.effectiveDateTime, observation.issued
    when: When = times.first(stated, issued), times.last(issued, stated), None
    if stated is None:
        stated, when = _period(observation, issued)
    return dated(_rows(observation, when, source), stated, issued)


def _period(observation: Any, issued: object) -> tuple[object, When]:
    """Return when it was measured as stated, and as `When` has it."""
    period, instant = observation.effectivePeriod, observation.effectiveInstant
    start, end = times.start_of(period), times.end_of(period)
    first = times.first(instant, start, issued)
    return instant or start, (first, times.last(issued, instant, end), times.last(end))


def _rows(observation: Any, when: When, source: Source) -> list[Event]:
    parts = observation.component
    if not parts:
        return _measured(observation, when, source)
    rows = [row for part in parts for row in _measured(part, when, source)]
    if len(rows) == 2:
        rows = pressure.righted(rows)
    if any(value is not None for value in values(observation)):
        rows += _measured(observation, when, source)
    return rows


def _measured(part: Any, when: When, source: Source) -> list[Event]:
    """Return an event a coding: when it was, when that was known, when it was over."""
    time, known, end = when
    text, rows = part.valueString, []
    for code in coding.codes(part.code, source, otherwise="UNCODED//Observation"):
        if isinstance(text, str):
            said = reading.of_text(code, text)
            rows += [Event(name, time, known, end, *said[name]) for name in said]
        else:
            rows.append(Event(code, time, known, end, *_value(part, code, source)))
    return rows


def _value(part: Any, code: str, source: Source) -> Value:
    if (quantity := part.valueQuantity) is not None:
        return reading.of_quantity(code, quantity)
    if (concept := part.valueCodeableConcept) is not None:
        return Value(text=coding.codes(concept, source, otherwise="UNCODED//value")[0])
    if isinstance(flag := part.valueBoolean, bool):
        return Value(float(flag))
    if isinstance(whole := part.valueInteger, int):
        return reading.of_number(code, whole)
    stated = any(value is not None for value in values(part))
    return reading.OTHER_FORM if stated else reading.ABSENT
