"""A way to read what a test has just written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chronicle.ingest import read

collect_ignore = ["fuzz.py"]  # it needs atheris, which is in no lock


@pytest.fixture
def entries(tmp_path: Path) -> Callable[..., list[read.Entry]]:
    """Write a file and read it."""

    def entries_of(content: bytes, name: str = "x.json") -> list[read.Entry]:
        (tmp_path / name).write_bytes(content)
        return list(read.entries(tmp_path / name))

    return entries_of
