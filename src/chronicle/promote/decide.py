"""Is the new model good enough, or no worse than the one in use?"""

import math
from dataclasses import asdict, dataclass
from typing import Any

from chronicle.promote.settings import Floors, Margins, PromoteParams

NEWEST, ALL = "newest test patients", "all test patients"


@dataclass(frozen=True)
class Question:
    """One thing that is asked of a new model.

    Args:
        about: discrimination, calibration, worst group or checks.
        asked: In words.
        passed: Whether it is so.
        challenger: The value of the new model; null: could not be estimated.
        champion: That of the one in use; null: there is none.
        limit: What the challenger's must reach or not exceed.
    """

    about: str
    asked: str
    passed: bool
    challenger: float | None
    champion: float | None
    limit: float | None


def decide(
    challenger: dict[str, Any],
    champion: dict[str, Any] | None,
    settings: PromoteParams,
    *,
    checks_passed: bool,
) -> dict[str, Any]:
    """Return the verdict on two evaluations of the same rows.

    Args:
        challenger: Of the new model.
        champion: Of the one in use; None where none is, or it cannot be asked.
        settings: Section `promote`.
        checks_passed: Whether the tables that the new model was made of were accepted.

    Returns:
        `promoted`, its `reasons`, `judged_on` whom, and the `questions`.
    """
    whom = _whom(challenger, settings.min_newest_outcome_patients)
    ours = _values(challenger, whom)
    if champion is None:
        found = _floors(ours, settings.floors)
    else:
        found = _margins(ours, _values(champion, whom), settings.margins)
    sound = Question("checks", "no critical check failed", checks_passed, *[None] * 3)
    questions = [*found, sound]
    failed = [each for each in questions if not each.passed]
    told = [_why(each) for each in failed]
    good = "reaches every floor" if champion is None else "no worse by any margin"
    return {
        "promoted": not failed,
        "reasons": told or [good],
        "judged_on": whom,
        **_counts(challenger, whom),
        "questions": [asdict(each) for each in questions],
    }


def _floors(ours: dict[str, float | None], floors: Floors) -> list[Question]:
    return [
        _least("discrimination", "AUROC", ours["auroc"], None, floors.auroc),
        _most(
            "calibration",
            "times that outcomes are off what was foretold",
            ours["off_times"],
            None,
            floors.off_times,
        ),
        _least(
            "worst group",
            "AUROC of the group that is served worst",
            ours["worst_group_auroc"],
            None,
            floors.worst_group_auroc,
        ),
    ]


def _margins(
    ours: dict[str, float | None], theirs: dict[str, float | None], margins: Margins
) -> list[Question]:
    def of(name: str) -> tuple[float | None, float | None]:
        return ours[name], theirs[name]

    def limit(name: str, margin: float) -> float | None:
        value = theirs[name]
        return None if value is None else value + margin

    off = theirs["off_times"]
    return [
        _least("discrimination", "AUROC", *of("auroc"), limit("auroc", -margins.auroc)),
        _most(
            "calibration",
            "times that outcomes are off what was foretold",
            *of("off_times"),
            None if off is None else off * margins.off_times,
        ),
        _most(
            "calibration",
            "distance of the calibration slope from 1",
            *of("slope"),
            limit("slope", margins.slope),
        ),
        _least(
            "worst group",
            "AUROC of the group that is served worst",
            *of("worst_group_auroc"),
            limit("worst_group_auroc", -margins.worst_group_auroc),
        ),
    ]


def _least(
    about: str, what: str, ours: float | None, theirs: float | None, limit: float | None
) -> Question:
    passed = limit is None or (ours is not None and ours >= limit)
    return Question(about, f"{what}: at least", passed, ours, theirs, limit)


def _most(
    about: str, what: str, ours: float | None, theirs: float | None, limit: float | None
) -> Question:
    passed = limit is None or (ours is not None and ours <= limit)
    return Question(about, f"{what}: at most", passed, ours, theirs, limit)


def _why(question: Question) -> str:
    told = f"{question.about}: {question.asked}"
    if question.limit is None:
        return f"{told}: not so"
    value = question.challenger
    return f"{told} {question.limit:.3f} is asked, and it " + (
        "could not be estimated" if value is None else f"is {value:.3f}"
    )


def _whom(evaluation: dict[str, Any], least: int) -> str:
    newest = evaluation["newest"]
    enough = newest["metrics"] and newest["outcome_patients"] >= least
    return NEWEST if enough else ALL


def _of(evaluation: dict[str, Any], whom: str) -> dict[str, Any]:
    return dict(evaluation["newest"] if whom == NEWEST else evaluation)


def _counts(evaluation: dict[str, Any], whom: str) -> dict[str, int]:
    found = _of(evaluation, whom)
    counted = found if whom == NEWEST else found["judged"]
    names = ("index_times", "patients", "outcome_patients")
    return {name: counted[name] for name in names}


def _values(evaluation: dict[str, Any], whom: str) -> dict[str, float | None]:
    found = _of(evaluation, whom)
    values = {name: each["value"] for name, each in found["metrics"].items()}
    ratio, slope = values["observed_expected"], values["calibration_slope"]
    return {
        "auroc": values["auroc"],
        "off_times": math.exp(abs(math.log(ratio))) if ratio else None,
        "slope": None if slope is None else abs(slope - 1),
        "worst_group_auroc": _worst(found["groups"], values["auroc"]),
    }


def _worst(groupings: list[dict[str, Any]], whole: float | None) -> float | None:
    """Return the least AUROC of a group; that of all where no group is scored."""
    told = [
        group["metrics"]["auroc"]["value"]
        for grouping in groupings
        for group in grouping["groups"]
        if group["scored"] and group["metrics"]["auroc"]["value"] is not None
    ]
    return min(told, default=whole)
