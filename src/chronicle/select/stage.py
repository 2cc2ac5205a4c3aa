"""Stage `select`: data/tables, data/index + a disease -> data/cohorts/<disease>."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
from pydantic import Field

from chronicle.core import params, store, workers
from chronicle.core.disease import Code, Disease, Measures
from chronicle.core.params import Params
from chronicle.core.present import TODAY
from chronicle.core.tables import COHORT, EVENTS, INDEX, PATIENTS
from chronicle.core.until import kept
from chronicle.select import cohort as draw
from chronicle.select import flow, split, weigh
from chronicle.select.cohort import Sight
from chronicle.select.evidence import READ, Words, words

PRESENT = "today"  # the rule whose index times have nothing after them
DEALT = {"test_fraction", "salt", "temporal_test_from", "held_out_sites"}


class SelectParams(Params):
    """Section `select`.

    Args:
        settings: Encounters by a name that disease files use.
        lost_after_days: Without a record for so long a patient is lost to follow-up.
        blur_days: How far `ingest` may shift a patient's dates back.
        test_fraction: Share of patients whom no model sees, by hash of subject_id.
        salt: Of that hash.
        temporal_test_from: First index time of the temporal test, a date.
        held_out_sites: Those of the test by site.
    """

    settings: dict[str, tuple[Code, ...]] = Field(min_length=1)
    lost_after_days: int = Field(gt=0)
    blur_days: int = Field(ge=0)
    test_fraction: float = Field(gt=0, lt=1)
    salt: int
    temporal_test_from: datetime
    held_out_sites: tuple[str, ...]


def run(tables: Path, index: Path, disease: Path, cohort: Path) -> None:
    """Draw one disease's cohort, shard by shard, and weigh it as a whole."""
    settings = params.section("select", SelectParams)
    names = [path.name for path in store.shards(tables / "patients")]
    asked = params.load(disease, Disease)
    measures = params.section("measures", Measures).codes
    drawn = workers.map_shards(
        draw_shard,
        names,
        tables=tables.resolve(),
        index=(index / asked.index).resolve(),
        present=(index / PRESENT).resolve(),
        disease=asked,
        said=words(asked, measures, settings.settings),
        sight=_sight(kept(index / asked.index), settings),
    )
    rows = weigh.by_censoring(pl.concat([rows for rows, *_ in drawn]))
    rows = _dealt(rows, settings, asked.horizon_days)
    counts = sum((steps for _, steps, _ in drawn), Counter())
    with store.folder(cohort) as folder:
        store.write(
            TODAY, pl.concat([now for *_, now in drawn]), folder / "today.parquet"
        )
        columns = list(COHORT.columns)
        store.write(COHORT, rows.select(columns), folder / "cohort.parquet")
        store.write_json(flow.flow(counts, rows), folder / "flow.json")
        # A model keeps it, so that it can be told later what it never saw.
        told = settings.model_dump(mode="json", include=DEALT)
        store.write_json(told | {"sites": split.sites(rows)}, folder / "splits.json")


def _dealt(rows: pl.DataFrame, settings: SelectParams, horizon: int) -> pl.DataFrame:
    rows = split.by_patient(rows, settings.test_fraction, salt=settings.salt)
    rows = split.by_time(
        rows,
        settings.temporal_test_from,
        horizon_days=horizon,
        blur_days=settings.blur_days,
    )
    return split.by_site(rows, settings.held_out_sites)


def _sight(last: datetime | None, settings: SelectParams) -> Sight:
    """Say how long people are seen: to the end of the data, less what may be shifted.

    A patient whose dates are shifted far is seen no longer than that by the calendar of
    one whose dates are not.
    """
    blur = timedelta(days=settings.blur_days)
    return Sight(settings.lost_after_days, None if last is None else last - blur)


def draw_shard(
    name: str,
    *,
    tables: Path,
    index: Path,
    present: Path,
    disease: Disease,
    said: Words,
    sight: Sight,
) -> tuple[pl.DataFrame, Counter[tuple[str, str]], pl.DataFrame]:
    """Draw the patients of one shard, and say who of them is at risk today."""
    patients = store.read(PATIENTS, tables / "patients" / name)
    events = store.read(EVENTS, tables / "events" / name, columns=READ)
    drawn = draw.cohort(
        patients, events, store.read(INDEX, index / name), disease, said, sight
    )
    now = store.read(INDEX, present / name)
    return *drawn, draw.today(patients, events, now, disease, said)
