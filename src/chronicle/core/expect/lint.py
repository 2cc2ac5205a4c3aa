"""Ask the suites themselves, before anything is asked with them."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from chronicle.core.errors import PipelineError
from chronicle.core.expect import suite
from chronicle.core.expect.entry import Rule, Suite


def main(
    words: list[str],
    read: Callable[[Path], Mapping[str, Suite[Rule]]],
    idle: Callable[[Suite[Rule]], list[str]],
) -> int:
    """Say what is wrong with the suites of a folder; return the exit code.

    Args:
        words: The folder.
        read: Gives the suites that a stage asks.
        idle: Names their expectations that can never fail, or only fail.
    """
    folder = Path(*words)
    try:
        suites = read(folder)
        suite.all_understood(suites, folder)
    except PipelineError as failure:
        sys.stderr.write(f"{type(failure).__name__}: {failure}\n")
        return failure.exit_code
    silent = [told for each in suites.values() for told in idle(each)]
    for told in silent:
        sys.stderr.write(f"asks nothing: {told}\n")
    asked = sum(len(each.expectations) for each in suites.values())
    names = " and ".join(suites)
    sys.stdout.write(
        f"{asked} expectations of {names}, of which {len(silent)} ask nothing\n"
    )
    return 1 if silent else 0
