"""Stage `select`: data/tables, data/index + a disease -> data/cohorts/<disease>."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import polars as pl
from pydantic import Field

from chronicle.core import params, store, workers
from chronicle.core.disease import Disease
from chronicle.core.params import Params
from chronicle.core.tables import COHORT, EVENTS, INDEX, PATIENTS
from chronicle.select import cohort as draw
from chronicle.select import flow, split, weigh


class SelectParams(Params):
    """Section `select`.

    Args:
        lost_after_days: Without a record for so long a patient is lost to follow-up.
        test_fraction: Share of patients whom no model sees, by hash of subject_id.
        salt: Of that hash.
    """

    lost_after_days: int = Field(gt=0)
    test_fraction: float = Field(gt=0, lt=1)
    salt: int


def run(tables: Path, index: Path, disease: Path, cohort: Path) -> None:
    """Draw one disease's cohort, shard by shard, and weigh it as a whole."""
    settings = params.section("select", SelectParams)
    names = [path.name for path in store.shards(tables / "patients")]
    asked = params.load(disease, Disease)
    events = pl.scan_parquet(store.shards(tables / "events"))
    drawn = workers.map_shards(
        draw_shard,
        names,
        tables=tables.resolve(),
        index=(index / asked.index).resolve(),
        disease=asked,
        settings=settings,
        data_end=events.select(pl.col("time").max()).collect().item(),
    )
    rows = weigh.by_censoring(pl.concat([rows for rows, _ in drawn]))
    rows = split.by_patient(rows, settings.test_fraction, salt=settings.salt)
    counts = sum((steps for _, steps in drawn), Counter())
    with store.folder(cohort) as folder:
        store.write(COHORT, rows, folder / "cohort.parquet")
        store.write_json(flow.flow(counts, rows), folder / "flow.json")


def draw_shard(
    name: str,
    *,
    tables: Path,
    index: Path,
    disease: Disease,
    settings: SelectParams,
    data_end: datetime | None,
) -> tuple[pl.DataFrame, Counter[tuple[str, str]]]:
    """Draw the patients of one shard."""
    return draw.cohort(
        store.read(PATIENTS, tables / "patients" / name),
        store.read(EVENTS, tables / "events" / name),
        store.read(INDEX, index / name),
        disease,
        lost_after_days=settings.lost_after_days,
        data_end=data_end,
    )
