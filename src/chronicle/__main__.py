"""The one door: python -m chronicle STAGE INPUT... OUTPUT."""

import inspect
import logging
import os
import sys
import time
import traceback
import warnings
from importlib import import_module
from pathlib import Path
from types import ModuleType

from chronicle.core import memory
from chronicle.core.errors import FAULT_IN_CODE, PipelineError, UsageError, disk_full

HERE = Path(__file__).parent
log = logging.getLogger("chronicle")


def main(words: list[str]) -> int:
    """Run one stage; return the exit code that `core/errors.py` documents."""
    try:
        started = time.monotonic()
        stage, paths = _parse(words)
        stage.run(*paths)
        log.info("%s: %.1f s", words[0], time.monotonic() - started)
    except PipelineError as failure:
        return _failed(failure)
    except Exception as fault:
        if full := disk_full(fault):
            return _failed(full)
        log.error("%s", _unforeseen(fault))
        return FAULT_IN_CODE
    return 0


def _failed(failure: PipelineError) -> int:
    log.error("%s: %s", type(failure).__name__, failure)
    return failure.exit_code


def _parse(words: list[str]) -> tuple[ModuleType, list[Path]]:
    name = words[0] if words else ""
    stages = sorted(path.parent.name for path in HERE.glob("*/stage.py"))
    if name not in stages:
        raise UsageError(
            f"'{name}' is no stage.",
            where="command line",
            do=f"python -m chronicle STAGE …, one of {', '.join(stages)}",
        )
    stage = import_module(f"chronicle.{name}.stage")
    wanted = [word.upper() for word in inspect.signature(stage.run).parameters]
    if len(wanted) != len(words) - 1:
        raise UsageError(
            f"'{name}' takes {len(wanted)} paths and was given {len(words) - 1}.",
            where="command line",
            do=f"python -m chronicle {name} {' '.join(wanted)}",
        )
    return stage, [Path(word) for word in words[1:]]


def _unforeseen(fault: Exception) -> str:
    """Tell type and place of a fault, not its text: the text may quote a patient."""
    if os.environ.get("CHRONICLE_TRACEBACK") == "1":
        return "".join(traceback.format_exception(fault))
    place = traceback.extract_tb(fault.__traceback__)[-1]
    return (
        f"{type(fault).__name__}: a fault that nobody foresaw; its text is withheld,"
        " since it may quote a patient.\n"
        f"  where: {Path(place.filename).name}, line {place.lineno}\n"
        "  do:    run again with CHRONICLE_TRACEBACK=1 where only you see the output"
    )


def _speak() -> None:
    """Let our own logger speak, and no other: what libraries say may quote a value."""
    log.addHandler(logging.StreamHandler())
    log.setLevel(logging.INFO)
    logging.getLogger().addHandler(logging.NullHandler())
    warnings.simplefilter("ignore")


if __name__ == "__main__":
    memory.spare()
    _speak()
    sys.exit(main(sys.argv[1:]))
