"""The reasons of today's risks: more people than have a page, and less of each.

python -m chronicle.explain.today COHORTS FEATURES CHAMPIONS REASONS

The first command of stage `score`. The parts are those of `Explained`, so what is told
of a person today is what a page would tell.
"""

import json
import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from pydantic import ConfigDict, Field

from chronicle.core import params, store
from chronicle.core.errors import PipelineError, UsageError
from chronicle.core.params import Params
from chronicle.core.present import REASONS, TODAY
from chronicle.core.tables import FEATURES
from chronicle.explain.concepts import grouped
from chronicle.explain.explained import LEAST_PART, Explained, explained
from chronicle.explain.facts import dates
from chronicle.explain.stage import KEY, features_of
from chronicle.explain.wanted import ExplainParams

log = logging.getLogger(__name__)
PRESENT = "today"  # the index rule
TOGETHER = 20_000  # people, whose parts are in memory at once


class TodayParams(Params):
    """`diseases`: those that run. Other keys are other stages'."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    diseases: tuple[str, ...] = Field(min_length=1)


def main(words: list[str]) -> int:
    """Write the reasons of each disease; return the code of `core/errors.py`."""
    try:
        if len(words) != 4:
            raise UsageError(
                "four folders are needed.",
                where="command line",
                do="see stage `score` in dvc.yaml",
            )
        run(*map(Path, words))
    except PipelineError as failure:
        log.error("%s: %s", type(failure).__name__, failure)
        return failure.exit_code
    return 0


def run(cohorts: Path, features: Path, champions: Path, reasons: Path) -> None:
    """Write the reasons of each disease that has a model in use which can be asked."""
    settings = params.section("explain", ExplainParams)
    matrix = features / PRESENT
    dictionary = store.read_json(matrix / "dictionary.json")
    made = {each["name"] for each in dictionary}
    with store.folder(reasons) as folder:
        for slug in params.load(params.FILE, TodayParams).diseases:
            model = champions / slug / "model"
            if not (model / "model.json").exists():
                continue
            about = store.read_json(model / "model.json")
            if set(about["features"]) - made:
                continue  # `score` has refused it
            rows = store.read(TODAY, cohorts / slug / "today.parquet").filter(
                pl.col("out").is_null()
            )
            told = [REASONS.empty()]
            for some in rows.iter_slices(TOGETHER):
                told.append(_told(some, matrix, model, about, dictionary, settings))
            store.write(REASONS, pl.concat(told), folder / f"{slug}.parquet")


def _told(
    rows: pl.DataFrame,
    matrix: Path,
    model: Path,
    about: dict[str, Any],
    dictionary: list[dict[str, Any]],
    settings: ExplainParams,
) -> pl.DataFrame:
    columns = about["features"]
    groups = grouped(dictionary, columns, settings)
    when = dates(groups, [each["name"] for each in dictionary])
    read = [*KEY, *columns, *when]
    table = rows.join(
        store.read(FEATURES, matrix, columns=read, rows=rows.select(KEY)),
        on=KEY,
        maintain_order="left",
    )
    found = explained(model / "model.txt", about, features_of(table, columns), groups)
    days = {n: table[n].cast(pl.Float64).fill_null(np.nan).to_list() for n in when}
    told = [
        first(found, at, settings, {name: each[at] for name, each in days.items()})
        for at in range(table.height)
    ]
    return table.select(
        *KEY,
        risk=pl.Series(found.risk, dtype=pl.Float64).round(store.METRIC_DIGITS),
        base_risk=pl.lit(round(found.base_risk, store.METRIC_DIGITS)),
        reasons=pl.Series([json.dumps(each, sort_keys=True) for each, _ in told]),
        rest=pl.Series([rest for _, rest in told], dtype=pl.Float64),
    )


def first(
    found: Explained, at: int, settings: ExplainParams, beside: Mapping[str, float]
) -> tuple[list[dict[str, Any]], float]:
    """Return the greatest reasons of one person, and the part of all that is left.

    Args:
        found: Of n people.
        at: Of the n.
        settings: Section `explain`: `reasons` at most.
        beside: Columns that the model does not read, from `facts.dates`.
    """
    parts, groups = found.lines[at], found.groups
    # By what is written: two parts that only differ beyond it keep their order.
    by = np.argsort(-np.abs(parts.round(store.METRIC_DIGITS)), kind="stable")
    row = {**beside, **found.row(at)}
    told = [
        {"concept": groups.concepts[groups.concept_of[groups.facts[i][0]]]}
        | found.reason(at, int(i), row, settings.ranges)
        for i in by[: settings.reasons]
        if abs(parts[i]) >= LEAST_PART
    ]
    named = sum(each["part"] for each in told)
    rest = round(float(parts.sum()) - named, store.METRIC_DIGITS)
    return [dict(store.rounded(each)) for each in told], rest  # type: ignore[call-overload]


if __name__ == "__main__":
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    sys.exit(main(sys.argv[1:]))
