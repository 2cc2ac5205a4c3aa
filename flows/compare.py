"""What a run found before it began, and what it left: numbers and verdicts.

A verdict is a JSON file in a folder that dvc.yaml declares of type `verdicts`: it says
`promoted`, its `reasons`, the `champion` that is in use, and the `questions` asked.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from flows.graph import Graph

Row = dict[str, Any]
KIND = "verdicts"
WATCHED = "watched"  # what dvc.yaml shows that says `verdict` of each thing by name
QUIET = ("silent", "no model")  # verdicts that nobody has to hear of
MOST_ROWS = 2000  # of a table that a browser still draws


@dataclass(frozen=True)
class Decision:
    """What was decided about one model: whether it is in use now, and why."""

    name: str
    promoted: bool
    reasons: tuple[str, ...]
    questions: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Seen:
    """Numbers by file and path in it, and verdicts by name, at one moment."""

    numbers: Mapping[tuple[str, str], float] = field(default_factory=dict)
    verdicts: Mapping[str, Row] = field(default_factory=dict)


def look(graph: Graph) -> Seen:
    """Read the metrics and the verdicts that are there now."""
    metrics = (each for stage in graph.stages.values() for each in stage.metrics)
    folders = (Path(each.path) for each in graph.shown if each.kind == KIND)
    return Seen(
        {
            (name, path): value
            for name in metrics
            if is_readable(name)
            for path, value in numbers(read(Path(name)))
        },
        {
            path.stem: read(path)
            for folder in folders
            for path in sorted(folder.glob("*.json"))
        },
    )


def loud(watched: Path) -> list[str]:
    """Return what is not silent in a file that is watched, with its verdict."""
    return [
        f"{name} ({row['verdict']})"
        for name, row in read(watched).items()
        if row["verdict"] not in QUIET
    ]


def is_readable(metrics: str) -> bool:
    """Say whether a metrics file is there and of a kind that we can read."""
    return Path(metrics).exists() and metrics.endswith((".json", ".yaml", ".yml"))


def read(path: Path) -> Any:
    """Return what a file of numbers says."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)


def numbers(data: object, path: str = "") -> Iterator[tuple[str, float]]:
    """Yield the numbers of nested values that have names; lists are curves, no numbers.

    >>> list(numbers({"n": 3, "a": {"x": 0.5, "curve": [1, 2], "y": "no"}}))
    [('n', 3), ('a.x', 0.5)]
    """
    if isinstance(data, dict):
        for key, value in data.items():
            yield from numbers(value, f"{path}.{key}".strip("."))
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield path, data


def changes(before: Seen, now: Seen) -> list[Row]:
    """Return each number that is another than before, with the difference."""
    rows = []
    for (name, path), value in now.numbers.items():
        old = before.numbers.get((name, path))
        if old is not None and old != value:
            difference = round(value - old, 6)
            rows.append(
                {
                    "file": name,
                    "metric": path,
                    "before": old,
                    "now": value,
                    "difference": difference,
                }
            )
    return rows[:MOST_ROWS]


def decisions(before: Seen, now: Seen) -> tuple[Decision, ...]:
    """Return what was decided anew since `before`."""
    found = []
    for name, verdict in now.verdicts.items():
        old = before.verdicts.get(name, {})
        if verdict != old:
            other = verdict.get("champion") != old.get("champion")
            promoted = bool(verdict.get("promoted")) and other
            told = tuple(map(str, verdict.get("reasons", ())))
            asked = tuple(verdict.get("questions", ()))
            found.append(Decision(name, promoted, told, asked))
    return tuple(found)
