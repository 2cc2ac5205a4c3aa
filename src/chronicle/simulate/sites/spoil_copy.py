"""Faults that write a thing twice."""

from datetime import date, timedelta

from chronicle.simulate.sites import catalog, concept, reading, spoil_value
from chronicle.simulate.sites.case import Case, Struck
from chronicle.simulate.sites.observation import LABORATORY


def exact_duplicate(case: Case) -> Struck:
    """Write it again, under the same id or a new one."""
    again = case.share("id") < 0.5
    if not again:
        case.resource["id"] = case.new_id()
    original, written = case.item.resource["id"], case.id
    return Struck("id", original, written, "duplicate", extra=case.resource)


def near_duplicate(case: Case) -> Struck | None:
    """Write a result again: as a local code minutes later, or in another unit."""
    known = catalog.measures().measures.get(case.item.about)
    if known is None or known.category != LABORATORY or not _is_plain(case):
        return None
    copy, unit = case.resource, spoil_value.other_unit(case)
    copy["id"] = case.new_id()
    if unit is not None and case.writer.site.ucum and case.share("way") < 0.5:
        here = reading.unit_of(case.writer.site, case.item.about)
        value = (copy["valueQuantity"]["value"] - here.offset) / here.factor
        copy["valueQuantity"] = {
            "value": reading.number_in(unit, value),
            "unit": unit.ucum,
            "system": concept.UCUM,
            "code": unit.ucum,
        }
        return _copied(case, "valueQuantity")
    text = known.codes[-1].display
    copy["code"] = concept.single(concept.LOCAL, known.local, text=text)
    minutes = 1 + int(case.share("minutes") * 4)
    later = case.item.at + timedelta(minutes=minutes)
    copy["effectiveDateTime"] = case.writer.time(later)
    return _copied(case, "code")


def conflicting_duplicate(case: Case) -> Struck | None:
    """Write a result again, with a value 15 % off."""
    if not _is_plain(case):
        return None
    quantity = case.resource["valueQuantity"]
    unit = reading.unit_of(case.writer.site, case.item.about)
    old = quantity["value"]
    new = round(old * case.pick((0.85, 1.15)), unit.decimals)
    if abs(new - old) <= 0.1 * old:
        return None
    case.resource["id"] = case.new_id()
    quantity["value"] = new if unit.decimals else int(new)
    return Struck("valueQuantity.value", old, new, "flag", extra=case.resource)


def duplicate_patient(case: Case) -> Struck:
    """Register a person again, with a typo in the name or the birth date."""
    case.resource["id"] = case.new_id()
    case.resource["identifier"][0]["value"] += "9"
    born = str(case.resource["birthDate"])
    if len(born) == 10 and case.share("typo") < 0.5:
        other = date.fromisoformat(born) + timedelta(days=1)
        case.resource["birthDate"] = other.isoformat()
        return Struck("birthDate", born, other.isoformat(), "flag", extra=case.resource)
    name = case.resource["name"][0]
    old = name["family"]
    name["family"] = old[0] + old[2] + old[1] + old[3:]
    return Struck("name", old, name["family"], "flag", extra=case.resource)


def _is_plain(case: Case) -> bool:
    quantity = case.resource.get("valueQuantity", {"comparator": ""})
    return "comparator" not in quantity


def _copied(case: Case, element: str) -> Struck:
    original = case.item.resource["id"]
    return Struck(element, original, case.id, "duplicate", extra=case.resource)
