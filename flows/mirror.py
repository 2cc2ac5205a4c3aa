"""Folders that become what a source is, whole, and that DVC tracks.

The names of their files may hold patients' names, so nothing here tells one: not a
message, not a log, not a progress bar.
"""

import filecmp
import glob
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException
from dvc.logger import set_loggers_level

from flows import graph, remote
from flows.errors import CollectError
from flows.remote import There

PART = ".part"  # a copy under way; whoever finds one later removes it


@dataclass(frozen=True)
class Place:
    """A folder that mirrors a source.

    Args:
        folder: Where it is.
        suffixes: How the files end that it takes.
        may_be_empty: Whether it can be taken as it is with nothing in it.
    """

    folder: Path
    suffixes: tuple[str, ...]
    may_be_empty: bool = False

    @property
    def tracked(self) -> Path:
        """The file in which DVC records the folder."""
        return self.folder.with_name(f"{self.folder.name}.dvc")

    def takes(self, name: Path) -> bool:
        """Say whether the stages read files of this name from here."""
        return name.name.lower().endswith(self.suffixes)

    def holds(self, source: str | Path) -> bool:
        """Say whether a source is the folder itself, or in it."""
        if remote.is_remote(str(source)):
            return False
        return Path(source).resolve().is_relative_to(self.folder.resolve())


@dataclass(frozen=True)
class Found:
    """What a place is to hold: files by their path below the source.

    `left_out` counts those of another kind. `told` names the source without naming a
    patient. What is `own` lies in the place already.
    """

    told: str = "nothing"
    wanted: Mapping[Path, Path | There] = field(default_factory=dict)
    left_out: int = 0
    own: bool = False


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

    @property
    def changed(self) -> bool:
        """Whether the place is another than before."""
        return bool(self.copied or self.removed)


def find(place: Place, source: str | Path) -> Found:
    """Return the files of a source that a place takes.

    Args:
        place: Where they are to be.
        source: A folder, a file, a pattern with `*`, or an address that fsspec knows.

    Raises:
        CollectError: There is none.
    """
    there = remote.is_remote(str(source))
    files = remote.found(str(source)) if there else here(place, Path(source))
    wanted = {
        name: path
        for name, path in files.items()
        if place.takes(name) and not leads_out(path, Path(source))
    }
    own = place.holds(source)
    if not wanted and not (own and place.may_be_empty):
        raise CollectError(
            "there is no file to collect."
            if there or Path(source).exists()
            else "there is no such file or folder.",
            where=told(place, source),
            do=f"name a folder, or a file, that ends in {', '.join(place.suffixes)}",
        )
    return Found(told(place, source), wanted, len(files) - len(wanted), own)


def told(place: Place, source: str | Path) -> str:
    """Name a source, and no file in it."""
    if remote.is_remote(str(source)):
        return remote.told(str(source))
    path = Path(source)
    return f"a file in {path.parent}" if place.takes(path) else str(path)


def here(place: Place, source: Path) -> Mapping[Path, Path]:
    """Return the files of a source on this machine, by their path below it."""
    if source.is_file():
        return {Path(source.name): source}
    if source.exists() or not glob.has_magic(str(source)):
        return {path.relative_to(source): path for path in inside(place, source)}
    plain = next(each for each in source.parents if not glob.has_magic(str(each)))
    matched = sorted(plain.glob(str(source.relative_to(plain))))
    return {
        path.relative_to(plain): path
        for each in matched
        for path in ([each] if each.is_file() else inside(place, each))
    }


def leads_out(path: Path | There, source: Path) -> bool:
    """Say whether a file is a link to one that nobody named as a source.

    Who may write into a drop folder could else have any file of ours read.
    """
    if isinstance(path, There) or not path.is_symlink() or path == source:
        return False
    folders = (each for each in (source, *source.parents) if each.is_dir())
    return not path.resolve().is_relative_to(next(folders).resolve())


def inside(place: Place, source: Path) -> list[Path]:
    """Return every file below `source`; the place itself is no source of itself."""
    own = place.holds(source)
    return [
        path
        for path in sorted(source.rglob("*"))
        if path.is_file() and (own or not place.holds(path))
    ]


def mirror(place: Place, found: Found) -> Collected:
    """Make a place hold the files that were found, and nothing else."""
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
        if found.own:
            return Collected(unchanged=len(found.wanted), left_out=found.left_out)
        wanted = {place.folder / name: path for name, path in found.wanted.items()}
        copied = sum(copy(path, target) for target, path in wanted.items())
        removed = remove_all_but(set(wanted), place.folder)
    except OSError as error:
        raise CollectError(
            f"a file could not be copied: {error.strerror or type(error).__name__}.",
            where=f"{found.told} -> {place.folder}",
            do="see that its files can be read and that the disk has room; run again",
        ) from None
    return Collected(copied, len(wanted) - copied, removed, found.left_out)


def copy(path: Path | There, target: Path) -> bool:
    """Copy a file whole or not at all; say whether it was needed."""
    part = target.with_name(target.name + PART)
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(path, There):
        path.fetch(part)
        path = part
    if target.is_file() and filecmp.cmp(path, target, shallow=False):
        part.unlink(missing_ok=True)
        return False
    if path != part:
        shutil.copyfile(path, part)
    part.replace(target)
    return True


def remove_all_but(wanted: set[Path], folder: Path) -> int:
    """Remove what the source no longer has; return how many files that were."""
    removed = 0
    # Deepest first, so that a folder is empty by the time it is looked at.
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in wanted:
            path.unlink()
            removed += not path.name.endswith(PART)
    return removed


def track(places: Mapping[Place, bool]) -> None:
    """Let DVC record each place, unless it has; true are those that changed."""
    # DVC's warnings and progress bars name files.
    with set_loggers_level(logging.CRITICAL), graph.project() as repo:
        for place, changed in places.items():
            known = not changed and place.tracked.exists()
            if not known or repo.status([str(place.tracked)]):
                record(place.folder, repo)


def record(folder: Path, repo: Any) -> None:
    """Let DVC record a folder as it is."""
    repo.check_graph(stages=[])  # A broken dvc.yaml is not the folder's fault.
    try:
        repo.add(str(folder))
    except (DvcException, OSError) as error:
        raise CollectError(
            f"DVC could not record {folder} ({type(error).__name__}).",
            where=str(folder),
            do=f"see what `dvc add {folder}` says",
        ) from None
