"""Collect: the landing folder becomes a mirror of a source, and DVC learns of it.

The names of landing files hold patients' names, so nothing here tells one: not a
message, not a log, not a progress bar.
"""

import filecmp
import logging
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from dvc.exceptions import DvcException
from dvc.logger import set_loggers_level
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows import graph
from flows.errors import CollectError, FlowError, UsageError

LANDING = Path("data/landing")
TRACKED = Path("data/landing.dvc")
SUFFIXES = (".json", ".json.gz", ".ndjson", ".ndjson.gz")
PART = ".part"  # a copy under way; whoever finds one later removes it


@dataclass(frozen=True)
class Collected:
    """How many files were copied, were the same already, went away, were left out."""

    copied: int = 0
    unchanged: int = 0
    removed: int = 0
    left_out: int = 0

    def __str__(self) -> str:
        """Say it as a sentence would."""
        return (
            f"{self.copied} files copied, {self.unchanged} unchanged, "
            f"{self.removed} removed, {self.left_out} of another kind left out"
        )


@task(name="collect", task_run_name="collect", cache_policy=NO_CACHE)
def collect(source: str | None) -> State[Collected | FlowError]:
    """Make the landing folder what `source` is, and track it."""
    try:
        collected = mirror(Path(source) if source else LANDING)
        track(changed=bool(collected.copied or collected.removed))
    except FlowError as error:
        return Failed(name=error.state, message=str(error), data=error)
    return Completed(name="Collected", message=str(collected), data=collected)


def mirror(source: Path) -> Collected:
    """Make the landing folder hold the source's files, and nothing else."""
    wanted, left_out = find(source)
    if source.resolve().is_relative_to(LANDING.resolve()):
        return Collected(unchanged=len(wanted), left_out=left_out)
    try:
        copied = sum(copy(path, LANDING / name) for name, path in wanted.items())
        removed = remove_all_but({LANDING / name for name in wanted})
    except OSError as error:
        raise CollectError(
            f"a file could not be copied: {error.strerror}.",
            where=f"{told(source)} -> {LANDING}",
            do="see that its files can be read and that the disk has room; run again",
        ) from None
    return Collected(copied, len(wanted) - copied, removed, left_out)


def find(source: Path) -> tuple[dict[Path, Path], int]:
    """Return the source's files by their path below it, and how many are left out."""
    if source.is_file():
        files = {Path(source.name): source}
    else:
        files = {path.relative_to(source): path for path in inside(source)}
    wanted = {name: path for name, path in files.items() if is_landing(name)}
    if not wanted:
        raise CollectError(
            "there is no file to collect."
            if source.exists()
            else "there is no such file or folder.",
            where=told(source),
            do=f"name a folder, or a file, that ends in {', '.join(SUFFIXES)}",
        )
    return wanted, len(files) - len(wanted)


def inside(source: Path) -> list[Path]:
    """Return every file below `source`; the landing folder is no source of itself."""
    landing = LANDING.resolve()
    own = source.resolve().is_relative_to(landing)
    return [
        path
        for path in sorted(source.rglob("*"))
        if path.is_file() and (own or not path.resolve().is_relative_to(landing))
    ]


def is_landing(name: Path) -> bool:
    """Say whether the stages read files of this name."""
    return name.name.endswith(SUFFIXES)


def copy(path: Path, target: Path) -> bool:
    """Copy a file whole or not at all; say whether it was needed."""
    if target.is_file() and filecmp.cmp(path, target, shallow=False):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + PART)
    shutil.copyfile(path, part)
    part.replace(target)
    return True


def remove_all_but(wanted: set[Path]) -> int:
    """Remove what the source no longer has; return how many files that were."""
    removed = 0
    # Deepest first, so that a folder is empty by the time it is looked at.
    for path in sorted(LANDING.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in wanted:
            path.unlink()
            removed += not path.name.endswith(PART)
    return removed


def track(*, changed: bool) -> None:
    """Let DVC record the landing folder, unless it has."""
    # DVC's warnings and progress bars name files.
    with set_loggers_level(logging.CRITICAL), graph.project() as repo:
        if not changed and TRACKED.exists() and not repo.status([str(TRACKED)]):
            return
        repo.check_graph(stages=[])  # A broken dvc.yaml is not the landing's fault.
        try:
            repo.add(str(LANDING))
        except (DvcException, OSError) as error:
            raise CollectError(
                f"DVC could not record the landing folder ({type(error).__name__}).",
                where=str(LANDING),
                do=f"see what `dvc add {LANDING}` says",
            ) from None


def told(source: Path) -> str:
    """Name a source without naming a patient."""
    return f"a file in {source.parent}" if is_landing(source) else str(source)


def main(arguments: list[str]) -> int:
    """Collect without a flow (`python -m flows.collect SOURCE`); return the code."""
    try:
        if len(arguments) != 1:
            raise UsageError(
                f"one source is wanted; {len(arguments)} were given.",
                where="command line",
                do="python -m flows.collect SOURCE",
            )
        collected = mirror(Path(arguments[0]))
        track(changed=bool(collected.copied or collected.removed))
    except FlowError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(collected)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
