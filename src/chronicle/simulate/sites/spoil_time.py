"""Faults of a time: before birth, after death, far off, by default, too late."""

from datetime import datetime, time, timedelta

from chronicle.simulate.sites import condition
from chronicle.simulate.sites.case import Case, Struck

ELEMENTS = {
    "Observation": ("effectiveDateTime",),
    "Condition": ("onsetDateTime", "recordedDate"),
    "MedicationRequest": ("authoredOn",),
}
DEFAULT = datetime(1900, 1, 1)  # noqa: DTZ001, local time of a site
CENTURY = timedelta(days=36525)


def date_before_birth(case: Case) -> Struck | None:
    """Date it one to ten years before the birth."""
    born = datetime.combine(case.writer.person.born, time(9))
    days = 366 + int(case.share("days") * 9 * 365)
    return _date(case, born - timedelta(days=days))


def future_date(case: Case) -> Struck | None:
    """Date it a century late: a typo in the year."""
    return _date(case, case.item.at + CENTURY)


def default_date(case: Case) -> Struck | None:
    """Date it as a system does that was given no date."""
    return _date(case, DEFAULT)


def event_after_death(case: Case) -> Struck | None:
    """Date it two to seven months after a death that is on record."""
    died = case.writer.person.died
    if died is None or case.writer.death != "patient":
        return None
    after = died + timedelta(days=61 + int(case.share("days") * 140))
    return _date(case, after)


def date_shift(case: Case) -> Struck | None:
    """Shift it by a week, or exchange month and day."""
    at = case.item.at
    ways = [at - timedelta(days=7), at + timedelta(days=7)]
    if at.day <= 12 and at.day != at.month:
        ways.append(at.replace(month=at.day, day=at.month))
    return _date(case, case.pick(ways))


def bad_date_format(case: Case) -> Struck | None:
    """Write the day as people do, and FHIR does not."""
    element = _element(case)
    old = case.resource[element]
    case.resource[element] = f"{case.item.at:%m/%d/%Y}"
    return Struck(element, old, case.resource[element], "refuse")


def end_before_start(case: Case) -> Struck | None:
    """Let a visit end one to three days before it began."""
    period, start = case.resource["period"], case.item.at
    old = period["end"]
    back = timedelta(days=1 + int(case.share("days") * 3))
    period["end"] = case.writer.time(start - back)
    return Struck("period.end", old, period["end"], "refuse")


def late_arrival(case: Case) -> Struck | None:
    """Let a result become known one to thirty days after it was measured."""
    old = case.resource.get("issued")
    if old is None or case.resource["status"] != "final":
        return None
    late = timedelta(days=1 + int(case.share("days") * 30))
    case.resource["issued"] = case.writer.time(case.item.at + late)
    if case.resource["issued"] <= old:
        return None
    return Struck("issued", old, case.resource["issued"], "none")


def migration_spike(case: Case) -> Struck | None:
    """Record an old diagnosis on the day on which the problem list went live."""
    live = case.writer.site.conditions.problem_list
    if live is None or case.item.at.isoformat() >= live:
        return None
    old = case.resource["recordedDate"]
    case.resource["category"] = condition.PROBLEM
    written = case.writer.time(datetime.fromisoformat(live))
    case.resource["recordedDate"] = written
    return Struck("recordedDate", old, written, "flag")


def _element(case: Case) -> str:
    elements = ELEMENTS[case.resource["resourceType"]]
    return next(each for each in elements if each in case.resource)


def _date(case: Case, at: datetime) -> Struck:
    element = _element(case)
    old = case.resource[element]
    case.resource[element] = case.writer.time(at)
    return Struck(element, old, case.resource[element], "flag")
