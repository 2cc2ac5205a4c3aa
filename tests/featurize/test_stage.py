"""The stage, on tables drawn into two shards or into one."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from chronicle.core import store
from chronicle.core.tables import EVENTS, FEATURES, INDEX, PATIENTS
from tests.conftest import digests
from tests.drawn import NAMES, events, index_rows
from tests.featurize.plain import PEOPLE

DRAWN = """
    ann  -400  LOINC//4548-4  6.1
    ann   -20  LOINC//4548-4  6.4
    ann   -10  LOINC//4548-4  9.9  known=1
    bob   -20  LOINC//8480-6  140
    bob   -10  ENCOUNTER//AMB
    cid   -10  ICD10CM//I48.0
    dot   -10  RXNORM//83367
"""


@pytest.fixture
def matrix(run):
    """Draw tables in so many shards; return the matrix that the stage makes."""

    def made(shards: int) -> pl.DataFrame:
        shutil.rmtree("tables", ignore_errors=True)
        for shard in range(shards):
            mine = pl.col("subject_id") % shards == shard
            for table, frame, folder in (
                (PATIENTS, PEOPLE, "tables/patients"),
                (EVENTS, events(DRAWN), "tables/events"),
                (INDEX, index_rows(*NAMES), "index"),
            ):
                store.write(table, frame.filter(mine), Path(folder, f"{shard}.parquet"))
        run("featurize", "tables", "index", "features")
        return store.read(FEATURES, Path("features")).sort("subject_id")

    return made


def test_the_dictionary_tells_of_every_column_in_its_order(matrix):
    columns = matrix(1).columns
    told = store.read_json(Path("features/dictionary.json"))
    assert [each["name"] for each in told] == columns[2:]
    assert all(each["meaning"] and each["unit"] for each in told)


def test_params_and_tables_meet_in_the_matrix(matrix):
    ann, bob, cid, dot = matrix(1).rows(named=True)
    assert (ann["hba1c_last_90d"], ann["hba1c_count_ever"]) == (pytest.approx(6.4), 2)
    assert (bob["sbp_mean_365d"], bob["visits_90d"]) == (140, 1)
    assert (cid["atrial_fibrillation_ever"], dot["statin_active"]) == (1, 1)


def test_shards_change_no_value(matrix):
    assert matrix(2).equals(matrix(1))


def test_workers_change_no_byte(matrix, monkeypatch):
    matrix(2)
    alone = digests(Path("features"))
    monkeypatch.setenv("CHRONICLE_WORKERS", "2")
    matrix(2)
    assert digests(Path("features")) == alone
