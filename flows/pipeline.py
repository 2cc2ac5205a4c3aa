"""The flow `retrain`: collect, then the stages of dvc.yaml, then a named end.

It knows no stage by name. `dvc repro` does the same thing, one by one and unseen.
"""

import os
from collections.abc import Mapping
from datetime import datetime
from graphlib import TopologicalSorter
from typing import Any

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture, as_completed
from prefect.runtime import flow_run
from prefect.states import Cancelled, Failed, Running
from prefect.task_runners import ThreadPoolTaskRunner

from flows import attention, compare, crashed, graph, lockfile, version, whole
from flows.alone import alone
from flows.collect import collect
from flows.conclude import conclude, failed, news, watched
from flows.ending import TEMPORARY, Ended
from flows.errors import FlowError
from flows.graph import Graph
from flows.publish import publish
from flows.reasons import SHOWN
from flows.report import Report, RunError
from flows.stage import ending_with_us, run_stage

SIDE_BY_SIDE: Any = ThreadPoolTaskRunner(max_workers=os.cpu_count() or 1)
BUSY = (
    "another run is under way in this project, or DVC by hand\n"
    "  do:    nothing, if it is one of the schedule; else run it again after that one"
)
BUSY_STILL = (
    "another run is still under way in this project, or DVC by hand\n"
    "  do:    see on its page what it does; where it hangs, cancel it there"
)


def start_time() -> str:
    """Name a run by when it began, as the clock on the wall says it."""
    return f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}"


@flow(
    name="retrain",
    flow_run_name=start_time,
    task_runner=SIDE_BY_SIDE,
)
def retrain(
    source: str | None = None,
    risks: str | None = None,
    only: tuple[str, ...] = (),
    patience_minutes: float = 0.0,
    keep: bool = False,
) -> State[Report]:
    """Collect what is named, bring the stages of dvc.yaml up to date, and show it.

    Args:
        source: What to collect; None: what the environment names, or what is there.
        risks: Those that belong to it.
        only: Stages to run, each with all its items; none means all.
        patience_minutes: How long to wait for another run's end.
        keep: Whether to make a version: a commit, a tag, and a push to the remote.
    """
    own = str(flow_run.id)
    with (
        crashed.alive(own),
        alone(60 * patience_minutes, lambda: call(own, "Waiting")) as nobody_else,
    ):
        if not nobody_else:
            return gone_without(patience_minutes)
        if patience_minutes:
            call(own, "Running")
        crashed.mark()
        state, report = run(source, risks, only, keep=keep)
        publish(report)
    return state


def gone_without(patience_minutes: float) -> State[Any]:
    """Return the end of a run that got no turn; who waited in vain says so aloud."""
    vain = f"it waited {patience_minutes:g} minutes in vain" if patience_minutes else ""
    state: State[Any] = Cancelled(
        name="AlreadyRunning",
        message=f"{vain}: {BUSY_STILL}" if vain else BUSY,
        data=RunError(Report(exit_code=TEMPORARY)),
    )
    attention.call(vain, state)
    return state


def call(run: str, name: str) -> None:
    """Let a run that runs be called by another name meanwhile."""
    with get_client(sync_client=True) as client:
        state: Any = Running(name=name, message=BUSY if name == "Waiting" else None)
        client.set_flow_run_state(run, state, force=True)


def run(
    source: str | None, risks: str | None, only: tuple[str, ...], *, keep: bool
) -> tuple[State[Report], Report]:
    """Collect and run what is needed; return how it ended and what there is to tell."""
    ended: Any = collect(source, risks, return_state=True)
    collected = ended.result(raise_on_failure=False)
    try:
        if isinstance(collected, Exception):
            raise collected
        lockfile.mend()
        missed = whole.bring_back()
        todo = graph.read().only(only)
    except FlowError as error:
        report = Report(error.exit_code, (error.state, str(error)))
        state: Any = Failed(name=error.state, message=str(error), data=RunError(report))
        return state, report
    before = compare.look(todo)
    with ending_with_us():
        endings = run_stages(todo) if todo.dirty else ()
    now = compare.look(todo)
    report = Report(
        exit_code=next((each.exit_code for each in failed(endings)), 0),
        collected=collected,
        missed=missed,
        graph=todo,
        endings=endings,
        decisions=compare.decisions(before, now),
        changes=tuple(compare.changes(before, now)),
    )
    if keep and not report.exit_code:
        report = version.kept(report)
    state = conclude(report)
    tell(report, state)
    return state, report


def tell(report: Report, state: State[Any]) -> None:
    """Say what somebody has to hear; what was told is no news to the next run."""
    attention.call(news(report, attention.known()), state)
    attention.remember(watched(report))


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
        why=todo.why.get(name) or after(before),
        because=reason(stops[0]) if stops else "",
        return_state=False,
        # All of them are done: this draws the edges in the UI. Prefect starts nothing
        # after a task that failed, not even what is to be called skipped.
        wait_for=[futures[ended.stage] for ended in before if not ended.stops],
    )


def after(before: list[Ended]) -> str:
    """Say which stages before this one may have left something new; empty: none."""
    changed = [ended.stage for ended in before if ended.changed]
    more = len(changed) - SHOWN
    rest = [f"and {more} more"] if more > 0 else []
    return f"after {', '.join(changed[:SHOWN] + rest)}" if changed else ""


def reason(stopped: Ended) -> str:
    """Say why a stage cannot run after this one."""
    return f"because {stopped.stage} failed" if stopped.failed else stopped.note


def result_of(future: PrefectFuture[Any]) -> Ended:
    """Return how a stage ended; a fault of ours on the way there is raised."""
    result = future.result(raise_on_failure=False)
    if not isinstance(result, Ended):
        raise result
    return result
