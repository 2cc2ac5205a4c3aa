"""DVC's command (`python -m flows.dvc_whole`), with what it writes written whole.

DVC empties dvc.lock before it fills it again: whoever kills it in between leaves a
project that no command can read any more.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dvc.utils.serialize import _common, _yaml

HALVES = Path(".dvc/tmp")


def write_whole() -> None:
    """Let DVC, in this process, write its files aside and put them in their place."""
    _common._dump_data = _yaml._dump_data = _dump_whole


def _dump_whole(
    path: str | os.PathLike[str],
    data: Any,
    dumper: Callable[..., Any],
    fs: Any = None,
    **words: Any,
) -> None:
    half = HALVES / f"{Path(path).name}.{os.getpid()}"
    with half.open("w", encoding="utf-8") as file:
        dumper(data, file, **words)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


if __name__ == "__main__":
    from dvc.cli import main

    write_whole()
    sys.exit(main(sys.argv[1:]))
