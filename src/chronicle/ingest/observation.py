"""Observation: a measurement, an answer, or a panel of them."""

import re
from typing import Any

from chronicle.ingest import coding, times, units
from chronicle.ingest.source import Row, Source

# "7.2", "<0.3", ">= 90": a number that somebody typed as text. Nothing else of a text
# enters, since text may name people.
NUMBER = re.compile(r"\s*(?:[<>]=?\s*)?(-?\d+(?:\.\d+)?)\s*", re.ASCII)


def events(source: Source) -> list[Row]:
    """Return one event a coding of the observation and of each of its components."""
    observation = source.resource
    parts = observation.get("component") or []
    rows = [row for part in parts for row in _measured(source, part)]
    if not parts or _has_value(observation):
        rows += _measured(source, observation)
    return rows


def _measured(source: Source, part: dict[str, Any]) -> list[Row]:
    observation = source.resource
    period = observation.get("effectivePeriod")
    effective = (
        observation.get("effectiveDateTime"),
        observation.get("effectiveInstant"),
    )
    issued = observation.get("issued")
    return [
        source.event(
            code,
            times.first(*effective, times.start_of(period), issued),
            times.last(issued, *effective, times.end_of(period)),
            end_time=times.last(times.end_of(period)),
            **_value(source, part, code),
        )
        for code in coding.codes(part.get("code"), otherwise="UNCODED//Observation")
    ]


def _has_value(part: dict[str, Any]) -> bool:
    return any(name.startswith("value") for name in part)


def _value(source: Source, part: dict[str, Any], code: str) -> Row:
    if isinstance(quantity := part.get("valueQuantity"), dict):
        unit = quantity.get("code") or quantity.get("unit")
        return _number(source, code, quantity.get("value"), unit)
    if isinstance(concept := part.get("valueCodeableConcept"), dict):
        return {"text_value": coding.codes(concept, otherwise="UNCODED//value")[0]}
    if isinstance(flag := part.get("valueBoolean"), bool):
        return {"numeric_value": float(flag)}
    if isinstance(whole := part.get("valueInteger"), int):
        return _number(source, code, whole, None)
    if isinstance(text := part.get("valueString"), str):
        return _typed(source, code, text)
    source.tally["absent"] += 1
    return {}


def _typed(source: Source, code: str, text: str) -> Row:
    found = NUMBER.fullmatch(text)
    if found is None:
        source.tally["text-left-out"] += 1
        return {}
    return _number(source, code, found[1], None)


def _number(source: Source, code: str, value: Any, unit: Any) -> Row:
    if value is None:
        source.tally["absent"] += 1
        return {}
    raw_unit = unit if isinstance(unit, str) else None
    measured = units.to_kept_unit(code, float(value), raw_unit)
    source.tally[measured.fate] += 1
    return {
        "numeric_value": measured.value,
        "unit": measured.unit,
        "source_unit": raw_unit if raw_unit and len(raw_unit) <= 24 else None,
    }
