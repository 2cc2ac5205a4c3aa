"""What a run did, for the person at the terminal and for the page of the run."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flows.compare import Decision
from flows.compare import Row as Change
from flows.ending import Ended
from flows.graph import Graph, Shown

WIDE = 76  # letters, of a note: a page cuts off what is to the right of them
Row = tuple[str, str, str, str]  # stage, state, seconds, note


@dataclass(frozen=True)
class Report:
    """What a run collected, how its stages ended, and what there is to look at.

    `problem` is a state's name and what went wrong before any stage could start;
    `version` says what was kept of the run for good, and `owed` what was not; `missed`
    what was to be there and was not.
    """

    exit_code: int = 0
    problem: tuple[str, str] | None = None
    collected: str = ""
    graph: Graph = field(default_factory=Graph)
    endings: tuple[Ended, ...] = ()
    decisions: tuple[Decision, ...] = ()
    changes: tuple[Change, ...] = ()
    version: str = ""
    owed: str = ""
    missed: tuple[str, ...] = ()

    @property
    def stages_seconds(self) -> float:
        """How long at least one stage's command ran."""
        total = until = 0.0
        for ended in sorted(self.endings, key=lambda ended: ended.began):
            total += max(0.0, ended.ended - max(until, ended.began))
            until = max(until, ended.ended)
        return total

    def shown(self, kind: str) -> list[Shown]:
        """Return what dvc.yaml shows of one kind and has been made."""
        return [
            entry
            for entry in self.graph.shown
            if entry.kind == kind and Path(entry.path).exists()
        ]

    def is_old(self, path: str) -> bool:
        """Say whether this run did not get to make what stands at `path`."""
        stopped = {ended.stage for ended in self.endings if ended.stops}
        return path in self.graph.left or any(
            path in self.graph.stages[stage].makes for stage in stopped
        )

    def rows(self) -> list[Row]:
        """Return stage, state, seconds and note of all that was done."""
        rows = [("collect", "Collected", "", self.collected)] if self.collected else []
        if self.problem:
            rows.append(("", self.problem[0], "", self.problem[1]))
        rows += [
            (ended.stage, ended.state, seconds(ended), ended.note)
            for ended in self.endings
        ]
        return rows + ([("version", "Kept", "", self.version)] if self.version else [])

    def markdown(self) -> str:
        """Return the rows as the run's page shows them."""
        rows = [("stage", "state", "seconds", "note"), ("---",) * 4, *self.rows()]
        return "\n".join("| " + " | ".join(map(cell, row)) + " |" for row in rows)


class RunError(Exception):
    """What a run ends with that did not go well: Prefect wants an exception."""

    def __init__(self, report: Report) -> None:
        super().__init__("the state of the run says why")
        self.report = report


def seconds(ended: Ended) -> str:
    """Return how long a stage's command ran, and nothing when none ran."""
    return f"{ended.seconds:.1f}" if ended.seconds else ""


def cell(text: str) -> str:
    """Return a text that stays inside its cell of a markdown table, and of the page."""
    lines = (
        textwrap.wrap(line, WIDE, break_long_words=False, break_on_hyphens=False)
        for line in text.replace("|", "\\|").splitlines()
    )
    return "<br>".join(part for parts in lines for part in parts)


def print_report(report: Report, wall_seconds: float) -> None:
    """Tell the person what was made, where it is, and what it cost in time."""
    for entry in report.shown("text"):
        if not report.is_old(entry.path):
            print(f"\n{Path(entry.path).read_text(encoding='utf-8').strip()}")
    print()
    print_table(report.rows())
    own = sum(ended.seconds for ended in report.endings)
    stages = report.stages_seconds
    print(
        f"\nstages {stages:.1f} s, orchestration {wall_seconds - stages:.1f} s"
        f" (the stages' own times add up to {own:.1f} s)"
    )
    for entry in report.shown("page"):
        old = ", from an earlier run" if report.is_old(entry.path) else ""
        print(f"{entry.name}: {Path(entry.path).resolve()}{old}")


def print_table(rows: Sequence[Row]) -> None:
    """Print rows with their columns under each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for stage, state, took, note in rows:
        text = " ".join(note.split())
        line = f"{stage:{widths[0]}}  {state:{widths[1]}}  {took:>{widths[2]}}  {text}"
        print(line.rstrip())
