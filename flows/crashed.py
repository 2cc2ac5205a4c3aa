"""Which runs are dead, though Prefect still calls them running.

Every run holds a lock of its own for as long as it lives, and the kernel takes it away
with the process: so a run whose lock is free has ended without a word.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Crashed

RUNS = Path(".dvc/tmp/runs")
MESSAGE = (
    "it ended without a word: killed, or the machine went down\n"
    "  do:    nothing; the next run does what this one did not"
)
LEFT = (StateType.PENDING, StateType.CANCELLING)
NEVER = datetime.min.replace(tzinfo=UTC)
# A run takes its lock a moment after Prefect calls it running.
GRACE_SECONDS = 120.0


@contextmanager
def alive(run: str) -> Iterator[None]:
    """Hold the lock of a run, by its id, while it lives."""
    RUNS.mkdir(parents=True, exist_ok=True)
    path = RUNS / run
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def is_alive(run: str, began: datetime | None) -> bool:
    """Say whether the process of a run is there."""
    try:
        with (RUNS / run).open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return began is None or _is_fresh(began)
    return False


def _is_fresh(began: datetime) -> bool:
    return abs((datetime.now(UTC) - began).total_seconds()) < GRACE_SECONDS


def mark(*, no_worker: bool = False) -> int:
    """Call the dead what they are; return how many there were.

    Only this project's runs are in its server: each project has one of its own.

    Args:
        no_worker: No worker is there. Then what it was about to start, or to end, is
            dead, too; Prefect would wait for ever, and keep its deployment's slot.
    """
    asked = [StateType.RUNNING, *(LEFT if no_worker else ())]
    wanted = FlowRunFilterState(type=FlowRunFilterStateType(any_=asked))
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_run_filter=FlowRunFilter(state=wanted))
        dead = [run for run in runs if not _lives(run, no_worker=no_worker)]
        for run in dead:
            _crash(client, run.id)
            (RUNS / str(run.id)).unlink(missing_ok=True)
    return len(dead)


def _lives(run: FlowRun, *, no_worker: bool) -> bool:
    scheduled = run.deployment_id is not None
    return is_alive(str(run.id), NEVER if no_worker and scheduled else run.start_time)


def _crash(client: SyncPrefectClient, run: UUID) -> None:
    state: Any = Crashed(message=MESSAGE)
    its_own = FlowRunFilter(id=FlowRunFilterId(any_=[run]))
    running = TaskRunFilterState(type=TaskRunFilterStateType(any_=[StateType.RUNNING]))
    tasks = client.read_task_runs(
        flow_run_filter=its_own, task_run_filter=TaskRunFilter(state=running)
    )
    for task in tasks:
        client.set_task_run_state(task.id, state, force=True)
    client.set_flow_run_state(run, state, force=True)
