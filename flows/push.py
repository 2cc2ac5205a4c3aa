"""To the DVC remote (`python -m flows.push`), with everything that is owed to it.

Never for a whole night: a remote that cannot be reached may answer nothing at all, and
DVC then waits for it.
"""

import os
import subprocess
import sys
from pathlib import Path

from dvc.exceptions import DvcException
from dvc.repo import Repo

from flows import graph, guard, settings
from flows.errors import FlowError, UsageError

LIMIT = "CHRONICLE_PUSH_MINUTES"
USUAL = "60"
OWED = Path(".dvc/tmp/unpushed")  # there while a version is on this machine only
PUSH = (sys.executable, "-m", "flows.push")
NEXT = "(`python -m flows.push` says why); the next version is pushed with it"


def limit_minutes() -> float:
    """Return how long a push may take; what is there by then stays there.

    Raises:
        UsageError: The environment says it in no number.
    """
    text = os.environ.get(LIMIT) or USUAL
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 0 < minutes < 1e6:
        raise UsageError(
            f"'{text}' is no number of minutes.",
            where=f"environment: {LIMIT}",
            do=f"give one, as {USUAL}, or none",
        )
    return minutes


def has_remote() -> bool:
    """Say whether there is somewhere to push to."""
    with graph.project() as repo:
        return bool(repo.config["core"].get("remote"))


def is_owed() -> bool:
    """Say whether a remote has not got all of a version."""
    return OWED.exists() and has_remote()


def pushed(*, only_if_owed: bool = False) -> str:
    """Push what is not in the remote yet, if there is a remote; say what came of it."""
    if only_if_owed and not OWED.exists():
        return ""
    if not has_remote():
        return ", on this machine alone: no DVC remote is configured"
    minutes = limit_minutes()
    try:
        code = push(60 * minutes)
    except subprocess.TimeoutExpired:
        return (
            f", on this machine alone: the DVC remote had not taken it in {minutes:g} "
            f"minutes ({LIMIT}) {NEXT}"
        )
    if code:
        return f", on this machine alone: the DVC remote could not be reached {NEXT}"
    OWED.unlink(missing_ok=True)
    return ", pushed"


def push(seconds: float) -> int:
    """Let DVC push; return its exit code.

    Raises:
        TimeoutExpired: It took longer, and was ended with all that it had started.
    """
    with subprocess.Popen(
        [*guard.COMMAND, *PUSH],
        env=settings.of_stages(),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            return process.wait(seconds)
        except BaseException:
            process.terminate()
            raise


def push_all_tags() -> None:
    """Push every version, also what an earlier run could not bring there.

    To the remote of now. `dvc push --all-tags` asks of each tag which remote it has: to
    a version from before there was one it does nothing, and says that all is well.
    """
    with graph.project() as repo:
        now = {section: repo.config[section] for section in ("core", "remote")}
        repo.drop_data_index()  # It remembers where each version was to go.
    with Repo(config=now, _wait_for_lock=True) as repo:
        repo.push(all_tags=True)


def main() -> int:
    """Push; return 1 where that was not possible, and say why."""
    try:
        push_all_tags()
    except (DvcException, FlowError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
