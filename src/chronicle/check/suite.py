"""A suite and a table into a verdict: the only file that knows Great Expectations."""

import logging
import os
from typing import Any

# Before the import: it reports its use to its makers unless told not to.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
import pandas as pd
import polars as pl
from great_expectations.core import ExpectationSuite
from great_expectations.core.expectation_validation_result import (
    ExpectationValidationResult,
)
from great_expectations.datasource.fluent.interfaces import Batch

from chronicle.check.entry import Entry, Suite
from chronicle.check.frame import to_pandas
from chronicle.core.errors import ParamsError

# Great Expectations quotes offending values by default. Those are patients' values,
# and verdicts are read by people who may not see them.
COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}
# It logs the text of exceptions, which may quote them too.
logging.getLogger("great_expectations").setLevel(logging.CRITICAL + 1)


def understood(suite: Suite, *, where: str) -> ExpectationSuite:
    """Return the suite as Great Expectations reads it.

    Raises:
        ParamsError: It does not know an expectation, or not with these arguments.
    """
    made = ExpectationSuite(name=suite.name)
    for each in suite.expectations:
        made.expectations += _read(suite.name, each, where=where)
    return made


def judge(frame: pl.DataFrame, suite: Suite) -> dict[str, Any]:
    """Ask a table everything that its suite asks.

    Returns:
        The verdict: counts only. An expectation that errs is a critical failure,
        whatever its severity, since nobody knows what it would have found.

    Raises:
        ParamsError: As `understood`.
    """
    expectations = understood(suite, where=f"the suite {suite.name}")
    batch = _batch(to_pandas(frame.select(sorted(suite.columns))))
    results = batch.validate(expectations, result_format=COUNTS_ONLY).results
    found = {_id(result): result for result in results}
    asked = {
        entry.id: _answer(entry, found[entry.id], rows=frame.height)
        for entry in suite.expectations
    }
    failed = [each for each in asked.values() if not each["passed"]]
    critical = sum(each["errored"] or each["severity"] == "critical" for each in failed)
    warnings = sum(
        each["severity"] == "warning" and not each["errored"] for each in failed
    )
    return {
        "table": suite.name,
        "rows": frame.height,
        "passed": critical == 0,
        "critical_failures": critical,
        "warnings": warnings,
        "expectations": asked,
    }


def _read(name: str, entry: Entry, *, where: str) -> list[Any]:
    said = entry.model_dump(mode="json", exclude={"meta"})
    try:
        read = ExpectationSuite(
            name=name, expectations=[said | {"meta": {"id": entry.id}}]
        ).expectations
    except ValueError as fault:
        told = " ".join(str(fault).split())
        raise _unreadable(entry, f"wrong `kwargs`: {told}", where=where) from None
    # A type that it does not know it leaves out, and a check that never runs passes.
    if not read:
        raise _unreadable(entry, f"no type {entry.type}", where=where)
    return list(read)


def _unreadable(entry: Entry, why: str, *, where: str) -> ParamsError:
    return ParamsError(
        f"Great Expectations cannot read {entry.id}: {why}.",
        where=where,
        do="the types and their arguments are in Great Expectations' gallery",
    )


def _batch(frame: pd.DataFrame) -> Batch:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    return (
        context.data_sources.add_pandas("tables")
        .add_dataframe_asset("table")
        .add_batch_definition_whole_dataframe("whole")
        .get_batch({"dataframe": frame})
    )


def _id(result: ExpectationValidationResult) -> str:
    config = result.expectation_config
    return str(config.meta["id"]) if config and config.meta else ""


def _answer(
    entry: Entry, result: ExpectationValidationResult, *, rows: int
) -> dict[str, Any]:
    counts = result.result
    raised = result.exception_info or {}
    nested = raised.values() if "raised_exception" not in raised else [raised]
    errored = any(each.get("raised_exception") for each in nested)
    passed = bool(result.success) and not errored
    # Its own share, which `mostly` is compared with, leaves nulls out.
    checked = counts.get("element_count", rows) - counts.get("missing_count", 0)
    return {
        "type": entry.type,
        "column": ", ".join(entry.judged) or None,
        "where": entry.condition.words() if entry.condition else None,
        "severity": entry.severity,
        "checked": int(checked),
        "unexpected": int(counts.get("unexpected_count", not passed)),
        "passed": passed,
        "errored": errored,
        "why": entry.meta.why,
        "source": entry.meta.source,
    }
