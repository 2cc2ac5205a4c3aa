"""Names the end of a run, and says in a sentence what came of it and what to do."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.compare import WATCHED, Decision, loud
from flows.ending import GATE, Ended
from flows.report import Report, RunError

MEANINGS = {
    "Ran": "ran",
    "Restored": "restored from DVC's cache",
    "Unchanged": "unchanged",
}
NOTHING_NEW = "nothing new: nothing has changed that a stage depends on"
NOTHING: Mapping[str, list[str]] = {}
KILLED = 128  # and the signal's number, as a shell says it
STAYS = "what was in use stays in use"
ADVICE = "see the stage's log; mend it and run again: what was done is kept"
WAS_KILLED = "see whether memory ran out (dmesg); run again: what was done is kept"


def conclude(report: Report) -> State[Any]:
    """Return the state in which a run ends whose stages have ended."""
    failures = failed(report.endings)
    if failures:
        first = failures[0]
        others = [each.stage for each in failures[1:]]
        more = f"\n  also:  {', '.join(others)} failed" if others else ""
        message = f"{first.stage}: {advised(first)}{more}\n  so:    {STAYS}"
        return Failed(name=first.state, message=message, data=RunError(report))
    if not any(ended.changed for ended in report.endings):
        told = "; ".join([*owed(report), NOTHING_NEW])
        return Completed(name="NoChange", message=told, data=report)
    name, decided = verdict(report.decisions)
    counts = Counter(ended.state for ended in report.endings)
    done = ", ".join(
        f"{counts[each]} {meaning}"
        for each, meaning in MEANINGS.items()
        if counts[each]
    )
    # The page of a run shows some sixty letters of it: what matters goes first.
    told = "; ".join([*owed(report), *warnings(report), *decided, done])
    return Completed(name=name, message=told, data=report)


def owed(report: Report) -> list[str]:
    """Return what was not kept, and what was not there any more."""
    return [*filter(None, [report.owed]), *report.missed]


def watched(report: Report) -> dict[str, list[str]]:
    """Return what is not silent in each file that is watched, and is of this run."""
    return {
        entry.path: loud(Path(entry.path))
        for entry in report.shown(WATCHED)
        if not report.is_old(entry.path)
    }


def warnings(report: Report, told: Mapping[str, list[str]] = NOTHING) -> Iterator[str]:
    """Yield what is watched and not silent, and was not told, by its verdicts."""
    now = watched(report)
    for entry in report.shown(WATCHED):
        known = told.get(entry.path, [])
        if new := [each for each in now.get(entry.path, []) if each not in known]:
            yield f"{entry.name.removeprefix('verdict-')}: {', '.join(new)}"


def news(report: Report, told: Mapping[str, list[str]]) -> str:
    """Return what of a run somebody has to hear who does not look.

    What drifts, once and not every night; what is owed, until it is paid. Of a run that
    failed, too: the next one finds nothing new in it.
    """
    return "; ".join([*owed(report), *warnings(report, told)])


def failed(endings: Sequence[Ended]) -> list[Ended]:
    """Return what failed; a gate that said no comes first."""
    failures = (ended for ended in endings if ended.failed)
    return sorted(failures, key=lambda ended: ended.exit_code != GATE)


def advised(ended: Ended) -> str:
    """Return why a stage failed, with what to do if the stage does not say it."""
    if "\n  do: " in ended.note:
        return ended.note
    was_killed = ended.exit_code > KILLED
    return f"{ended.note}\n  do:    {WAS_KILLED if was_killed else ADVICE}"


def verdict(decisions: Sequence[Decision]) -> tuple[str, list[str]]:
    """Return a state's name and words about what is in use now.

    >>> verdict([Decision("a", True, ("no worse",)), Decision("b", False, ("worse",))])
    ('Promoted', ['in use now: a', 'kept as it was: b (worse)'])
    """
    new = [each.name for each in decisions if each.promoted]
    kept = [
        f"{each.name} ({'; '.join(each.reasons)})"
        for each in decisions
        if not each.promoted
    ]
    told = [f"in use now: {', '.join(new)}"] if new else []
    told += [f"kept as it was: {', '.join(kept)}"] if kept else []
    return "Promoted" if new else "KeptChampion" if kept else "Updated", told
