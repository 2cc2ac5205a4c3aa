"""What an observation's value says, as columns of its event.

FHIR writes a value as a Quantity, a number or a text; here all become a number in the
unit that is kept, or none, and one fixed word that says what was done. What the source
wrote stays beside it, as long as it is a number or a unit.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from chronicle.ingest import measures, pressure, units, values
from chronicle.ingest.units import Measured, Rule

COMPARATORS = ("<", "<=", ">=", ">")
OTHER_UNIT = "(other)"  # stands for a unit that we do not know, since it may be a name
# How a number was read says more than these; that it is none says more than that.
PLAIN = ("kept", "converted", "no-measure")


# Every word for what was done to a value; what each means is told by the report. `kept`
# stands in the ledger, and as null in the table.
FATES = (
    "kept", "converted", "no-measure", "comparator", "text-number", "range",
    "swapped", "unit-inferred", "unit-missing", "unit-unknown", "unit-conflict",
    "impossible", "sentinel", "ambiguous", "ordinal", "no-result", "absent",
    "form-left-out", "text-left-out", "date-filler",
)  # fmt: skip


class Value(NamedTuple):
    """What was found; the names are those of `Event`."""

    number: float | None = None
    text: str | None = None
    unit: str | None = None
    source_unit: str | None = None
    source_value: float | None = None
    comparator: str | None = None
    fate: str | None = None


ABSENT = Value(fate="absent")
OTHER_FORM = Value(fate="form-left-out")  # a ratio, a range, a time, a curve


def of_quantity(code: str, quantity: Any) -> Value:
    """Return what a Quantity says."""
    value, unit, coded = quantity.value, quantity.unit, quantity.code
    if value is None:
        return ABSENT
    value = float(value)
    rule, shown = _in(
        code,
        unit if isinstance(unit, str) else None,
        coded if isinstance(coded, str) else None,
    )
    number, kept, fate = units.judged(value, rule)
    comparator = quantity.comparator
    if comparator is not None and comparator not in COMPARATORS:
        comparator = None
    if comparator is not None and fate in PLAIN:
        fate = "comparator"
    return Value(number, None, kept, shown, value, comparator, fate)


def of_number(code: str, value: float) -> Value:
    """Return what a number says that stands without a unit."""
    return _value(units.to_kept_unit(code, float(value), None), float(value))


def of_text(code: str, text: str) -> dict[str, Value]:
    """Return what a text says, for each code that it speaks of.

    One, as a rule; but a text of a blood pressure panel speaks of two others.
    """
    if code in pressure.PANELS:
        return _both(code, text)
    half = HALVES.get(measure.name) if (measure := measures.of(code)) else None
    if half is not None and (found := pressure.read(text)):
        return {code: _pressure(code, found[half])}
    return {code: _said(code, values.said(text))}


HALVES = {"sbp": 0, "dbp": 1}


def _both(code: str, text: str) -> dict[str, Value]:
    found = pressure.read(text)
    if found is None:
        said = values.said(text).fate
        return {code: Value(fate=said if said == "no-result" else values.LEFT_OUT.fate)}
    each = zip((pressure.SYSTOLIC, pressure.DIASTOLIC), found, strict=True)
    return {name: _pressure(name, value) for name, value in each}


def _pressure(code: str, value: float) -> Value:
    measured = units.to_kept_unit(code, value, pressure.UNIT)
    return _value(measured, value, read="text-number")


def _said(code: str, said: values.Said) -> Value:
    if not said.numbers:
        return Value(fate=said.fate)
    unit = said.unit
    measure = measures.of(code)
    if unit == "L" and (measure is None or "L" not in units.conversions(measure)):
        unit = None  # "7.2 L": low, where litres make no sense
    if measure is None and (said.fate == "range" or unit or len(said.numbers) > 1):
        return Value(fate=values.LEFT_OUT.fate)  # Nothing says that it is a value.
    found = [(each, units.to_kept_unit(code, each, unit)) for each in said.numbers]
    if len(found) > 1:
        found = [each for each in found if _likely(code, each[1])]
    if len(found) != 1:
        return Value(fate="ambiguous")
    value, measured = found[0]
    return _value(measured, value, unit, said.comparator, read=said.fate)


def _likely(code: str, measured: Measured) -> bool:
    measure = measures.of(code)
    if measure is None or measured.value is None:
        return False
    return measure.soft[0] <= measured.value <= measure.soft[1]


def _value(
    measured: Measured,
    value: float,
    unit: str | None = None,
    comparator: str | None = None,
    read: str | None = None,
) -> Value:
    number, kept, fate = measured
    if fate in PLAIN:
        fate = "comparator" if comparator else read or fate
    return Value(number, None, kept, _shown(unit), value, comparator, fate)


# As many as rules; a record has the same few over and over.
@lru_cache(maxsize=1 << 16)
def _in(code: str, unit: str | None, coded: str | None) -> tuple[Rule, str | None]:
    """Return what is done to a number of a code in a unit, and how that is shown."""
    return units.rule_of(code, unit, coded), _shown(coded or unit)


@lru_cache(maxsize=1 << 12)
def _shown(unit: str | None) -> str | None:
    return unit if unit is None or units.is_spelling(unit) else OTHER_UNIT
