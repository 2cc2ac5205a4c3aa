"""What a clinician knows of a patient when she writes the note of a visit."""

from dataclasses import dataclass
from datetime import datetime

from chronicle.simulate.sites import catalog
from chronicle.simulate.sites.writer import Writer


@dataclass(frozen=True)
class Briefing:
    """One visit's view of a patient; nothing in it is younger than the visit.

    Args:
        visit: Which.
        at: When it began.
        slots: pos, neg, unc, fam and hist, each a list of conditions.
        values: Measure -> the visit's first value, in its first unit.
        smoking: The latest answer; empty where nobody asked.
    """

    visit: int
    at: datetime
    slots: dict[str, list[str]]
    values: dict[str, float]
    smoking: str

    def has(self, slot: str) -> bool:
        """Tell whether there is anything to put into a slot."""
        if slot == "bp":
            return set(catalog.measures().panel.parts) <= self.values.keys()
        return slot in self.values or bool(self.slots.get(slot))


def before(writer: Writer, visit: int) -> Briefing:
    """Return what is known at a visit."""
    record = writer.record
    told = [each for each in record.diagnosed if each.visit <= visit]
    known = dict.fromkeys(each.condition for each in told if each.confirmed)
    doubted = [
        each.condition
        for each in told
        if each.visit == visit and not each.confirmed and each.condition not in known
    ]
    past = {each.condition for each in told if each.confirmed and each.visit < visit}
    absent = _absent(writer, visit, {*known, *doubted})
    slots = {
        "pos": list(known),
        "neg": absent[1:],
        "unc": doubted or absent[:1],
        "fam": list(record.person.family),
        "hist": [each for each in catalog.notes().events if each in past],
    }
    values: dict[str, float] = {}
    for measured in record.measured:
        if measured.visit == visit:
            values.setdefault(measured.measure, measured.value)
    answers = [each.smoking for each in record.answered if each.visit <= visit]
    smoking = answers[-1] if answers else ""
    return Briefing(visit, record.visits[visit].start, slots, values, smoking)


def _absent(writer: Writer, visit: int, present: set[str]) -> list[str]:
    """Return a few conditions that the patient is not said to have."""
    others = [name for name in catalog.conditions() if name not in present]
    start = int(writer.chance.share("absent", visit) * len(others))
    return (others[start:] + others[:start])[:4]
