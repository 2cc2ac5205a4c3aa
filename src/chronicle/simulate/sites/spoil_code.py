"""Faults of a code: mistyped, mangled by a spreadsheet, or another's."""

from chronicle.simulate.sites import catalog, concept, observation
from chronicle.simulate.sites.case import Case, Struck
from chronicle.simulate.sites.writer import Resource

# Any one digit that is wrong breaks the check digit of these two, so it can be seen.
CHECKED = (concept.SNOMED, concept.LOINC)


def code_typo(case: Case) -> Struck | None:
    """Get one digit of a code wrong."""
    coding = _coding(case, CHECKED)
    if coding is None:
        return None
    old = coding["code"]
    # Not the first, which may not become 0, and not the check digit itself.
    at = 1 + int(case.share("place") * (len(old.split("-")[0]) - 2))
    digit = (int(old[at]) + 1 + int(case.share("digit") * 9)) % 10
    coding["code"] = f"{old[:at]}{digit}{old[at + 1 :]}"
    return Struck("code.coding.code", old, coding["code"], "flag")


def sci_notation(case: Case) -> Struck | None:
    """Pass a SNOMED id through a spreadsheet."""
    coding = _coding(case, (concept.SNOMED,))
    if coding is None:
        return None
    old = coding["code"]
    coding["code"] = f"{float(old):.5E}"
    return Struck("code.coding.code", old, coding["code"], "flag")


def display_mismatch(case: Case) -> Struck | None:
    """Give a code another one's display."""
    coding = _coding(case, tuple(concept.SYSTEMS.values()) + CHECKED)
    if coding is None or "display" not in coding:
        return None
    if case.resource["resourceType"] == "Condition":
        displays = [each.snomed[-1].display for each in catalog.conditions().values()]
    else:
        known = catalog.measures().measures.values()
        displays = [each.codes[-1].display for each in known]
    old = coding["display"]
    others = [each for each in displays if each[:12] != old[:12]]
    coding["display"] = case.pick(others)
    return Struck("code.coding.display", old, coding["display"], "flag")


def label_noise(case: Case) -> Struck | None:
    """Code another condition; nobody can see it."""
    conditions = catalog.conditions()
    if case.item.about not in conditions:
        return None
    other = case.pick([name for name in conditions if name != case.item.about])
    old = case.resource["code"]["coding"][0]["code"]
    day = case.item.at.isoformat()[:10]
    site = case.writer.site
    case.resource["code"] = concept.condition(site, other, day, stay=False)
    new = case.resource["code"]["coding"][0]["code"]
    return Struck("code", old, new, "none")


def smoking_flip(case: Case) -> Struck | None:
    """Let somebody who smokes, or did, say that he never did."""
    if case.item.about != observation.SMOKING:
        return None
    visits = case.writer.record.visits
    before = [
        told.smoking
        for told in case.writer.record.answered
        if visits[told.visit].start < case.item.at
    ]
    never = observation.smoking_answer("never")
    if all(told == "never" for told in before):
        return None
    old = _code(case.resource["valueCodeableConcept"])
    if old == _code(never):
        return None
    case.resource["valueCodeableConcept"] = never
    return Struck("valueCodeableConcept", old, _code(never), "flag")


def _coding(case: Case, systems: tuple[str, ...]) -> Resource | None:
    codings: list[Resource] = case.resource["code"].get("coding", [])
    return next((each for each in codings if each["system"] in systems), None)


def _code(answer: Resource) -> str:
    return str(answer["coding"][0]["code"])
