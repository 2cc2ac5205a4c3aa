"""An export on our disk, so that a killed run is gone on with.

`.<name>.partial` beside the folder that is wanted: `job.json` says what was asked and
where the server tells of it, `wire/` holds what is under way, `files/` what is whole.
Nothing but whole files has a name in `files/`, so the disk itself says what is done.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from chronicle.core import store
from chronicle.core.errors import FetchBroken


@dataclass(frozen=True)
class State:
    """What a run leaves to the next.

    Args:
        asked: The whole request; another one is another export.
        status_url: Where the server tells of it.
        signature: Of the manifest whose files are being fetched.
    """

    asked: str
    status_url: str
    signature: str = ""


@dataclass(frozen=True)
class Job:
    """The places of one export."""

    target: Path

    @property
    def partial(self) -> Path:
        """Everything that is not ready."""
        return self.target.with_name(f".{self.target.name}.partial")

    @property
    def files(self) -> Path:
        """Whole files."""
        return self.partial / "files"

    @property
    def wire(self) -> Path:
        """Bytes as they come."""
        return self.partial / "wire"

    @property
    def is_placed(self) -> bool:
        """Whether only the server's side is left to be cleared away."""
        return not self.files.exists()

    def megabytes(self) -> float:
        """How much has come."""
        total = 0
        for path in (*self.files.rglob("*"), *self.wire.rglob("*")):
            with suppress(FileNotFoundError):  # it has just been given its name
                total += path.stat().st_size
        return total / 1e6

    def state(self) -> State | None:
        """Return what the last run left, if it can be gone on with."""
        try:
            return State(**json.loads(self._state.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def keep(self, state: State) -> None:
        """Leave word to the next run."""
        store.write_json(asdict(state), self._state)

    def forget(self) -> None:
        """Leave nothing to go on with."""
        self._state.unlink(missing_ok=True)

    def clear(self) -> None:
        """Make room for the files of a manifest."""
        for folder in (self.files, self.wire):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()

    def place(self) -> None:
        """Let the files take the place of the last export's; all of them at once."""
        if self.target.exists():
            self.target.rename(self._old)
        self.files.rename(self.target)
        shutil.rmtree(self._old, ignore_errors=True)

    @property
    def _state(self) -> Path:
        return self.partial / "job.json"

    @property
    def _old(self) -> Path:
        return self.target.with_name(f".{self.target.name}.old")


@contextmanager
def held(target: Path) -> Iterator[Job]:
    """Give the job for a folder, to one process at a time.

    Raises:
        FetchBroken: Another process has it.
    """
    job = Job(target)
    # The status address, and what is fetched, are for nobody else's eyes.
    job.partial.mkdir(mode=0o700, parents=True, exist_ok=True)
    held_by = os.open(job.partial, os.O_RDONLY)
    try:
        _lock(held_by, target)
        _mend(job)
        yield job
    finally:
        os.close(held_by)  # gives up the lock, as a kill does


def _lock(folder: int, target: Path) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FetchBroken(
            "another run fetches into this folder.",
            where=str(target),
            do="wait for it, or stop it",
        ) from None


def _mend(job: Job) -> None:
    """Bring back what a run that was killed between two names had moved aside."""
    old = job._old
    if old.exists() and not job.target.exists():
        old.rename(job.target)
    shutil.rmtree(old, ignore_errors=True)


def done(job: Job) -> None:
    """Remove what only a killed run would need."""
    shutil.rmtree(job.partial, ignore_errors=True)
