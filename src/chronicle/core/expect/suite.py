"""A suite and a table into a verdict: the only file that knows Great Expectations."""

import logging
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
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

from chronicle.core.errors import ParamsError
from chronicle.core.expect.entry import Entry, Rule, Suite
from chronicle.core.expect.frame import to_pandas
from chronicle.core.expect.verdict import answer, verdict

# Great Expectations quotes offending values by default. Those are patients' values,
# and verdicts are read by people who may not see them.
COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}
# Of shares it may say which: they are counts by site and code.
WHICH = {"result_format": "COMPLETE", "unexpected_index_column_names": ["site", "part"]}
# It logs the text of exceptions, which may quote them too.
logging.getLogger("great_expectations").setLevel(logging.CRITICAL + 1)

ASKED = {
    "id": pl.String(),
    "n": pl.Int64(),
    "failed": pl.Int64(),
    "errored": pl.Boolean(),
}
SHARE_DIGITS = 12  # 1 - 0.9 is a little less than 0.1


def understood(
    name: str, entries: Iterable[Entry[Rule]], *, where: str
) -> list[tuple[Entry[Rule], Any]]:
    """Return each expectation as Great Expectations reads it.

    Raises:
        ParamsError: It does not know an expectation, or not with these arguments.
    """
    return [(each, _read(name, each, where=where)) for each in entries]


def all_understood(suites: Mapping[str, Suite[Rule]], folder: Path) -> None:
    """See that Great Expectations reads every suite of a folder, before work begins."""
    for name, each in suites.items():
        understood(name, each.expectations, where=str(folder / f"{name}.json"))


def ask(frame: pl.DataFrame, suite: Suite[Rule]) -> pl.DataFrame:
    """Ask a part of a table what its suite asks of each row.

    Returns:
        Counts as `ASKED`, which add up over the parts.
    """
    of_rows = [each for each in suite.plain if not each.of_table]
    results = _answers(
        to_pandas(frame.select(sorted(suite.columns))), suite.name, of_rows
    )
    rows = [
        (name, *_counts(result, frame.height), _errored(result))
        for name, result in results.items()
    ]
    return pl.DataFrame(rows, ASKED, orient="row")


def judge(
    suite: Suite[Rule], rows: int, asked: pl.DataFrame, shares: pl.DataFrame
) -> dict[str, Any]:
    """Judge a table, from counts alone.

    Args:
        suite: What it is asked.
        rows: Of the table.
        asked: As `ask` returns it, of all its parts.
        shares: Columns `id`, `site`, `part`, `n`, `failed`, `share`, of all rules.

    Returns:
        The verdict: counts only. An expectation that errs is a critical failure,
        whatever its severity, since nobody knows what it would have found.
    """
    told = asked.group_by("id").agg(
        pl.col("n", "failed").sum(), pl.col("errored").any()
    )
    narrow = pl.concat([_plain(told), shares], how="diagonal_relaxed")
    counted = [each for each in suite.expectations if not each.of_table]
    results = _answers(
        pd.DataFrame({"row": range(rows)}),
        suite.name,
        [each for each in suite.plain if each.of_table],
    ) | _answers(
        to_pandas(_columns(narrow, counted)),
        suite.name,
        list(map(_share, counted)),
        WHICH,
    )
    broken = set(told.filter("errored")["id"])
    answers = {
        entry.id: answer(
            entry,
            bool(results[entry.id].success),
            results[entry.id].result.get("unexpected_index_list") or [],
            _sum(narrow, entry, rows),
            errored=entry.id in broken or _errored(results[entry.id]),
        )
        for entry in suite.expectations
    }
    return verdict(suite.name, rows, answers)


def _plain(told: pl.DataFrame) -> pl.DataFrame:
    share = (pl.col("failed") / pl.col("n")).round(SHARE_DIGITS).fill_nan(None)
    every = {"site": pl.lit("all"), "part": pl.lit("all")}
    return told.select("id", "n", "failed", share=share, **every)


def _share(entry: Entry[Rule]) -> Entry[Rule]:
    """Return the expectation on the share of rows that failed, in a column of its own.

    Of a rule, it is what the suite says; of an expectation on rows, that at least
    `mostly` of them pass.
    """
    if entry.meta.rule is None:
        most = round(1 - entry.kwargs.get("mostly", 1), SHARE_DIGITS)
        kwargs: dict[str, Any] = {"column": entry.id, "max_value": most}
        kind = "expect_column_values_to_be_between"
    else:
        kind, kwargs = entry.type, dict(entry.kwargs) | {"column": entry.id}
    return entry.model_copy(update={"type": kind, "kwargs": kwargs})


def _columns(narrow: pl.DataFrame, entries: Sequence[Entry[Rule]]) -> pl.DataFrame:
    """Return a row for each site and part, and the shares of each entry in a column.

    A condition on rows would cost more than all else that Great Expectations does here.
    """
    where = ["site", "part"]
    wide = narrow.sort("id", *where).pivot("id", index=where, values="share")
    nobody = [each.id for each in entries if each.id not in wide.columns]
    return wide.with_columns(pl.lit(None, pl.Float64).alias(each) for each in nobody)


def _answers(
    frame: pd.DataFrame,
    name: str,
    entries: Sequence[Entry[Rule]],
    form: dict[str, Any] = COUNTS_ONLY,
) -> dict[str, ExpectationValidationResult]:
    if not entries:
        return {}
    read = understood(name, entries, where=f"the suite {name}")
    asked = ExpectationSuite(name=name)
    for _, each in read:
        asked.expectations += [each]
    results = _batch(frame).validate(asked, result_format=form).results
    return {_id(result): result for result in results}


def _read(name: str, entry: Entry[Rule], *, where: str) -> Any:
    try:
        re.compile(str(entry.kwargs.get("regex", "")))
    except re.error as fault:
        told = f"`regex` is no regular expression: {fault}"
        raise _unreadable(entry, told, where=where) from None
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
    return read[0]


def _unreadable(entry: Entry[Rule], why: str, *, where: str) -> ParamsError:
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


def _errored(result: ExpectationValidationResult) -> bool:
    raised = result.exception_info or {}
    nested = raised.values() if "raised_exception" not in raised else [raised]
    return any(each.get("raised_exception") for each in nested)


def _counts(result: ExpectationValidationResult, rows: int) -> tuple[int, int]:
    # Its own share, which `mostly` is compared with, leaves nulls out.
    counts = result.result
    n = counts.get("element_count", rows) - counts.get("missing_count", 0)
    return int(n), int(counts.get("unexpected_count", 0))


def _sum(narrow: pl.DataFrame, entry: Entry[Rule], rows: int) -> tuple[int, int | None]:
    mine = narrow.filter(pl.col("id") == entry.id, pl.col("site") == "all")
    if mine.is_empty():
        return (rows if entry.of_table else 0), None
    return int(mine["n"][0]), int(mine["failed"][0])
