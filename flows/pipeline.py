"""The flow `retrain`: collect, then the stages of dvc.yaml, then a named end.

It knows no stage by name. `dvc repro` does the same thing, one by one and unseen.
"""

import fcntl
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture, as_completed
from prefect.states import Cancelled, Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner

from flows import graph
from flows.collect import collect
from flows.ending import GATE, TEMPORARY, Ended
from flows.errors import FlowError
from flows.graph import Graph
from flows.publish import publish
from flows.report import Report
from flows.stage import ending_with_us, run_stage

LOCK = Path(".dvc/tmp/retrain.lock")
DVC_LOCK = Path(".dvc/tmp/rwlock")
SIDE_BY_SIDE: Any = ThreadPoolTaskRunner(max_workers=os.cpu_count() or 1)
MEANINGS = {
    "Ran": "ran",
    "Restored": "restored from DVC's cache",
    "Unchanged": "unchanged",
}


def start_time() -> str:
    """Name a run by when it began, as the clock on the wall says it."""
    return f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}"


@flow(
    name="retrain",
    flow_run_name=start_time,
    task_runner=SIDE_BY_SIDE,
)
def retrain(source: str | None = None, risks: str | None = None) -> State[Report]:
    """Collect what is named, bring every stage of dvc.yaml up to date, and show it."""
    with alone() as nobody_else:
        if not nobody_else:
            return Cancelled(
                name="AlreadyRunning",
                message="another retrain is under way in this project: wait for it",
                data=Report(exit_code=TEMPORARY),
            )
        state, report = run(source, risks)
        publish(report)
    return state


@contextmanager
def alone() -> Iterator[bool]:
    """Hold the project for one run; tell whether we could."""
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        # A machine that went down leaves it empty, and DVC then waits for ever.
        if DVC_LOCK.exists() and not DVC_LOCK.stat().st_size:
            DVC_LOCK.unlink()
        yield True


def run(source: str | None, risks: str | None) -> tuple[State[Report], Report]:
    """Collect and run what is needed; return how it ended and what there is to tell."""
    ended: Any = collect(source, risks, return_state=True)
    collected = ended.result(raise_on_failure=False)
    try:
        if isinstance(collected, Exception):
            raise collected
        todo = graph.read()
    except FlowError as error:
        report = Report(error.exit_code, (error.state, str(error)))
        return Failed(name=error.state, message=str(error), data=report), report
    with ending_with_us():
        endings = run_stages(todo) if todo.dirty else ()
    return conclude(todo, collected, endings)


def run_stages(todo: Graph) -> tuple[Ended, ...]:
    """Run each stage once those before it are done, side by side where that may be."""
    order = TopologicalSorter({n: stage.after for n, stage in todo.stages.items()})
    order.prepare()
    futures: dict[str, PrefectFuture[Any]] = {}
    endings: dict[str, Ended] = {}
    while order.is_active():
        for name in order.get_ready():
            futures[name] = submit(name, todo, futures, endings)
        under_way = {futures[name]: name for name in futures.keys() - endings.keys()}
        done = next(as_completed(list(under_way)))
        endings[under_way[done]] = result_of(done)
        order.done(under_way[done])
    return tuple(endings.values())


def submit(
    name: str,
    todo: Graph,
    futures: Mapping[str, PrefectFuture[Any]],
    endings: Mapping[str, Ended],
) -> PrefectFuture[Any]:
    """Hand a stage to Prefect: to run, to be left as it is, or to be skipped."""
    before = [endings[near] for near in todo.stages[name].after]
    stops = [ended for ended in before if ended.stops]
    return run_stage.submit(
        name,
        needed=name in todo.dirty or any(ended.changed for ended in before),
        because=reason(stops[0]) if stops else "",
        return_state=False,
        # All of them are done: this draws the edges in the UI. Prefect starts nothing
        # after a task that failed, not even what is to be called skipped.
        wait_for=[futures[ended.stage] for ended in before if not ended.stops],
    )


def reason(stopped: Ended) -> str:
    """Say why a stage cannot run after this one."""
    return f"because {stopped.stage} failed" if stopped.failed else stopped.note


def result_of(future: PrefectFuture[Any]) -> Ended:
    """Return how a stage ended; a fault of ours on the way there is raised."""
    result = future.result(raise_on_failure=False)
    if not isinstance(result, Ended):
        raise result
    return result


def conclude(
    todo: Graph, collected: str, endings: tuple[Ended, ...]
) -> tuple[State[Report], Report]:
    """Name the end of the run."""
    failures = sorted(
        (ended for ended in endings if ended.failed),
        key=lambda ended: ended.exit_code != GATE,
    )
    code = failures[0].exit_code if failures else 0
    report = Report(code, None, collected, todo, endings)
    if failures:
        message = f"{failures[0].stage}: {failures[0].note}"
        return Failed(name=failures[0].state, message=message, data=report), report
    counts = Counter(ended.state for ended in endings)
    if not counts["Ran"] + counts["Restored"]:
        message = "nothing has changed that a stage depends on"
        return Completed(name="NoChange", message=message, data=report), report
    message = ", ".join(
        f"{counts[state]} {meaning}" for state, meaning in MEANINGS.items()
    )
    return Completed(name="Retrained", message=message, data=report), report
