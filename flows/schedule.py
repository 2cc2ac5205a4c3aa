"""Lays down what prefect.yaml and alerts.yaml declare, in the server at hand.

Laying it down again changes what has changed, and adds nothing twice.
"""

import subprocess
import sys
from pathlib import Path

from flows.errors import ServerError

PREFECT = (sys.executable, "-m", "prefect", "--no-prompt")
DEPLOYMENTS = Path("prefect.yaml")
POOL = "chronicle"


def lay_down() -> None:
    """Make the work pool and the deployments what their file says."""
    ask("work-pool", "create", POOL, "--type", "process", "--overwrite")
    ask("deploy", "--all", "--prefect-file", str(DEPLOYMENTS))


def ask(*words: str) -> None:
    """Let Prefect's own command do it.

    Raises:
        ServerError: It did not.
    """
    done = subprocess.run(
        [*PREFECT, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        raise ServerError(
            f"`prefect {words[0]}` failed: {' '.join(done.stdout.split())[-400:]}",
            where=str(DEPLOYMENTS),
            do="mend what it names, and start again",
        )
