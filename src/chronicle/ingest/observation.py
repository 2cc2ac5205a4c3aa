"""Observation: a measurement, an answer, or a panel of them."""

import re
from operator import attrgetter
from typing import Any, NamedTuple

from chronicle.ingest import coding, times, units
from chronicle.ingest.source import Event, Source

# "7.2", "<0.3", ">= 90": a number that somebody typed as text. Nothing else of a text
# enters, since text may name people.
NUMBER = re.compile(r"\s*(?:[<>]=?\s*)?(-?\d+(?:\.\d+)?)\s*", re.ASCII)
# Source: HL7 FHIR R4, Observation.value[x].
values = attrgetter(
    "valueBoolean", "valueCodeableConcept", "valueDateTime", "valueInteger",
    "valuePeriod", "valueQuantity", "valueRange", "valueRatio", "valueSampledData",
    "valueString", "valueTime",
)  # fmt: skip


class Value(NamedTuple):
    """What was found, in the unit that is kept."""

    number: float | None = None
    text: str | None = None
    unit: str | None = None
    source_unit: str | None = None


NOTHING = Value()
When = tuple[int | None, int | None, int | None]


def events(source: Source) -> list[Event]:
    """Return one event a coding of the observation and of each of its components."""
    observation = source.resource
    when = _when(observation)
    parts = observation.component
    if not parts:
        return _measured(source, observation, when)
    rows = [row for part in parts for row in _measured(source, part, when)]
    if any(value is not None for value in values(observation)):
        rows += _measured(source, observation, when)
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


def _measured(source: Source, part: Any, when: When) -> list[Event]:
    codes = coding.codes(part.code, otherwise="UNCODED//Observation")
    rows = []
    for code in codes:
        number, text, unit, shown = _value(source, part, code)
        rows.append(Event(code, *when, number, text, unit, shown))
    return rows


def _value(source: Source, part: Any, code: str) -> Value:
    if (quantity := part.valueQuantity) is not None:
        unit = quantity.code or quantity.unit
        return _number(source, code, quantity.value, unit)
    if (concept := part.valueCodeableConcept) is not None:
        return Value(text=coding.codes(concept, otherwise="UNCODED//value")[0])
    if isinstance(flag := part.valueBoolean, bool):
        return Value(float(flag))
    if isinstance(whole := part.valueInteger, int):
        return _number(source, code, whole, None)
    if isinstance(text := part.valueString, str):
        return _typed(source, code, text)
    source.tally["absent"] += 1
    return NOTHING


def _typed(source: Source, code: str, text: str) -> Value:
    found = NUMBER.fullmatch(text)
    if found is None:
        source.tally["text-left-out"] += 1
        return NOTHING
    return _number(source, code, found[1], None)


def _number(source: Source, code: str, value: Any, unit: Any) -> Value:
    if value is None:
        source.tally["absent"] += 1
        return NOTHING
    raw_unit = unit if isinstance(unit, str) else None
    measured = units.to_kept_unit(code, float(value), raw_unit)
    source.tally[measured.fate] += 1
    shown = raw_unit if raw_unit and len(raw_unit) <= 24 else None
    return Value(measured.value, None, measured.unit, shown)
