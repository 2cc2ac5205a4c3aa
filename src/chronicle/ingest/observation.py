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
When = tuple[int | None, int | None, int | None]


def events(source: Source) -> list[Event]:
    """Return one event a coding of the observation and of each of its components."""
    observation = source.resource
    start = times.start_of(observation.effectivePeriod)
    stated = observation.effectiveDateTime or observation.effectiveInstant or start
    return dated(_rows(observation, source), stated, observation.issued)


def _rows(observation: Any, source: Source) -> list[Event]:
    when = _when(observation)
    parts = observation.component
    if not parts:
        return _measured(observation, when, source)
    rows = [row for part in parts for row in _measured(part, when, source)]
    if len(rows) == 2:
        rows = pressure.righted(rows)
    if any(value is not None for value in values(observation)):
        rows += _measured(observation, when, source)
    return rows


def _when(observation: Any) -> When:
    """Return when it was measured, when that was known, and when it was over."""
    effective, issued = observation.effectiveDateTime, observation.issued
    if effective is not None:
        return times.first(effective, issued), times.last(issued, effective), None
    period, instant = observation.effectivePeriod, observation.effectiveInstant
    start, end = times.start_of(period), times.end_of(period)
    return (
        times.first(instant, start, issued),
        times.last(issued, instant, end),
        times.last(end),
    )


def _measured(part: Any, when: When, source: Source) -> list[Event]:
    rows = []
    for code in coding.codes(part.code, source, otherwise="UNCODED//Observation"):
        if isinstance(text := part.valueString, str):
            said = reading.of_text(code, text)
            rows += [_event(name, when, value) for name, value in said.items()]
        else:
            rows.append(_event(code, when, _value(part, code, source)))
    return rows


def _event(code: str, when: When, value: Value) -> Event:
    time, known, end = when
    return Event(code, time, known, end, *value)


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
