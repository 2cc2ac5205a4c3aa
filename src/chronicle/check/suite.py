"""A suite and a table into a verdict: the only file that knows Great Expectations."""

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
from chronicle.core.errors import ParamsError

# Great Expectations quotes offending values by default. Those are patients' values,
# and verdicts are read by people who may not see them.
COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}


def judge(frame: pl.DataFrame, suite: Suite, *, where: str) -> dict[str, Any]:
    """Ask a table everything that its suite asks.

    Args:
        frame: The whole table.
        suite: What it is asked.
        where: The suite's file, for messages.

    Returns:
        The verdict: counts only. An expectation that errs counts as failed.

    Raises:
        ParamsError: Great Expectations does not know an expectation of the suite, or
            not with these arguments.
    """
    expectations = _expectations(suite, where=where)
    columns = [name for name in frame.columns if name in suite.columns]
    results = _batch(frame.select(columns)).validate(
        expectations, result_format=COUNTS_ONLY
    )
    found = {_id(result): result for result in results.results}
    asked = {
        entry.id: _answer(entry, found[entry.id], rows=frame.height)
        for entry in suite.expectations
    }
    failed = [each for each in asked.values() if not each["passed"]]
    critical = sum(each["severity"] == "critical" for each in failed)
    return {
        "table": suite.name,
        "rows": frame.height,
        "passed": critical == 0,
        "critical_failures": critical,
        "warnings": len(failed) - critical,
        "expectations": asked,
    }


def _expectations(suite: Suite, *, where: str) -> ExpectationSuite:
    made = ExpectationSuite(
        name=suite.name,
        expectations=[
            {
                "type": each.type,
                "kwargs": each.kwargs,
                "severity": each.severity,
                "meta": {"id": each.id},
            }
            for each in suite.expectations
        ],
    )
    # What it cannot read it logs and leaves out: a check that never runs always passes.
    known = {each.meta["id"] for each in made.expectations if each.meta}
    if left_out := [each.id for each in suite.expectations if each.id not in known]:
        raise ParamsError(
            f"Great Expectations cannot read {', '.join(left_out)}: an unknown type, "
            "or a wrong key in `kwargs`.",
            where=where,
            do="the types and their arguments are in Great Expectations' gallery",
        )
    return made


def _batch(frame: pl.DataFrame) -> Batch:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    return (
        context.data_sources.add_pandas("tables")
        .add_dataframe_asset("table")
        .add_batch_definition_whole_dataframe("whole")
        .get_batch({"dataframe": _pandas(frame)})
    )


def _pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """Turn columns into what its comparisons and regular expressions understand.

    Times become ISO text, which sorts as the times do and which a regular expression in
    a suite can read. Numbers become float64: others it compares one by one.
    """
    text = frame.with_columns(
        pl.selectors.temporal().dt.to_string("iso"),
        pl.selectors.float().cast(pl.Float64),
    )
    return pd.DataFrame(
        {
            column.name: column.to_numpy()
            if column.dtype.is_numeric()
            else pd.Series(column.to_list(), dtype=object)
            for column in text
        }
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
    return {
        "type": entry.type,
        "column": entry.column,
        "where": entry.kwargs.get("row_condition"),
        "severity": entry.severity,
        "checked": int(counts.get("element_count", rows)),
        "unexpected": int(counts.get("unexpected_count", not passed)),
        "passed": passed,
        "errored": errored,
        "why": entry.meta.why,
        "source": entry.meta.source,
    }
