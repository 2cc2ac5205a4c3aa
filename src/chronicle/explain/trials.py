"""What a treatment did in a trial, on the risk that this person has today.

Nothing is asked of the model here: whoever takes a drug has a reason for it, so a
model learns that the drug goes with the disease. The ratio is the trial's, and nobody
is told it whom the trial would not have taken: of a disease that is there already, and
not yet found, prevention changes little.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from chronicle.core.things import title
from chronicle.core.trial import Limits, Trial
from chronicle.explain.names import known

LATE = "last_365d"  # the end of a feature's name


def asks(trials: Iterable[Trial], columns: Collection[str]) -> list[str]:
    """Return which of some columns say for whom trials speak, sorted.

    A model may not read all of them: a drug that tells of the disease is none of its
    features, and who takes it must be known all the same.
    """
    found: set[str] = set()
    for trial in trials:
        measures = {*trial.among, *([trial.measure] if trial.measure else [])}
        found |= {f"{name}_last_ever" for name in measures}
        found |= {f"{name}_{LATE}" for name in trial.tested}
        found |= {f"{name}_ever" for name in trial.having}
        found |= {trial.stop} if trial.stop else {f"{trial.start}_ever"}
    return sorted(found & {*columns})


def treated(
    risk: float, trials: Iterable[Trial], row: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Return the risk under each treatment that a person does not have.

    Args:
        risk: As the model gives it, 0 to 1.
        trials: Of the disease file.
        row: Values by column, NaN where unknown; those of `asks` are in it.

    Returns:
        One a treatment: `risk` 1 - (1 - risk)^ratio, as proportional hazards have it;
        `between`: the same of both ends of the ratio's interval, so the error of the
        study alone, and none of the risk today; null where no interval is known.

    >>> tried = Trial(stop="x", hazard_ratio=0.5, shown_in="us", source="ours")
    >>> [round(each["risk"], 3) for each in treated(0.19, [tried], {"x": 1.0})]
    [0.1]
    """
    found = []
    for trial in trials:
        times = _times(trial, row)
        if times is None or not _applies(trial, row):
            continue
        ends = (trial.hazard_ratio, *(trial.interval or ()))
        after, *between = (1 - (1 - risk) ** (each**times) for each in ends)
        found.append(
            {
                "treatment": trial.start or trial.stop,
                "title": _named(trial),
                "hazard_ratio": trial.hazard_ratio**times,
                "risk": after,
                "between": between or None,
                "difference": after - risk,
                "shown_in": trial.shown_in,
                "source": trial.source,
                "means": trial.evidence,
            }
        )
    return found


def _named(trial: Trial) -> str:
    if trial.start:
        return f"start: {title(trial.start)}"
    return f"no longer {title(trial.stop or '').removesuffix(' now')}"


def _applies(trial: Trial, row: Mapping[str, float]) -> bool:
    if not all(known(row.get(f"{name}_{LATE}")) for name in trial.tested):
        return False
    if any(_beyond(row, name, each) for name, each in trial.among.items()):
        return False
    if trial.having and not any(row.get(f"{e}_ever", 0.0) > 0 for e in trial.having):
        return False
    if trial.stop is not None:
        return row.get(trial.stop) == 1
    # Who had it once and has it no more has a reason for that, which no trial knows.
    return not trial.drug or row.get(f"{trial.start}_ever") == 0


def _beyond(row: Mapping[str, float], measure: str, limits: Limits) -> bool:
    today = _today(row, measure)
    if today is None:
        return False
    low, high = limits.at_least, limits.below
    return (low is not None and today < low) or (high is not None and today >= high)


def _today(row: Mapping[str, float], measure: str) -> float | None:
    value = row.get(f"{measure}_last_ever")
    return float(value) if value is not None and known(value) else None


def _times(trial: Trial, row: Mapping[str, float]) -> float | None:
    """Return how often a ratio counts: as often as its measure falls by `per`."""
    share = trial.reached_share * trial.taken_share
    if trial.measure is None or trial.per is None:
        return share
    today = _today(row, trial.measure)
    if today is None:
        return None
    above = today - trial.lowers_at if trial.lowers_at is not None else 0.0
    lowered = (trial.lowers or 0.0) + trial.lowers_more * above
    lowered += (trial.lowers_share or 0.0) * today
    return share * max(lowered, 0.0) / trial.per
