"""One row of a table into FHIR R4 resources."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from chronicle.convert.mapping import DAYS, SYSTEMS, Mapping, Person, entries_of

Resource = dict[str, Any]
Row = dict[str, str | None]
UCUM = "http://unitsofmeasure.org"
TERMS = "http://terminology.hl7.org/CodeSystem/"
VISIT, STAY, CONTACT = "AMB", "IMP", "VR"
HOURS = timedelta(hours=1)
LONGEST_DAYS = 125 * DAYS["a"]


def resources(row: Row, name: str, mapping: Mapping) -> Iterator[Resource]:
    """Yield the resources of one person.

    Args:
        row: Values by column; None where the table says nothing.
        name: Id of the Patient.
        mapping: Which column is what.
    """
    seen = datetime.combine(mapping.examined.day, time(9), tzinfo=UTC)
    told = Told(name)
    yield _patient(row, name, mapping, seen)
    yield told.encounter(VISIT, seen)
    yield from _measured(row, mapping, told, seen + HOURS / 2)
    yield from _known(row, mapping, told, seen + HOURS / 4)
    yield from _afterwards(row, mapping, told, seen)


class Told:
    """Builds the resources of one patient, numbered in their order.

    Args:
        patient: Id of the Patient.
    """

    def __init__(self, patient: str) -> None:
        self.patient, self.number = patient, 0

    def of(self, kind: str, **more: Any) -> Resource:
        """Return a resource of the patient; elements that are None are left out."""
        self.number += 1
        return {
            "resourceType": kind,
            "id": f"{self.patient}-{self.number}",
            "subject": {"reference": f"Patient/{self.patient}"},
            **more,
        }

    def encounter(self, setting: str, begin: datetime) -> Resource:
        """Return an Encounter of an hour."""
        return self.of(
            "Encounter",
            status="finished",
            **{"class": {"system": f"{TERMS}v3-ActCode", "code": setting}},
            period={"start": _instant(begin), "end": _instant(begin + HOURS)},
        )

    def condition(self, code: str, at: datetime, **more: Any) -> Resource:
        """Return a confirmed Condition."""
        return self.of(
            "Condition",
            clinicalStatus=_coded(f"{TERMS}condition-clinical", "active"),
            verificationStatus=_coded(f"{TERMS}condition-ver-status", "confirmed"),
            code=_concept(code),
            onsetDateTime=_instant(at),
            recordedDate=_instant(at),
            **more,
        )

    def observation(self, code: str, at: datetime, **value: Any) -> Resource:
        """Return a final Observation."""
        return self.of(
            "Observation",
            status="final",
            code=_concept(code),
            effectiveDateTime=_instant(at),
            **value,
        )


def _patient(row: Row, name: str, mapping: Mapping, seen: datetime) -> Resource:
    person, outcome = mapping.person, mapping.outcome
    found: Resource = {"resourceType": "Patient", "id": name}
    found["gender"] = _gender(row, person)
    said = row[person.age]
    age = person.ages.get(said or "", _number(said))
    if (lived := _span(age, person.age_unit)) is not None:
        found["birthDate"] = f"{(seen - lived).date()}"
    if row[outcome.column] in outcome.died:
        if last := _time(row, mapping):
            found["deceasedDateTime"] = _instant(seen + last + HOURS)
        else:
            found["deceasedBoolean"] = True
    return found


def _gender(row: Row, person: Person) -> str:
    said = row[person.sex] if person.sex else "all"
    for gender, words in (("female", person.female), ("male", person.male)):
        if said == words or (said in words and words != "all"):
            return gender
    return "unknown"


def _measured(
    row: Row, mapping: Mapping, told: Told, at: datetime
) -> Iterator[Resource]:
    for column, value in entries_of(mapping.values):
        text = row[column]
        if text is None:
            continue
        number, code = _number(text), value.code
        if number is None:  # the pipe is asked what to make of it, as of any site
            yield told.observation(code, at, valueString=text)
            continue
        quantity = {"value": number, "unit": value.unit, "code": value.unit}
        yield told.observation(code, at, valueQuantity=quantity | {"system": UCUM})
    for column, answer in entries_of(mapping.answers):
        if said := answer.answers.get(row[column] or ""):
            concept = _concept(said)
            yield told.observation(answer.question, at, valueCodeableConcept=concept)


def _known(row: Row, mapping: Mapping, told: Told, at: datetime) -> Iterator[Resource]:
    for column, system in mapping.codes.items():
        if said := row[column]:
            yield told.condition(f"{system}//{said}", at)
    for column, fact in entries_of(mapping.history):
        if row[column] in fact.present:
            yield told.condition(fact.code, at)
    for column, drug in entries_of(mapping.drugs):
        if row[column] in drug.present:
            yield told.of(
                "MedicationRequest",
                status="active",
                intent="order",
                medicationCodeableConcept=_concept(drug.code),
                authoredOn=_instant(at),
            )


def _afterwards(
    row: Row, mapping: Mapping, told: Told, seen: datetime
) -> Iterator[Resource]:
    """Yield what came of it, and that the person was in sight all the time."""
    outcome, examined = mapping.outcome, mapping.examined
    if examined.known_since_days:
        yield told.encounter(CONTACT, seen - timedelta(examined.known_since_days))
    said, at = row[outcome.column], _time(row, mapping)
    befell = said in outcome.present
    if not (befell or said in (*outcome.absent, *outcome.died)):
        return
    if at is None and outcome.time is not None:
        return  # When is not known: neither who is ill nor who is well until then.
    last = timedelta(examined.followed_days)
    if at is not None and not befell:
        last = at
    every = timedelta(examined.contact_every_days)
    for number in range(1, -(-last // every)):
        yield told.encounter(CONTACT, seen + number * every)
    yield told.encounter(CONTACT, seen + last)
    if befell and at is not None:
        stay = told.encounter(STAY, seen + at)
        yield stay
        where = {"reference": f"Encounter/{stay['id']}"}
        yield told.condition(outcome.code, seen + at + HOURS / 2, encounter=where)


def _time(row: Row, mapping: Mapping) -> timedelta | None:
    """Return how long after the examination the outcome, or the last contact, was."""
    outcome = mapping.outcome
    if outcome.time is None:
        befell = row[outcome.column] in outcome.present
        return timedelta(outcome.after_days or 0) if befell else None
    return _span(_number(row[outcome.time]), outcome.time_unit)


def _span(number: float | None, unit: str) -> timedelta | None:
    """Return a span of a life, or None: of another unit, or a slip, it is unknown."""
    days = -1 if number is None else number * DAYS[unit]
    return timedelta(days) if 0 <= days <= LONGEST_DAYS else None


def _number(text: str | None) -> float | None:
    """Return a decimal number, or None.

    >>> _number("26.970"), _number("n/a"), _number("nan")
    (26.97, None, None)
    """
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _concept(code: str) -> Resource:
    system, _, word = code.partition("//")
    return _coded(SYSTEMS[system], word)


def _coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
