"""Scores under the hospital's own ids and dates: for whoever has the key, to be posted.

python -m chronicle.ingest.relink SCORES

It reads what stage `score` wrote and writes `outbox` in the private folder
(`CHRONICLE_PRIVATE`, else `private`), mode 600: no output of DVC's.

Tables cannot say which day is today: with it, whoever knows the day of the run could
move all dates of a patient back. Here, the shifts are known. Today is when something
last became known of anybody, and scores hold from then on, since until then nothing
had happened.
"""

import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from chronicle.core import params, store
from chronicle.core.errors import KeyRefused, PipelineError, UsageError
from chronicle.core.present import KEY, SCORES
from chronicle.core.until import last_of_most
from chronicle.ingest import keys, linkage, shift
from chronicle.ingest.deidentify import subject_id
from chronicle.ingest.stage import IngestParams

log = logging.getLogger(__name__)

FOLDER = "outbox"
SCORE = "RiskAssessment"
NAMES = ("Device", SCORE, "Provenance")  # whom a Provenance is about, first
PATIENT = "Patient/"
WHEN = "occurrenceDateTime"
DATED = (WHEN, "occurredDateTime", "recorded")
DAY = timedelta(days=1)
LAST_KNOWN = "urn:chronicle:last-known"


@dataclass(frozen=True)
class Person:
    """Of whom resources are.

    Args:
        reference: The hospital's own.
        known: When something was last known of the person, truly.
        moves: By how much dates move for that to become today.
    """

    reference: str
    known: datetime
    moves: timedelta


def main(words: list[str]) -> int:
    """Write the outbox; return the exit code that `core/errors.py` documents."""
    try:
        if len(words) != 1:
            raise UsageError(
                "one folder is needed.",
                where="command line",
                do="python -m chronicle.ingest.relink data/scores",
            )
        own, private = keys.load(make=False), keys.private()
        weeks = params.section("ingest", IngestParams).shift_weeks
        told = relinked(Path(words[0]), private / FOLDER, own, weeks)
        log.info("%d resources, for their owner alone: %s", told, private / FOLDER)
    except PipelineError as failure:
        log.error("%s: %s", type(failure).__name__, failure)
        return failure.exit_code
    return 0


def relinked(scores: Path, outbox: Path, own: keys.Keys, weeks: int) -> int:
    """Write all resources below `scores` again, and return how many there are.

    Args:
        scores: A folder of NDJSON for each disease.
        outbox: Takes the same names; what was in it is gone.
        own: The keys of the run that made the tables.
        weeks: `ingest.shift_weeks` of that run.

    Raises:
        UsageError: It is no such folder; one without any disease is.
        KeyRefused: They are other keys, or people are missing from the linkage.
    """
    folders = sorted(path.parent for path in scores.glob(f"*/{SCORE}.ndjson"))
    # An empty outbox takes all scores back from the server: not for a slip of the pen.
    if not folders and (not scores.is_dir() or any(scores.iterdir())):
        raise UsageError(
            "this is no folder of scores.",
            where=str(scores),
            do="give what stage `score` wrote: data/scores",
        )
    asked = {
        _subject(each)
        for folder in folders
        for each in _lines(folder / f"{SCORE}.ndjson")
    }
    times = [
        store.read(SCORES, folder / "scores.parquet", columns=list(KEY))
        for folder in folders
    ]
    heard = dict(pl.concat([SCORES.only(KEY).empty(), *times]).unique().iter_rows())
    people = _people(sorted(asked), heard, outbox.parent, own, weeks)
    total = 0
    with store.folder(outbox) as partial:
        partial.chmod(0o700)
        for folder in folders:
            total += _relinked(folder, partial / folder.name, people)
    return total


def _relinked(scores: Path, outbox: Path, people: dict[int, Person]) -> int:
    outbox.mkdir(mode=0o700)
    whose: dict[str, Person] = {}
    total = 0
    for name in NAMES:
        lines = []
        for each in _lines(scores / f"{name}.ndjson"):
            if "subject" in each:
                whose[f"{name}/{each['id']}"] = people[_subject(each)]
            lines.append(_written(each, whose))
        keys.write_private(outbox / f"{name}.ndjson", b"".join(lines))
        total += len(lines)
    return total


def _people(
    asked: list[int],
    heard: dict[int, datetime],
    private: Path,
    own: keys.Keys,
    weeks: int,
) -> dict[int, Person]:
    """Return those who are asked; `heard`: of everybody in care, by the tables."""
    if not asked:
        return {}
    found = linkage.read(private, asked, own)
    if len(found) < len(asked):
        raise KeyRefused(
            f"{len(asked) - len(found)} of {len(asked)} people are not in the linkage: "
            "it is of another run.",
            where=str(private / linkage.FILE),
            do="run `ingest` and `score` here, with the key of these scores",
        )
    moves = shift.by_subject(pl.Series([*heard], dtype=pl.Int64), own, weeks or 1)
    moved = {who: timedelta(weeks=n if weeks else 0) for who, n in moves.iter_rows()}
    known = {who: time + moved[who] for who, time in heard.items()}
    today = true_today([*known.values()], datetime.now(UTC).replace(tzinfo=None))
    return {
        who: Person(_own_id(who, found[who], own), known[who], today - heard[who])
        for who in asked
    }


def true_today(known: list[datetime], now: datetime) -> datetime:
    """Return when something last became known of anybody, slips of the pen aside.

    Args:
        known: When it did, of each person; not empty.
        now: By the clock, UTC: this is no stage, and a score of the future is none.
    """
    # A day without an hour counts to its end, in whatever zone it was.
    true = [each for each in known if each <= now + DAY]
    return last_of_most(pl.Series(true)) or max(known)


def _own_id(subject: int, ids: list[str], own: keys.Keys) -> str:
    """Return the id by which somebody stays who came under several."""
    return next(each for each in sorted(ids) if subject_id(each, by=own) == subject)


def _subject(resource: dict[str, Any]) -> int:
    return int(resource["subject"]["reference"].removeprefix(PATIENT))


def _written(resource: dict[str, Any], whose: dict[str, Person]) -> bytes:
    """Return a resource as a line, under its person's id and as of today."""
    about = [each["reference"] for each in resource.get("target", [])]
    about = about or [f"{resource['resourceType']}/{resource['id']}"]
    if person := whose.get(about[0]):
        if "subject" in resource:
            resource["subject"] = {"reference": person.reference}
            known = {"url": LAST_KNOWN, "valueDateTime": _instant(person.known)}
            resource["extension"] = [known]
        for name in DATED:
            if name in resource:
                resource[name] = _moved(resource[name], person.moves)
        for each in resource.get("prediction", []):
            span = each["whenPeriod"]
            each["whenPeriod"] = {k: _moved(v, person.moves) for k, v in span.items()}
    return orjson.dumps(resource, option=orjson.OPT_SORT_KEYS) + b"\n"


def _moved(instant: str, moves: timedelta) -> str:
    return _instant(_time(instant) + moves)


def _instant(time: datetime) -> str:
    return f"{time.isoformat(timespec='seconds')}Z"


def _time(instant: str) -> datetime:
    return datetime.fromisoformat(instant.removesuffix("Z"))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        yield from map(orjson.loads, file)


if __name__ == "__main__":
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    sys.exit(main(sys.argv[1:]))
