"""Reads out of DVC what dvc.yaml declares: stages, their order, what is out of date.

In this process, because it costs half of what `dvc status` and `dvc dag` cost.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from dvc.dependency.param import MissingParamsError, ParamsDependency
from dvc.exceptions import DvcException
from dvc.repo import Repo, lock_repo

from flows import dvc_whole, reasons
from flows.errors import PipelineError
from flows.explained import explained

PIPE = Path("dvc.yaml")
DVC_LOCK = Path("dvc.lock")
# Written in C, ten times as fast, where PyYAML was built with it.
YAML: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Stage:
    """A stage of dvc.yaml: whom it waits for, and what it makes."""

    name: str
    after: tuple[str, ...]
    makes: tuple[str, ...]
    metrics: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """An entry of `artifacts` in dvc.yaml: something for a person to open or read."""

    name: str
    path: str
    kind: str
    about: str


@dataclass(frozen=True)
class Graph:
    """The stages by name, why those that are out of date are, and what is to be shown.

    `inputs` are the paths that no stage makes and somebody writes; `left` those that
    stages make which are not among these.
    """

    stages: Mapping[str, Stage] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)
    shown: tuple[Shown, ...] = ()
    inputs: tuple[str, ...] = ()
    left: frozenset[str] = frozenset()

    @property
    def dirty(self) -> frozenset[str]:
        """The stages that are out of date."""
        return frozenset(self.why)

    def only(self, words: Iterable[str]) -> "Graph":
        """Return the stages that are named, each with all its items; none means all.

        Raises:
            PipelineError: There is no such stage.
        """
        if not (wanted := set(words)):
            return self
        known = {word for name in self.stages for word in (name, name.split("@")[0])}
        if unknown := sorted(wanted - known):
            raise PipelineError(
                f"no such stage: {', '.join(unknown)}.",
                where="only",
                do=f"name stages of {PIPE}: {', '.join(sorted(known))}",
            )
        stages = {
            name: stage
            for name, stage in self.stages.items()
            if wanted & {name, name.split("@")[0]}
        }
        # Those before them stay as they are, stale or not: nobody asked for them.
        kept = {
            name: replace(stage, after=tuple(set(stage.after) & set(stages)))
            for name, stage in stages.items()
        }
        why = {name: told for name, told in self.why.items() if name in stages}
        others = (self.stages[name] for name in self.stages.keys() - kept.keys())
        left = frozenset(path for stage in others for path in stage.makes)
        return replace(self, stages=kept, why=why, left=left)


def read() -> Graph:
    """Read the graph of the project in which we stand.

    Raises:
        PipelineError: It cannot be read, or a stage could not start for lack of a file
            or a parameter that no stage makes.
    """
    # Each time that the lock is given back DVC forgets what it has read.
    with project() as repo, lock_repo(repo):
        edges = repo.index.graph
        # Other dvc.yaml files of the project make sources; they are not the pipe.
        stages = {
            stage.addressing: stage
            for stage in edges
            if stage.cmd and stage.path_in_repo == PIPE.name
        }
        demand_stages(stages)
        asked: set[tuple[str, ...]] = set()
        for name, stage in stages.items():
            demand_inputs(name, stage, repo, asked)
        known = locked()
        return Graph(
            stages={name: as_stage(stage, edges) for name, stage in stages.items()},
            why={
                name: reasons.why(told, known=name in known)
                for name, told in repo.status().items()
                if name in stages
            },
            shown=tuple(as_shown(*item) for item in declared("artifacts").items()),
            inputs=tuple(sorted(written_by_hand(stages.values(), repo))),
        )


def locked() -> set[str]:
    """Return the names of the stages that have run."""
    if not DVC_LOCK.exists():
        return set()
    return set(loaded(DVC_LOCK.read_text(encoding="utf-8")).get("stages") or {})


def written_by_hand(stages: Iterable[Any], repo: Repo) -> set[str]:
    """Return what the stages read and neither they nor what is collected makes."""
    made = repo.index.outs_trie
    found = {PIPE.name}
    for dep in (dep for stage in stages for dep in stage.deps):
        parts = dep.fs.parts(dep.fs_path)
        if not made.has_node(parts) and not made.shortest_prefix(parts):
            found.add(repo.fs.relpath(dep.fs_path, repo.root_dir))
    return found


@contextmanager
def project() -> Iterator[Repo]:
    """Open the DVC project; what is wrong in its declarations is a PipelineError."""
    dvc_whole.patch()
    try:
        with Repo(_wait_for_lock=True) as repo:
            yield repo
    except (DvcException, AttributeError, TypeError, ValueError) as error:
        # DVC answers some mistakes in a declaration with a TypeError of its own code.
        raise explained(error) from error


def as_stage(stage: Any, edges: Any) -> Stage:
    """Say of a stage what the flow has to know."""
    return Stage(
        stage.addressing,
        after=tuple(near.addressing for near in edges.successors(stage) if near.cmd),
        makes=tuple(str(out) for out in stage.outs),
        metrics=tuple(str(out) for out in stage.outs if out.metric),
    )


def declared(section: str) -> dict[str, Any]:
    """Return a section of dvc.yaml as it is written."""
    return loaded(PIPE.read_text(encoding="utf-8")).get(section) or {}


def loaded(text: str) -> dict[str, Any]:
    """Return what a file of DVC's says; nothing where it is empty."""
    return yaml.load(text, YAML) or {}  # noqa: S506, a safe one


