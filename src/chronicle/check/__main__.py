"""Ask the suites themselves: `python -m chronicle.check FOLDER`."""

import sys
from pathlib import Path

from chronicle.check import stage, suite, suites
from chronicle.core.errors import PipelineError


def main(words: list[str]) -> int:
    """Say what is wrong with the suites of a folder; return the exit code."""
    folder = Path(*words)
    try:
        read = suites.read_all(folder, stage.JUDGED)
        for name, each in read.items():
            where = str(folder / f"{name}.json")
            suite.understood(name, each.expectations, where=where)
    except PipelineError as failure:
        sys.stderr.write(f"{type(failure).__name__}: {failure}\n")
        return failure.exit_code
    idle = [told for each in read.values() for told in suites.idle(each)]
    for told in idle:
        sys.stderr.write(f"asks nothing: {told}\n")
    asked = sum(len(each.expectations) for each in read.values())
    sys.stdout.write(f"{asked} expectations, of which {len(idle)} ask nothing\n")
    return 1 if idle else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
