"""The run in a few lines, for the terminal."""

from pathlib import Path
from typing import Any

from chronicle.report.chapter import Chapter
from chronicle.report.verdict import Verdicts


def summary(
    page: Path,
    ledger: dict[str, Any],
    verdicts: Verdicts,
    chapters: list[Chapter],
) -> str:
    """Return the run in a few lines, the last ones a line for each disease."""
    total, tables = ledger["total"], ledger["tables"]
    lines = [
        f"report   {page.as_posix()}",
        f"came in  {total['read']:,} read: {total['accepted']:,} accepted, "
        f"{total['not_used']:,} not used, {total['duplicate']:,} duplicate, "
        f"{total['superseded']:,} superseded, {total['deleted']:,} deleted, "
        f"{total['refused']:,} refused",
        f"tables   {tables['patients']:,} patients, {tables['events']:,} events",
        f"checks   {'; '.join(verdicts.lines)}",
        "",
    ]
    wide = max(len(each.disease.title) for each in chapters)
    lines += [f"{each.disease.title:{wide}}  {_line(each)}" for each in chapters]
    return "\n".join(lines) + "\n"


def _line(chapter: Chapter) -> str:
    counts = (
        f"{chapter.at_risk['patients']:,} patients, {chapter.with_outcome:,} with an "
        "outcome"
    )
    if not chapter.trained:
        return f"{counts}: {chapter.why_not_trained}"
    few = " (few outcomes in test)" if chapter.few_outcomes else ""
    alone = f"{counts}: AUROC {chapter.auroc}, {chapter.percent:g} % interval{few}"
    return "; ".join([alone, *(other.line for other in chapter.others)])
