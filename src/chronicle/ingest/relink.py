"""Scores under the hospital's own ids and dates: for whoever has the key, to be posted.

python -m chronicle.ingest.relink SCORES

It reads what stage `score` wrote and writes `outbox` in the private folder
(`CHRONICLE_PRIVATE`, else `private`), mode 600: no output of DVC's.
"""

import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from chronicle.core import params, store
from chronicle.core.errors import KeyRefused, PipelineError, UsageError
from chronicle.ingest import keys, linkage, shift
from chronicle.ingest.deidentify import subject_id
from chronicle.ingest.stage import IngestParams

log = logging.getLogger(__name__)

FOLDER = "outbox"
NAMES = ("Device", "RiskAssessment", "Provenance")  # whom a Provenance is about, first
PATIENT = "Patient/"
DATED = ("occurrenceDateTime", "occurredDateTime", "recorded")


@dataclass(frozen=True)
class Person:
    """Who it is, and how far the dates were moved back."""

    reference: str
    moved: timedelta


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
        KeyRefused: They are other keys, or people are missing from the linkage.
    """
    folders = sorted(path.parent for path in scores.glob("*/RiskAssessment.ndjson"))
    asked = {
        _subject(each)
        for folder in folders
        for each in _lines(folder / "RiskAssessment.ndjson")
    }
    people = _people(sorted(asked), outbox.parent, own, weeks)
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
    subjects: list[int], private: Path, own: keys.Keys, weeks: int
) -> dict[int, Person]:
    found = linkage.read(private, subjects, own) if subjects else {}
    if len(found) < len(subjects):
        raise KeyRefused(
            f"{len(subjects) - len(found)} of {len(subjects)} people are not in the "
            "linkage: it is of another run.",
            where=str(private / linkage.FILE),
            do="run `ingest` and `score` here, with the key of these scores",
        )
    moves = shift.by_subject(pl.Series(subjects, dtype=pl.Int64), own, weeks or 1)
    moved = dict(moves.iter_rows())
    return {
        subject: Person(
            _own_id(subject, ids, own),
            timedelta(weeks=moved[subject] if weeks else 0),
        )
        for subject, ids in found.items()
    }


def _own_id(subject: int, ids: list[str], own: keys.Keys) -> str:
    """Return the id by which somebody stays who came under several."""
    return next(each for each in sorted(ids) if subject_id(each, by=own) == subject)


def _subject(resource: dict[str, Any]) -> int:
    return int(resource["subject"]["reference"].removeprefix(PATIENT))


def _written(resource: dict[str, Any], whose: dict[str, Person]) -> bytes:
    """Return a resource as a line, under its person's id and true dates."""
    about = [each["reference"] for each in resource.get("target", [])]
    about = about or [f"{resource['resourceType']}/{resource['id']}"]
    if person := whose.get(about[0]):
        if "subject" in resource:
            resource["subject"] = {"reference": person.reference}
        for name in DATED:
            if name in resource:
                resource[name] = _back(resource[name], person.moved)
        for each in resource.get("prediction", []):
            span = each["whenPeriod"]
            each["whenPeriod"] = {k: _back(v, person.moved) for k, v in span.items()}
    return orjson.dumps(resource, option=orjson.OPT_SORT_KEYS) + b"\n"


def _back(instant: str, moved: timedelta) -> str:
    then = datetime.fromisoformat(instant.removesuffix("Z")) + moved
    return f"{then.isoformat(timespec='seconds')}Z"


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        yield from map(orjson.loads, file)


if __name__ == "__main__":
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    sys.exit(main(sys.argv[1:]))
