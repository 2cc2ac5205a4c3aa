"""What is farther from the start than it may be, and what to do about it."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from chronicle.drift.distance import (
    Distance,
    farther,
    is_known,
    lower,
    psi,
    share,
    times,
)
from chronicle.drift.profile import ALL, Profile
from chronicle.drift.settings import DriftParams, Limits

SILENT, WARN, RETRAIN = "silent", "warn", "retrain now"
VERDICTS = (SILENT, WARN, RETRAIN)
RISK = "risk"
OF_OUTCOMES = 3  # questions: outcomes, calibration, auroc


@dataclass(frozen=True)
class Item:
    """One comparison.

    Args:
        about: feature, missing, sites, scores, unlike, outcomes, calibration or auroc.
        name: Of the feature; else as `about`.
        site: Of whom; all of them together have a name, too.
        distance: See `Distance`.
        chance: See `Distance`.
        verdict: What it says by itself.
    """

    about: str
    name: str
    site: str
    distance: float
    chance: float
    verdict: str


def compare(
    then: Mapping[str, Any], now: Mapping[str, Any], settings: DriftParams
) -> dict[str, Any]:
    """Compare two snapshots.

    Args:
        then: Of when the model came into use: `profile` and `evaluation`.
        now: Of today.
        settings: Section `drift`.

    Returns:
        `verdict` and its `reasons`; `items`, the farthest of each kind first; `sites`.
    """
    pairs = _pairs(then["profile"], now["profile"], settings.min_people)
    number = sum(2 * len(a["columns"]) + 1 for _, a, _ in pairs) + 1
    # Half for what people are, half for the few questions of what came of them: among
    # hundreds of features, nothing less than a disaster would be heard.
    alarm = settings.false_alarm / 2 / number
    few = settings.false_alarm / 2 / OF_OUTCOMES
    items = [
        item for site, a, b in pairs for item in _of_people(site, a, b, settings, alarm)
    ]
    items += _of_sites(then["profile"], now["profile"], settings, alarm)
    items += _of_outcomes(then["evaluation"], now["evaluation"], settings, few)
    worst = max((VERDICTS.index(each.verdict) for each in items), default=0)
    ordered = sorted(items, key=_first)
    return {
        "verdict": VERDICTS[worst],
        "reasons": [_told(each) for each in ordered if each.verdict != SILENT]
        or [f"{len(items)} comparisons, none beyond its limit"],
        "items": [asdict(each) for each in ordered],
        "sites": _sites(then["profile"], now["profile"], ordered),
    }


def _pairs(
    then: Profile, now: Profile, least: int
) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return the groups that are large enough on both sides."""
    both = [name for name in now if name in then]
    found = [(name, then[name], now[name]) for name in both]
    return [e for e in found if min(e[1]["people"], e[2]["people"]) >= least]


def _of_people(
    site: str,
    then: Mapping[str, Any],
    now: Mapping[str, Any],
    settings: DriftParams,
    alarm: float,
) -> Iterator[Item]:
    for name, before in then["columns"].items():
        after = now["columns"][name]
        known = min(sum(before["bins"]), sum(after["bins"])) >= settings.min_people
        if known:
            far = psi(before["bins"], after["bins"], alarm)
            about = "scores" if name == RISK else "feature"
            verdict = judged(far, settings.psi, only_warn=name != RISK or site != ALL)
            yield Item(about, name, site, far.value, far.chance, verdict)
        if name != RISK:
            far = share(
                (before["missing"], then["people"]),
                (after["missing"], now["people"]),
                alarm,
            )
            limits = Limits(warn=settings.missing, retrain=settings.missing)
            verdict = judged(far, limits, only_warn=True)
            yield Item("missing", name, site, far.value, far.chance, verdict)
    far = share((then["unlike"], then["people"]), (now["unlike"], now["people"]), alarm)
    # Fewer of them is no trouble.
    verdict = SILENT if far.value < 0 else judged(far, settings.unlike, only_warn=False)
    yield Item("unlike", "unlike", site, far.value, far.chance, verdict)


def _of_sites(
    then: Profile, now: Profile, settings: DriftParams, alarm: float
) -> Iterator[Item]:
    names = sorted({*then, *now} - {ALL})
    if min(then[ALL]["people"], now[ALL]["people"]) >= settings.min_people:
        nobody = {"people": 0}
        before = [then.get(each, nobody)["people"] for each in names]
        after = [now.get(each, nobody)["people"] for each in names]
        far = psi(before, after, alarm)
        verdict = judged(far, settings.psi, only_warn=True)
        yield Item("sites", "sites", ALL, far.value, far.chance, verdict)


def _of_outcomes(
    then: Mapping[str, Any], now: Mapping[str, Any], settings: DriftParams, alarm: float
) -> Iterator[Item]:
    """Compare what came of people since: it takes until they are seen long enough."""
    if not (then["trained"] and now["trained"]):
        return
    counts = [(e["prevalence"], e["outcome_patients"]) for e in (then, now)]
    far = times(counts[0], counts[1], alarm)
    yield _item("outcomes", far, settings.outcomes)
    before, after = then["observed_expected"], now["observed_expected"]
    if is_known(after):
        far = farther(before, after, alarm)
        yield _item("calibration", far, settings.calibration)
    before, after = then["auroc"], now["auroc"]
    if is_known(before) and is_known(after):
        yield _item("auroc", lower(before, after, alarm), settings.auroc)


def _item(about: str, far: Distance, limits: Limits) -> Item:
    verdict = judged(far, limits, only_warn=False)
    return Item(about, about, ALL, far.value, far.chance, verdict)


def judged(far: Distance, limits: Limits, *, only_warn: bool) -> str:
    """Say what a distance means: nothing, where chance alone reaches as far."""
    value = abs(far.value)
    if value <= far.chance or value < limits.warn:
        return SILENT
    return WARN if only_warn or value < limits.retrain else RETRAIN


def _sites(then: Profile, now: Profile, items: list[Item]) -> list[dict[str, Any]]:
    told = []
    for name in sorted({*then, *now} - {ALL}):
        mine = [each for each in items if each.site == name]
        scores = [each.distance for each in mine if each.about == "scores"]
        far = next((e for e in mine if e.about in ("feature", "missing")), None)
        worst = max((VERDICTS.index(each.verdict) for each in mine), default=0)
        told.append(
            {
                "site": name,
                "people_then": then.get(name, {"people": 0})["people"],
                "people_now": now.get(name, {"people": 0})["people"],
                "scores_psi": scores[0] if scores else None,
                "farthest": far and far.name,
                "compared": bool(mine),
                "verdict": VERDICTS[worst],
            }
        )
    return told


def _first(item: Item) -> tuple[int, bool, float, str, str, str]:
    """Sort the gravest first, of everybody before of one site."""
    worst, far = -VERDICTS.index(item.verdict), -abs(item.distance)
    return worst, item.site != ALL, far, item.about, item.name, item.site


def _told(item: Item) -> str:
    name = item.about if item.name == item.about else f"{item.about} {item.name}"
    where = "" if item.site == ALL else f" at {item.site}"
    return f"{item.verdict}: {name}{where}: {item.distance:.2f}"
