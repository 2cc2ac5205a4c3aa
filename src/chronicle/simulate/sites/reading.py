"""What all measurements share: code, unit, rounding, and when they became known."""

from functools import cache

from chronicle.simulate.record import Measured
from chronicle.simulate.sites import catalog, concept
from chronicle.simulate.sites.catalog import Unit
from chronicle.simulate.sites.habits import Site
from chronicle.simulate.sites.writer import Resource, Writer


def unit_of(site: Site, measure: str) -> Unit:
    """Return the unit in which a site reports a measure."""
    units = catalog.measures().measures[measure].units
    name = site.units.get(measure)
    return next(each for each in units if name in (None, each.ucum))


def number_in(unit: Unit, value: float) -> float:
    """Return a value in another unit, rounded as it is reported.

    Args:
        unit: The unit wanted.
        value: In the measure's first unit.
    """
    found = round(value * unit.factor + unit.offset, unit.decimals)
    return found if unit.decimals else int(found)


def quantity(site: Site, measure: str, value: float) -> Resource:
    """Return a Quantity in the site's unit; `value` in the measure's first unit."""
    unit = unit_of(site, measure)
    cap = site.cap.get(measure)
    found: Resource = {"value": number_in(unit, value)}
    if cap is not None and found["value"] > cap:
        found = {"value": int(cap), "comparator": ">"}
    if site.ucum:
        return found | {"unit": unit.ucum, "system": concept.UCUM, "code": unit.ucum}
    return found | {"unit": unit.spelled}


def told_at(writer: Writer, told: Measured) -> Resource:
    """Return when it was measured and, where the site says so, known."""
    times = {"effectiveDateTime": writer.time(told.at)}
    if writer.site.issued:
        times["issued"] = writer.time(told.issued)
    return times


def code_of(site: Site, measure: str, day: str, *, local: bool) -> Resource:
    """Return a measure's code on an ISO day; `local` has LOINC only in its text."""
    known = catalog.measures().measures[measure]
    code = catalog.in_use(known.codes, day, drift=site.conditions.drift)
    if local:
        return concept.single(concept.LOCAL, known.local, text=code.display)
    own = unit_of(site, measure).loinc if site.molar_codes else None
    return concept.single(concept.LOINC, own or code.code, code.display)


@cache
def category(code: str) -> list[Resource]:
    """Return Observation.category."""
    return [concept.single(f"{concept.HL7}/observation-category", code)]
