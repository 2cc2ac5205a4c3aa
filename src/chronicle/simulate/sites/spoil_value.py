"""Faults of a value: absent, in another unit, mistyped, as text."""

from chronicle.simulate.sites import catalog, concept, pressure, reading
from chronicle.simulate.sites.case import Case, Fate, Struck
from chronicle.simulate.sites.catalog import Unit
from chronicle.simulate.sites.writer import Resource

ABSENT = concept.single(f"{concept.HL7}/data-absent-reason", "unknown")
IMPOSSIBLE = (0, 999, -1)
SENTINEL = 9999
VALUE = "valueQuantity.value"


def missing_value(case: Case) -> Struck | None:
    """Drop the value and keep the row, in half of them with a dataAbsentReason."""
    found = _holder(case)
    if found is None:
        return None
    holder, path = found
    lost = holder.pop("valueQuantity")["value"]
    if case.share("reason") < 0.5:
        holder["dataAbsentReason"] = ABSENT
    return Struck(f"{path}valueQuantity", lost, "", "null_value")


def missing_unit(case: Case) -> Struck | None:
    """Drop unit and code of every quantity."""
    holders = [case.resource, *case.resource.get("component", ())]
    quantities = [each["valueQuantity"] for each in holders if "valueQuantity" in each]
    if not quantities:
        return None
    unit = quantities[0]["unit"]
    for quantity in quantities:
        for name in ("unit", "system", "code"):
            quantity.pop(name, None)
    return Struck("valueQuantity.unit", unit, "", "null_value")


def swapped_units(case: Case) -> Struck | None:
    """Write the number of another unit under the label of this one."""
    quantity = case.resource.get("valueQuantity")
    unit = other_unit(case)
    if quantity is None or unit is None:
        return None
    old = quantity["value"]
    here = reading.unit_of(case.writer.site, case.item.about)
    new = reading.number_in(unit, (old - here.offset) / here.factor)
    return _replace(case, old, new)


def typo_decimal(case: Case) -> Struck | None:
    """Slip the decimal point, or exchange two digits."""
    quantity = case.resource.get("valueQuantity")
    if quantity is None:
        return None
    old = quantity["value"]
    texts = [_slip(old, 10), _slip(old, 0.1), _transposed(old)]
    different = [each for each in texts if each != old]
    return _replace(case, old, case.pick(different)) if different else None


def impossible_value(case: Case) -> Struck | None:
    """Write 0, 999 or -1."""
    quantity = case.resource.get("valueQuantity")
    if quantity is None:
        return None
    return _replace(case, quantity["value"], case.pick(IMPOSSIBLE))


def sentinel(case: Case) -> Struck | None:
    """Write the number that stands for "no value" somewhere."""
    quantity = case.resource.get("valueQuantity")
    return None if quantity is None else _replace(case, quantity["value"], SENTINEL)


def text_value(case: Case) -> Struck | None:
    """Write text where a number belongs; its unit goes with it."""
    quantity = case.resource.get("valueQuantity")
    if quantity is None:
        return None
    old = quantity["value"]
    texts = (str(old).replace(".", ","), f">{old}", "SEE NOTE", f"{old} H")
    del case.resource["valueQuantity"]
    case.resource["valueString"] = case.pick(texts)
    return Struck("valueString", old, case.resource["valueString"], "null_value")


def text_bp(case: Case) -> Struck | None:
    """Write both pressures as one text."""
    parts = case.resource.get("component", ())
    if len(parts) < 2:
        return None
    pressure.as_text(case.resource)
    return Struck("valueString", "component", case.resource["valueString"], "convert")


def swapped_components(case: Case) -> Struck | None:
    """Exchange systolic and diastolic."""
    parts = case.resource.get("component", ())
    if len(parts) < 2:
        return None
    high, low = (each["valueQuantity"]["value"] for each in parts)
    if high == low:
        return None
    parts[0]["valueQuantity"]["value"] = low
    parts[1]["valueQuantity"]["value"] = high
    return Struck(f"component.{VALUE}", f"{high}/{low}", f"{low}/{high}", "flag")


def other_unit(case: Case) -> Unit | None:
    """Return another unit in which the measure is reported somewhere, if any."""
    known = catalog.measures().measures.get(case.item.about)
    if known is None:
        return None
    here = reading.unit_of(case.writer.site, case.item.about)
    return next((each for each in known.units if each is not here), None)


def _replace(case: Case, old: float, new: float) -> Struck | None:
    if new == old:
        return None
    case.resource["valueQuantity"]["value"] = new
    case.resource["valueQuantity"].pop("comparator", None)
    return Struck(VALUE, old, new, _fate(case, new))


def _fate(case: Case, number: float) -> Fate:
    """Tell whether a number can be seen to be no value of its measure."""
    known = catalog.measures().measures[case.item.about]
    unit = reading.unit_of(case.writer.site, case.item.about)
    value = (number - unit.offset) / unit.factor
    return "flag" if known.low <= value <= known.high else "null_value"


def _holder(case: Case) -> tuple[Resource, str] | None:
    if "valueQuantity" in case.resource:
        return case.resource, ""
    parts = case.resource.get("component")
    return (case.pick(parts, "part"), "component.") if parts else None


def _slip(number: float, factor: float) -> float:
    return round(number * factor, 4)


def _transposed(number: float) -> float:
    text = str(number)
    for at in range(len(text) - 1):
        pair = text[at : at + 2]
        if pair.isdigit() and pair[0] != pair[1]:
            return float(text[:at] + pair[::-1] + text[at + 2 :])
    return number