def as_shown(name: str, entry: dict[str, Any]) -> Shown:
    """Say of an entry of `artifacts` what the flow has to know."""
    # Not DVC's own reader: it imports gto, which clears Prefect's log handlers.
    return Shown(name, entry["path"], entry.get("type", ""), entry.get("desc", ""))


def demand_stages(found: Iterable[str]) -> None:
    """Raise when a stage is declared for an empty list of things, or none is."""
    if not PIPE.exists():
        raise PipelineError(
            f"there is no {PIPE}.",
            where=str(Path.cwd()),
            do="run this in the folder of the project",
        )
    written = set(declared("stages"))
    gone = sorted(written - {name.split("@")[0] for name in found})
    if gone or not written:
        # DVC takes an empty list as it is and says that everything is up to date.
        raise PipelineError(
            f"no such stage remains: {', '.join(gone) or 'any'}.",
            where=f"{PIPE}: stages",
            do="declare it, or fill the list that its `matrix` or `foreach` names",
        )


def demand_inputs(
    name: str, stage: Any, repo: Repo, asked: set[tuple[str, ...]]
) -> None:
    """Raise when a file or parameter is missing that no stage of the pipe makes.

    DVC reads the file anew for each set of parameters, and things by the dozen name the
    same: those that are `asked` already are not asked again.
    """
    made = repo.index.outs_trie
    for dep in stage.deps:
        parts = dep.fs.parts(dep.fs_path)
        if made.has_node(parts) or made.shortest_prefix(parts):
            continue
        if not dep.exists:
            raise PipelineError(
                f"{name} needs '{dep}', which does not exist.",
                where=f"{PIPE}: {name}",
                do=f"add {dep}, or correct what refers to it",
            )
        if isinstance(dep, ParamsDependency):
            named = (str(dep), *dep.params)
            if named not in asked:
                demand_params(name, dep)
            asked.add(named)


def demand_params(name: str, dep: ParamsDependency) -> None:
    """Raise when a stage names a parameter that its file does not have."""
    try:
        dep.get_hash()
    except MissingParamsError:
        missing = ", ".join(sorted(set(dep.params) - set(dep.read_params())))
        raise PipelineError(
            f"{name} has missing parameters: {missing}.",
            where=str(dep),
            do=f"add {missing} to {dep}",
        ) from None
