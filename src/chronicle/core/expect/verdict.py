"""What a verdict says: counts, shares and words, and no value of a patient."""

from collections.abc import Mapping, Sequence
from typing import Any

from chronicle.core.expect.entry import Entry, Rule

PLACES = 3  # that a message names; the verdict has them all


def answer(
    entry: Entry[Rule],
    success: bool,
    places: Sequence[Mapping[str, str]],
    counted: tuple[int, int | None],
    *,
    errored: bool,
) -> dict[str, Any]:
    """Return what the verdict says of one expectation.

    Args:
        entry: The expectation.
        success: What Great Expectations says.
        places: Sites and parts whose share was not as expected.
        counted: Rows that were asked, and that failed; None where only the whole did.
        errored: It could not be asked.
    """
    passed = success and not errored
    checked, failed = counted
    rule = entry.meta.rule
    return {
        "type": rule.model_dump()["kind"] if rule else entry.type,
        "column": ", ".join(sorted(entry.named) if rule else entry.judged) or None,
        "where": entry.condition.words() if entry.condition else None,
        "threshold": _threshold(entry),
        "severity": entry.severity,
        "action": entry.meta.action,
        "check": entry.meta.check,
        "kahn": entry.meta.kahn,
        "checked": checked,
        "unexpected": int(not passed) if failed is None else failed,
        "places": [f"{each['site']}: {each['part']}" for each in places],
        "passed": passed,
        "errored": errored,
        "why": entry.meta.why,
        "source": entry.meta.source,
    }


def _threshold(entry: Entry[Rule]) -> str:
    """Return what is allowed, in terms of what is counted: those that fail."""
    if entry.meta.rule is None and not entry.of_table:
        most = 1 - entry.kwargs.get("mostly", 1)
        return f"at most {100 * most:.3g} %" if most else "none may fail"
    limits = {
        "at least": entry.kwargs.get("min_value"),
        "at most": entry.kwargs.get("max_value"),
    }
    # Of a table its rows, of a rule about a whole what it measures: a share, or not.
    share = entry.flags or getattr(entry.meta.rule, "shares", False)
    told = {
        words: f"{100 * limit:g} %" if share else f"{limit:g}"
        for words, limit in limits.items()
        if limit is not None
    }
    return " and ".join(f"{words} {limit}" for words, limit in told.items())


def verdict(name: str, rows: int, answers: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the verdict on a table: `passed` unless something critical failed."""
    failed = [each for each in answers.values() if not each["passed"]]
    critical = sum(each["errored"] or each["severity"] == "critical" for each in failed)
    warnings = sum(
        each["severity"] == "warning" and not each["errored"] for each in failed
    )
    return {
        "table": name,
        "rows": rows,
        "passed": critical == 0,
        "critical_failures": critical,
        "warnings": warnings,
        "expectations": answers,
    }


def critical(verdict: dict[str, Any]) -> list[str]:
    """Return what stops a run: table, expectation, count and places, in words."""
    return [
        f"{verdict['table']}.{name} ({_counted(each)})"
        for name, each in verdict["expectations"].items()
        if not each["passed"] and (each["severity"] == "critical" or each["errored"])
    ]


def _counted(answer: dict[str, Any]) -> str:
    if answer["errored"]:
        return "could not be asked"
    told = f"{answer['unexpected']} of {answer['checked']}"
    places = [each for each in answer.get("places", ()) if each != "all: all"]
    more = f" and {len(places) - PLACES} more" if len(places) > PLACES else ""
    return f"{told}, at {', '.join(places[:PLACES])}{more}" if places else told
