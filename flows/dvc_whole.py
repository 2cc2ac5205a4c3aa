"""DVC's command (`python -m flows.dvc_whole`): it writes whole, and reads once.

DVC empties dvc.lock before it fills it again: whoever kills it in between leaves a
project that no command can read any more. And it parses a file of parameters anew for
each stage that names it: of a graph of 88 stages that was most of what a status cost.
"""

import os
import pickle
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from dvc.utils import strictyaml
from dvc.utils.serialize import _common, _yaml

HALVES = Path(".dvc/tmp")
_parse: Callable[..., Any] = _yaml.parse_yaml


def patch() -> None:
    """Let DVC, in this process, write files aside, and parse a text once."""
    _common._dump_data = _yaml._dump_data = _dump_whole
    _yaml.parse_yaml = strictyaml.parse_yaml = _parse_once


def _parse_once(text: str, path: str, typ: str = "safe") -> Any:
    if typ != "safe":
        return _parse(text, path, typ)
    # Each caller gets a copy of its own; to make one costs a tenth of parsing.
    return pickle.loads(_parsed(text, path))  # noqa: S301, we have made it


@cache
def _parsed(text: str, path: str) -> bytes:
    return pickle.dumps(_parse(text, path))


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

    patch()
    sys.exit(main(sys.argv[1:]))
