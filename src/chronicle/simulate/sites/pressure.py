"""Blood pressure as one resource: two components, or one text."""

from datetime import datetime

from chronicle.simulate.record import Measured
from chronicle.simulate.sites import catalog, concept, reading
from chronicle.simulate.sites.writer import Item, Resource, Writer

PANEL = "panel"


def pairs(writer: Writer) -> dict[int, list[Measured]]:
    """Group what was read off one cuff at one time.

    Returns:
        Position of the first in `Record.measured` -> one or two, systolic first.
    """
    parts = catalog.measures().panel.parts
    first: dict[tuple[int, datetime], int] = {}
    found: dict[int, list[Measured]] = {}
    for number, told in enumerate(writer.record.measured):
        if told.measure in parts:
            start = first.setdefault((told.visit, told.at), number)
            found.setdefault(start, []).append(told)
    for read in found.values():
        read.sort(key=lambda told: parts.index(told.measure))
    return found


def panel(writer: Writer, read: list[Measured], number: int) -> list[Item]:
    """Return the panel of one reading."""
    told = read[0]
    day = told.at.isoformat()[:10]
    code = catalog.in_use(
        catalog.measures().panel.codes, day, drift=writer.site.conditions.drift
    )
    made: Resource = {
        "resourceType": "Observation",
        "id": writer.id("Observation", number),
        "status": "final",
        "category": reading.category("vital-signs"),
        "code": concept.single(concept.LOINC, code.code, code.display),
        "subject": writer.subject,
        "encounter": writer.encounters[told.visit],
        **reading.told_at(writer, told),
        "component": [_part(writer, each, day) for each in read],
    }
    share = writer.site.pressure.text_share
    if len(read) > 1 and writer.chance.share("text", number) < share:
        as_text(made)
    return [Item(made, PANEL, told.at)]


def as_text(panel: Resource) -> None:
    """Turn two components into one text: "132/84"."""
    high, low = panel.pop("component")
    values = (each["valueQuantity"]["value"] for each in (high, low))
    panel["valueString"] = "/".join(str(value) for value in values)


def _part(writer: Writer, told: Measured, day: str) -> Resource:
    return {
        "code": reading.code_of(writer.site, told.measure, day, local=False),
        "valueQuantity": reading.quantity(writer.site, told.measure, told.value),
    }
