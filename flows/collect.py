"""Collect: the landing folder mirrors a source, the folder of risks another one.

Risks that somebody else gave belong to the patients of one source, so a new source
without any empties their folder.
"""

import os
import sys
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows import exports
from flows.alone import alone, demand_project
from flows.errors import CollectError, FlowError, UsageError
from flows.mirror import Collected, Found, Place, find, mirror, track

FORMS, PACKINGS = (".json", ".ndjson", ".jsonl"), ("", ".gz", ".zst", ".zstd")
LANDING = Place(
    Path("data/landing"), tuple(form + packed for form in FORMS for packed in PACKINGS)
)
RISKS = Place(Path("data/risks"), (".parquet",), may_be_empty=True)
SOURCE_OF, RISKS_OF = "CHRONICLE_SOURCE", "CHRONICLE_RISKS"
USAGE = "SOURCE [RISKS]"


@task(name="collect", task_run_name="collect", cache_policy=NO_CACHE)
def collect(source: str | None, risks: str | None) -> State[str | FlowError]:
    """Make both folders what their sources are, and track them."""
    try:
        collected = bring(source or usual(), risks or os.environ.get(RISKS_OF) or None)
    except FlowError as error:
        return Failed(name=error.state, message=str(error), data=error)
    return Completed(name="Collected", message=collected, data=collected)


def usual() -> str | Path:
    """Return where this site's records come from; else what is there already."""
    if named := os.environ.get(SOURCE_OF):
        return named
    return exports.bring() if exports.is_wanted() else LANDING.folder


def bring(source: str | Path, risks: str | Path | None) -> str:
    """Mirror both sources and track them; say in a sentence what that was."""
    # Both are looked for first: where one is missing, nothing is touched.
    wanted = {LANDING: find(LANDING, source), RISKS: find_risks(source, risks)}
    made = {place: mirror(place, found) for place, found in wanted.items()}
    track({place: collected.changed for place, collected in made.items()})
    told = str(made[LANDING])
    return told if made[RISKS] == Collected() else f"{told}; risks: {made[RISKS]}"


def find_risks(source: str | Path, risks: str | Path | None) -> Found:
    """Return the files of risks; none are given with a source that is new."""
    if risks is None and not LANDING.holds(source):
        return Found()
    return find(RISKS, risks or RISKS.folder)


def main(arguments: list[str]) -> int:
    """Collect without a flow (`python -m flows.collect SOURCE`); return the code."""
    try:
        if len(arguments) not in (1, 2):
            raise UsageError(
                f"one source is wanted, and its risks; {len(arguments)} were given.",
                where="command line",
                do=f"python -m flows.collect {USAGE}",
            )
        source, *risks = arguments
        demand_project()
        with alone() as nobody_else:
            if not nobody_else:
                raise CollectError(
                    "a run is under way.", where=str(Path.cwd()), do="wait for its end"
                )
            print(bring(source, risks[0] if risks else None))
    except FlowError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
