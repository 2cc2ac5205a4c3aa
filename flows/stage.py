"""Runs one stage of dvc.yaml as one Prefect task run."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed

from flows import guard, settings, whole
from flows.ending import TEMPORARY, Ended, Line, read_ending
from flows.progress import Bar

DVC = (
    sys.executable,
    "-m",
    "flows.dvc_whole",
    "--wait-for-lock",
    "repro",
    "--single-item",
)
# DVC says these after every stage, to a person who runs stages one by one.
ADVICE = (
    "To track the changes with git, run:",
    "To enable auto staging, run:",
    "Use `dvc push` to send your updates to remote storage.",
    "\tgit add ",
    "\tdvc config core.autostage",
)

AS_BEFORE = "inputs, code and parameters are those of the last time"
DAMAGED = "what DVC's cache had kept of it was damaged, and was made anew"
NOTES = {
    "Ran": "{why}",
    "Restored": "{why}; made before, and back from DVC's cache",
    "Unchanged": "{why}; what it reads is the same as before",
}

RUNNING: set[subprocess.Popen[str]] = set()


def worth_a_retry(_task: object, _run: object, state: State[Any]) -> bool:
    """Retry what says that it is temporary. Bad data is as bad the second time."""
    return isinstance(state.data, Ended) and state.data.exit_code == TEMPORARY


@task(
    name="stage",
    task_run_name="{name}",
    cache_policy=NO_CACHE,
    retries=3,
    retry_delay_seconds=[30, 120, 600],
    retry_condition_fn=worth_a_retry,
)
def run_stage(name: str, *, why: str = "", because: str = "") -> State[Ended]:
    """Bring one stage up to date, if it is needed and nothing before it failed.

    Args:
        name: Of the stage.
        why: It is needed; empty where it is not.
        because: It cannot run; empty where it can.
    """
    if because:
        ended = Ended(name, "Skipped", because)
        return Cancelled(name=ended.state, message=ended.note, data=ended)
    if not why:
        ended = Ended(name, "Unchanged", AS_BEFORE)
        return Completed(name=ended.state, message=ended.note, data=ended)
    log, bar = get_run_logger().info, Bar(name)

    def tell(line: str) -> None:
        log(line)
        bar.draw(line)

    ended = reproduce_whole(name, tell)
    if ended.failed:
        return Failed(name=ended.state, message=ended.note, data=ended)
    bar.end()
    ended = replace(ended, note=ended.note or NOTES[ended.state].format(why=why))
    return Completed(name=ended.state, message=ended.note, data=ended)


def reproduce_whole(name: str, tell: Callable[[str], None]) -> Ended:
    """Let DVC reproduce one stage, and again where its cache held damaged bytes."""
    ended = reproduce(name, tell)
    if ended.state == "Restored" and (damaged := whole.demand_whole(name)):
        tell(f"DVC's cache is damaged: {', '.join(damaged)}; made anew")
        ended = reproduce(name, tell)
        if not ended.failed:
            return replace(ended, note=DAMAGED)
    return ended


def reproduce(name: str, tell: Callable[[str], None]) -> Ended:
    """Let DVC reproduce one stage under a guard; tell each line as it comes."""
    lines: list[Line] = []
    with subprocess.Popen(
        [*guard.COMMAND, *DVC, name],
        env=settings.of_stages(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        RUNNING.add(process)
        for text in process.stdout or ():
            if text.strip() and not text.startswith(ADVICE):
                lines.append(Line(time.monotonic(), text.rstrip()))
                tell(text.rstrip())
    RUNNING.discard(process)
    return read_ending(name, process.returncode, lines, time.monotonic())


@contextmanager
def ending_with_us() -> Iterator[None]:
    """End the stages that run when the flow is told to go: it would wait for them."""
    try:
        yield
    except BaseException:
        for process in tuple(RUNNING):
            process.terminate()
        raise
