"""Stage `export`: checked tables, cohorts -> a MEDS data set; nothing here reads it."""

from pathlib import Path

import polars as pl

from chronicle.core import store, workers
from chronicle.core.tables import COHORT, EVENTS, PATIENTS
from chronicle.export.data import DATA, measurements
from chronicle.export.metadata import CODES, SPLITS, about, splits
from chronicle.export.task import LABELS, labels

Cohorts = dict[str, pl.DataFrame]


def run(tables: Path, cohorts: Path, meds: Path) -> None:
    """Write a MEDS data set of all patients, and the labels of every cohort."""
    found = sorted(cohorts.glob("*/cohort.parquet"))
    drawn = {path.parent.name: store.read(COHORT, path) for path in found}
    patients = store.read(PATIENTS, tables / "patients", columns=["subject_id"])
    split = splits(patients, drawn.values())
    with store.folder(meds) as folder:
        codes = workers.map_shards(
            write_shard,
            [path.name for path in store.shards(tables / "patients")],
            tables=tables.resolve(),
            meds=folder.resolve(),
            split=split,
            cohorts=drawn,
        )
        metadata = folder / "metadata"
        store.write(CODES, pl.concat(codes).unique(), metadata / "codes.parquet")
        store.write(SPLITS, split, metadata / "subject_splits.parquet")
        store.write_json(about(), metadata / "dataset.json")


def write_shard(
    name: str, *, tables: Path, meds: Path, split: pl.DataFrame, cohorts: Cohorts
) -> pl.DataFrame:
    """Write data and labels of one shard, those of each split apart; return its codes.

    MEDS-Tab and others find the labels of `data/<split>/<shard>` by these two names.
    """
    patients = store.read(PATIENTS, tables / "patients" / name)
    data = measurements(store.read(EVENTS, tables / "events" / name), patients)
    here = split.join(patients, on="subject_id", how="semi")
    for (word,), some in here.group_by("split"):
        place = Path(str(word), name)
        mine = data.join(some, on="subject_id", how="semi")
        store.write(DATA, mine, meds / "data" / place)
        for task, rows in cohorts.items():
            asked = rows.join(some, on="subject_id", how="semi")
            store.write(LABELS, labels(asked), meds / "labels" / task / place)
    return data.select(
        pl.col("code").unique(),
        description=pl.lit(None, pl.String),
        parent_codes=pl.lit(None, pl.List(pl.String)),
    )
