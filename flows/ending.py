"""Reads out of what DVC prints how a stage ended; its exit code does not say."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

GATE = 13
# What a person should know at once by the name of the end; by the stages' exit codes.
NAMED = {GATE: "GateFailed", 22: "ModelFailed"}
OTHER = "StageFailed"
TEMPORARY = 75  # sysexits.h EX_TEMPFAIL: the same run may succeed later
UNKNOWN = 70  # DVC itself failed, or its text holds no exit code

EXITED = re.compile(r"exited with (-?\d+)$")
NAMED_ERROR = re.compile(r"[A-Z]\w*: ")
TOLD_LINES = 12  # of a stage that names no error; more is in the log

BEGINS = "> "  # and the command follows
BUSY = "it is being blocked by:"  # another DVC has the stage's files
CLOSES = ("ERROR: ", "Generating lock file", "Updating lock file")
RESTORED = "is cached - skipping run"


class Line(NamedTuple):
    """A line that DVC or the stage printed, and when, on the monotonic clock."""

    at: float
    text: str


@dataclass(frozen=True)
class Ended:
    """How a stage ended: its state, why, its exit code, and when its command ran.

    From `began` to `ended` its command ran and DVC hashed what it wrote, in seconds on
    the monotonic clock; they are equal when no command ran.
    """

    stage: str
    state: str
    note: str = ""
    exit_code: int = 0
    began: float = 0.0
    ended: float = 0.0

    @property
    def seconds(self) -> float:
        """How long the stage's command ran."""
        return self.ended - self.began

    @property
    def changed(self) -> bool:
        """Whether those after it may find something new."""
        return self.state in ("Ran", "Restored")

    @property
    def failed(self) -> bool:
        """Whether the stage itself failed."""
        return self.state in (OTHER, *NAMED.values())

    @property
    def stops(self) -> bool:
        """Whether those after it must not start."""
        return self.failed or self.state == "Skipped"


def read_ending(stage: str, code: int, lines: Sequence[Line], now: float) -> Ended:
    """Say how a stage ended whose `dvc repro` left with `code` after these lines."""
    begun = first(lines, BEGINS)
    closed = first(lines, *CLOSES, after=begun if begun is not None else -1)
    own = [] if begun is None else lines[begun + 1 : closed]
    ended = now if closed is None else lines[closed].at
    span = (0.0, 0.0) if begun is None else (lines[begun].at, ended)
    if code:
        dvc = [line.text for line in ([] if closed is None else lines[closed:])]
        exit_code = exit_code_of(dvc)
        state = NAMED.get(exit_code, OTHER)
        note = note_of([line.text for line in own] or dvc) or f"dvc ended with {code}"
        return Ended(stage, state, note, exit_code, *span)
    if begun is not None:
        return Ended(stage, "Ran", "", 0, *span)
    restored = any(RESTORED in line.text for line in lines)
    return Ended(stage, "Restored" if restored else "Unchanged")


def first(lines: Sequence[Line], *starts: str, after: int = -1) -> int | None:
    """Return where the first line is that starts so."""
    places = range(after + 1, len(lines))
    return next((at for at in places if lines[at].text.startswith(starts)), None)


def exit_code_of(texts: Sequence[str]) -> int:
    """Return the exit code that DVC says the stage's command had.

    >>> exit_code_of(["ERROR: failed to run: b, exited with 3"])
    3
    """
    if any(BUSY in text for text in texts):
        return TEMPORARY
    codes = [int(found[1]) for text in texts if (found := EXITED.search(text))]
    if not codes:
        return UNKNOWN
    # A negative number is the signal that ended it.
    return codes[0] if codes[0] >= 0 else 128 - codes[0]


def note_of(texts: Sequence[str]) -> str:
    """Return the error that is named last, to its end; else the last lines."""
    named = [at for at, text in enumerate(texts) if NAMED_ERROR.match(text)]
    return "\n".join(texts[named[-1] :] if named else texts[-TOLD_LINES:])
