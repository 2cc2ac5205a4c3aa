"""Shows on the page of the run what DVC says there is: metrics, pages, texts."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_table_artifact,
)

from flows.compare import WATCHED, Decision, Row, is_readable, read
from flows.report import Report

WIDE = 40  # letters of a cell


def publish(report: Report) -> None:
    """Make an artifact of everything that a person may want to see of a run."""
    create_markdown_artifact(
        key="run-summary", markdown=report.markdown(), description="what this run did"
    )
    for entry in report.shown("page"):
        path = Path(entry.path).resolve()
        create_link_artifact(
            key=slug(entry.name),
            link=path.as_uri(),
            link_text=str(path),
            description=entry.about + age(report, entry.path),
        )
    for entry in report.shown("text"):
        text = Path(entry.path).read_text(encoding="utf-8")
        create_markdown_artifact(
            key=slug(entry.name),
            markdown=f"```\n{text}\n```",
            description=entry.about + age(report, entry.path),
        )
    for entry in [*report.shown("table"), *report.shown(WATCHED)]:
        publish_table(report, entry.name, entry.path, entry.about)
    for stage in report.graph.stages.values():
        for metrics in filter(is_readable, stage.metrics):
            publish_table(report, metrics, metrics, f"`{metrics}` of {stage.name}")
    publish_comparison(report)


def publish_comparison(report: Report) -> None:
    """Show what is another than before the run, and what was decided."""
    if report.changes:
        create_table_artifact(
            key="what-changed",
            table=list(report.changes),
            description="metrics that are others than before this run",
        )
    if report.decisions:
        create_table_artifact(
            key="decisions",
            table=squared(row for each in report.decisions for row in asked(each)),
            description="what is in use now and what is not, and the questions asked",
        )


def asked(decision: Decision) -> Iterator[Row]:
    """Yield the rows of one decision: what and why, then each question."""
    told = "in use now" if decision.promoted else "kept as it was"
    yield {"name": decision.name, "decision": told, "why": "; ".join(decision.reasons)}
    for question in decision.questions:
        rest = dict(question)
        yield {"name": decision.name, "decision": "", "why": rest.pop("asked"), **rest}


def publish_table(report: Report, name: str, path: str, about: str) -> None:
    """Show a file of numbers as a table."""
    create_table_artifact(
        key=slug(name),
        table=rows_of(Path(path)),
        description=about + age(report, path),
    )


def slug(text: str) -> str:
    """Return a text as a key of Prefect's.

    >>> slug("reports/new_kind/metrics.json")
    'reports-new-kind-metrics-json'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def age(report: Report, path: str) -> str:
    """Say so when a file is older than the run."""
    return " (from an earlier run)" if report.is_old(path) else ""


def rows_of(path: Path) -> list[Row]:
    """Return a metrics file as rows of one table, with the same columns in each."""
    return squared(tabulate(read(path)))


def squared(rows: Iterable[Row]) -> list[Row]:
    """Return rows with the same columns in each, those with long texts last.

    A page cuts off what is to the right of them.

    >>> squared([{"why": "so " * 20, "n": 1}, {"n": 2}])[1]
    {'n': 2, 'why': ''}
    """
    rows = list(rows)
    names = dict.fromkeys(column for row in rows for column in row)
    widths = {n: max(len(str(row.get(n, ""))) for row in rows) for n in names}
    columns = sorted(names, key=lambda name: widths[name] > WIDE)
    return [{column: row.get(column, "") for column in columns} for row in rows]


def tabulate(data: object) -> list[Row]:
    """Return nested values as rows: alike groups side by side, the rest one by one.

    >>> for row in tabulate({"n": 3, "a": {"x": 1, "y": 2}, "b": {"x": 3, "y": 4}}):
    ...     print(row)
    {'path': 'n', 'value': 3}
    {'path': 'a', 'x': 1, 'y': 2}
    {'path': 'b', 'x': 3, 'y': 4}
    """
    groups = list(flat_groups(data, ""))
    alike = Counter(frozenset(group) for _, group in groups)
    rows: list[Row] = []
    for path, group in groups:
        if len(group) > 1 and alike[frozenset(group)] > 1:
            rows.append({"path": path, **group})
        else:
            rows += [
                {"path": f"{path}.{key}".strip("."), "value": value}
                for key, value in group.items()
            ]
    return rows


def flat_groups(data: object, path: str) -> Iterator[tuple[str, Row]]:
    """Yield the plain values that stand together in each place of nested values."""
    items = (
        {str(key): value for key, value in data.items()}
        if isinstance(data, dict)
        else {str(at): value for at, value in enumerate(data)}
        if isinstance(data, list)
        else {"": data}
    )
    plain = {k: v for k, v in items.items() if not isinstance(v, dict | list)}
    if plain:
        yield path, plain
    for key in items:
        if key not in plain:
            yield from flat_groups(items[key], f"{path}.{key}".strip("."))
