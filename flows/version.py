"""Versions: a commit and a tag of what points to data, models and reports.

`dvc.lock` and the `.dvc` files hold the md5 of every byte; DVC's cache and its remote
hold the bytes. What is tagged can be made again, so nothing else may have changed.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flows import graph, push, whole
from flows.errors import FlowError, VersionError
from flows.git import git
from flows.report import Report

PREFIX = "version-"
NONE = "no version was made"
UNPUSHED = "on this machine alone: not pushed"
FORM = "%(refname:short)%00%(creatordate:iso)%00%(taggername)%00%(contents:body)%01"


@dataclass(frozen=True)
class Version:
    """A version: its tag, when and by whom it was made, and what of it was told."""

    tag: str
    made: str = ""
    by: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """Which one it is; clocks go back, numbers do not."""
        return int(self.tag.removeprefix(PREFIX))


def versions() -> list[Version]:
    """Return all versions, oldest first."""
    text = git("for-each-ref", f"--format={FORM}", f"refs/tags/{PREFIX}*")
    found = []
    for record in filter(None, (each.strip("\n") for each in text.split("\1"))):
        tag, made, by, body = record.split("\0")
        if re.fullmatch(rf"{PREFIX}\d+", tag):
            found.append(Version(tag, made, by, as_told(body)))
    return sorted(found, key=lambda version: version.number)


def as_told(body: str) -> dict[str, Any]:
    """Return what a tag tells of its version; a tag made by hand tells nothing."""
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def kept(report: Report) -> Report:
    """Make a version of a run that went well; tell what came of it, never raise."""
    told = {
        each.name: {
            "in_use": each.promoted,
            "why": list(each.reasons),
            "asked": {q["asked"]: q["challenger"] for q in each.questions},
        }
        for each in report.decisions
    }
    try:
        version = make("run", report.graph.inputs, decided=told)
    except FlowError as error:
        return replace(report, version=f"{NONE}: {error}", owed=NONE)
    return replace(report, version=version, owed=UNPUSHED if push.is_owed() else "")


def make(how: str, inputs: tuple[str, ...], **told: Any) -> str:
    """Commit and tag the pointers, and push what they point to; say what was done.

    Raises:
        VersionError: git cannot, or the version could not be made again.
    """
    demand_committed(inputs)
    push.limit_minutes()  # What it says wrong is said before anything is made.
    new = changed()
    if not new and (known := here()):
        return f"{known} has all this already{push.pushed(only_if_owed=True)}"
    tag = f"{PREFIX}{max((each.number for each in versions()), default=0) + 1}"
    about = {"how": how, "data": data_of(None), "params": params_of(None), **told}
    if new:
        commit(f"{tag}: {how}")
    push.OWED.touch()
    git("tag", "--annotate", tag, "-m", f"{tag}: {how}", "-m", json.dumps(about))
    return f"{tag}{push.pushed()}"


def demand_committed(inputs: tuple[str, ...]) -> None:
    """Raise when what the stages read differs from what git has."""
    lines = git("status", "--porcelain", "--", *inputs).splitlines()
    ours = {str(graph.DVC_LOCK)}
    names = [line[3:] for line in lines if line[3:] not in ours]
    if names:
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        raise VersionError(
            f"{', '.join(names[:3])}{more} differ from git's last commit, so that "
            "nobody could make this version again.",
            where="git status",
            do="commit them, or take them back; the next run makes the version",
        )


def pointers() -> list[str]:
    """Return the files that point to data: the lock, and those of the sources."""
    with graph.project() as repo:
        return [str(graph.DVC_LOCK), *whole.sources(repo)]


def changed() -> bool:
    """Say whether the pointers are others than those of the last commit."""
    return bool(git("status", "--porcelain", "--", *pointers()))


def commit(message: str) -> None:
    """Commit the pointers as they are, and nothing else that somebody has staged."""
    files = pointers()
    git("add", "--", *files)
    git("commit", "--quiet", "--no-verify", "--only", "-m", message, "--", *files)


def here() -> str:
    """Return the newest version that points to what is here; empty: none."""
    for version in reversed(versions()):
        if all(shown(version.tag, file) == read(file) for file in pointers()):
            return version.tag
    return ""


def shown(tag: str, file: str) -> str:
    """Return a file as a version has it; empty where it has none."""
    try:
        return git("show", f"{tag}:./{file}")
    except VersionError:
        return ""


def read(file: str) -> str:
    """Return a file as it is here; empty where there is none."""
    path = Path(file)
    return path.read_text(encoding="utf-8") if path.exists() else ""


def text_of(tag: str | None, file: str) -> str:
    """Return a file of a version, or of what is here."""
    return read(file) if tag is None else shown(tag, file)


def data_of(tag: str | None) -> dict[str, str]:
    """Return the md5 of each tracked folder."""
    files = [file for file in pointers() if file != str(graph.DVC_LOCK)]
    texts = {file: graph.loaded(text_of(tag, file) or "") for file in files}
    return {
        file.removesuffix(".dvc"): text["outs"][0]["md5"]
        for file, text in texts.items()
        if text
    }


def params_of(tag: str | None) -> str:
    """Return a fingerprint of all parameters with which the stages ran."""
    lock = graph.loaded(text_of(tag, str(graph.DVC_LOCK)) or "")
    params = {name: s.get("params", {}) for name, s in lock.get("stages", {}).items()}
    text = json.dumps(params, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
