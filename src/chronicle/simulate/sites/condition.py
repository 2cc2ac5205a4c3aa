"""Condition: encounter diagnoses, the problem list, and relatives' conditions."""

from chronicle.simulate.record import Diagnosed
from chronicle.simulate.sites import catalog, concept
from chronicle.simulate.sites.writer import Item, Resource, Writer

ACTIVE = concept.single(f"{concept.HL7}/condition-clinical", "active")
ENCOUNTER, PROBLEM = (
    [concept.single(f"{concept.HL7}/condition-category", code)]
    for code in ("encounter-diagnosis", "problem-list-item")
)


def status(code: str) -> Resource:
    """Return a verificationStatus."""
    return concept.single(f"{concept.HL7}/condition-ver-status", code)


def conditions(writer: Writer) -> list[Item]:
    """Return an encounter diagnosis each and, where kept, the problem list."""
    habits = writer.site.conditions
    listed: set[str] = set()
    found = []
    for number, told in enumerate(writer.record.diagnosed):
        if not writer.codes(told.condition):
            continue
        item = _diagnosis(writer, told, number)
        found.append(item)
        since = habits.problem_list
        new = told.confirmed and told.condition not in listed
        if new and since is not None and item.at.isoformat() >= since:
            listed.add(told.condition)
            found.append(_problem(writer, told, number, item))
    return found + _relatives(writer)


def _diagnosis(writer: Writer, told: Diagnosed, number: int) -> Item:
    habits, visit = writer.site.conditions, writer.record.visits[told.visit]
    day = visit.start.isoformat()[:10]
    made: Resource = {
        "resourceType": "Condition",
        "id": writer.id("Condition", number),
        "clinicalStatus": ACTIVE,
    }
    if told.confirmed:
        made["verificationStatus"] = status("confirmed")
    elif habits.doubt:
        made["verificationStatus"] = status(habits.doubt)
    made["category"] = ENCOUNTER
    made["code"] = concept.condition(
        writer.site, told.condition, day, stay=visit.kind == "IMP"
    )
    made["subject"] = writer.subject
    made["encounter"] = writer.encounters[told.visit]
    if habits.encounter_onset:
        made["onsetDateTime"] = writer.time(told.onset)
    made["recordedDate"] = writer.time(visit.end)
    doubted = not told.confirmed and habits.doubt is None
    return Item(made, told.condition, visit.end, doubted=doubted)


def _problem(writer: Writer, told: Diagnosed, number: int, beside: Item) -> Item:
    made = beside.resource | {
        "id": writer.id("Condition", number, "problem"),
        "category": PROBLEM,
        "onsetDateTime": writer.time(told.onset),
    }
    return Item(made, told.condition, beside.at)


def _relatives(writer: Writer) -> list[Item]:
    # Once, at the first visit: that is when somebody asks.
    if not writer.record.visits or writer.site.family == "none":
        return []
    one = _coded if writer.site.family == "code" else _relative
    made = (one(writer, name) for name in writer.person.family)
    return [item for item in made if item is not None]


def _relative(writer: Writer, name: str) -> Item:
    asked = writer.record.visits[0].end
    mother = writer.chance.share("relative", name) < 0.5
    role = ("MTH", "mother") if mother else ("FTH", "father")
    code = concept.condition(writer.site, name, asked.isoformat()[:10], stay=False)
    made = {
        "resourceType": "FamilyMemberHistory",
        "id": writer.id("FamilyMemberHistory", name),
        "status": "completed",
        "patient": writer.subject,
        "date": writer.time(asked),
        "relationship": concept.single(f"{concept.HL7}/v3-RoleCode", *role),
        "condition": [{"code": code}],
    }
    return Item(made, name, asked)


def _coded(writer: Writer, name: str) -> Item | None:
    code, asked = catalog.conditions()[name].family, writer.record.visits[0].end
    if code is None:
        return None
    coding = (concept.SYSTEMS["icd10cm"], code.code, code.display)
    made = {
        "resourceType": "Condition",
        "id": writer.id("Condition", "family", name),
        "clinicalStatus": ACTIVE,
        "verificationStatus": status("confirmed"),
        "category": ENCOUNTER,
        "code": concept.several((coding,), code.display),
        "subject": writer.subject,
        "encounter": writer.encounters[0],
        "recordedDate": writer.time(asked),
    }
    return Item(made, "family history", asked)
