"""Groups of people under each other: AUROC of each, with its interval."""

from typing import Any

from chronicle.report.chapter import Chapter
from chronicle.report.figure import Figure
from chronicle.report.names import group_name
from chronicle.report.scale import Scale
from chronicle.report.words import inside, interval

LEFT, RIGHT, ROW = 128.0, 268.0, 19
LONGEST = 22  # characters of a name that fit beside the axis


def forest(chapter: Chapter) -> Figure:
    """Return the forest plot of the groups that are scored; others are only named."""
    x = Scale(1, LEFT, RIGHT)
    marks: list[dict[str, Any]] = []
    for grouping in chapter.evaluation["groups"]:
        scored = [each for each in grouping["groups"] if each["scored"]]
        if scored:
            marks.append({"heading": grouping["by"], "row": len(marks)})
        marks += [_row(each, len(marks) + at, x) for at, each in enumerate(scored)]
    bottom = ROW * len(marks) + 8
    whole = (chapter.metrics.get("auroc") or {}).get("value")
    return Figure(
        "forest",
        f"{chapter.slug}-forest",
        f"{chapter.disease.title}: groups of people",
        f"AUROC of {inside(chapter.disease.title)} in groups of people, with "
        "intervals; the numbers are in the table below.",
        x,
        Scale(1, bottom, 4),
        height=bottom + 44,
        marks=marks,
        bars=[] if whole is None else [{"x": x.at(whole)}],
    )


def _row(group: dict[str, Any], row: int, x: Scale) -> dict[str, Any]:
    found, name = group["metrics"]["auroc"], group_name(group["name"])
    bounded = found["low"] is not None
    short = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    told = "" if found["value"] is None else f"{found['value']:.2f}"
    return {
        "row": row,
        "heading": "",
        "name": short,
        "told": f"{name}: {interval(found)}, {group['patients']:,} patients",
        "x": None if found["value"] is None else x.at(found["value"]),
        "low": x.at(found["low"]) if bounded else None,
        "high": x.at(found["high"]) if bounded else None,
        "value": f"{told} ({group['outcome_patients']:,})",
    }
