"""Ask the suites themselves: `python -m chronicle.check FOLDER`."""

import sys
from pathlib import Path

from chronicle.check import dry
from chronicle.check.asked import Suite, read_all
from chronicle.check.idle import idle
from chronicle.check.stage import JUDGED
from chronicle.core.expect import lint


def main(words: list[str]) -> int:
    """Say what is wrong with the suites of a folder; return the exit code."""
    return lint.main(words, _read, idle)


def _read(folder: Path) -> dict[str, Suite]:
    suites = read_all(folder, JUDGED)
    dry.all_askable(suites, folder)
    return suites


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
