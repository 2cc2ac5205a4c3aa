"""How far a stage has come, drawn on the page of its run while it runs."""

import re
from dataclasses import dataclass
from typing import Any

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from flows.publish import slug

# What stages say of themselves every few seconds; src/chronicle/core/progress.py.
LINE = re.compile(r"^\w+: (?P<percent>\d{1,3}) % of (?P<rest>.+)$")


def percent(line: str) -> tuple[float, str] | None:
    """Return how far a line says that its stage is, and the rest of what it says.

    >>> percent("ingest: 25 % of 3 files, 30 resources/s, 9 s left")
    (25.0, '3 files, 30 resources/s, 9 s left')
    >>> percent("ingest: 3 files parsed")
    """
    found = LINE.match(line)
    return None if found is None else (float(found["percent"]), found["rest"])


@dataclass
class Bar:
    """One stage's progress artifact; there is none until the stage tells of one."""

    stage: str
    artifact: Any = None  # its id

    def draw(self, line: str) -> None:
        """Move the bar, where a line says how far the stage has come."""
        if (told := percent(line)) is None:
            return
        share, rest = told
        if self.artifact is None:
            self.artifact = create_progress_artifact(
                progress=share, key=f"progress-{slug(self.stage)}", description=rest
            )
        else:
            update_progress_artifact(self.artifact, progress=share, description=rest)

    def end(self) -> None:
        """Fill the bar, if there is one."""
        if self.artifact is not None:
            update_progress_artifact(self.artifact, progress=100.0, description="done")
