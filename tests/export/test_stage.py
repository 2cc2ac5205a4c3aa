"""A MEDS data set: nobody who reads it needs to know what Chronicle adds."""

from pathlib import Path

import polars as pl
import pytest

from chronicle.core import store
from chronicle.core.tables import COHORT, EVENTS, PATIENTS
from tests.conftest import digests
from tests.drawn import day, events, number, patients

DRAWN = """
    ann -7300 MEDS_BIRTH
    ann  -400 SNOMED//44054006 status=refuted
    ann   -20 LOINC//4548-4 6.4 known=5
    ann   -10 LOINC//72166-2 text=SNOMED//449868002
    bob   -30 ICD10CM//I10
    bob    40 MEDS_DEATH known=60
"""
PEOPLE = "ann 1999 female\nbob 1960 male\ncid 1970 other"
# `name day status split`
ROWS = {"a": "ann 0 onset test\nann 365 censored test", "b": "bob 0 death train"}


def cohort(text: str) -> pl.DataFrame:
    rows = []
    for line in text.splitlines():
        name, at, status, split = line.split()
        rows.append(
            dict.fromkeys(COHORT.schema, split)
            | {"subject_id": number(name), "prediction_time": day(float(at))}
            | {"status": status, "time_days": 9.0, "weight": 1.0}
            | {"boolean_value": {"onset": True, "censored": None}.get(status, False)}
        )
    return pl.DataFrame(rows, COHORT.schema, orient="row")


@pytest.fixture
def meds(run) -> Path:
    people, drawn = patients(PEOPLE), events(DRAWN)
    for shard in (0, 1):
        mine = pl.col("subject_id") % 2 == shard
        for table, frame in ((PATIENTS, people), (EVENTS, drawn)):
            store.write(
                table, frame.filter(mine), Path(f"t/{table.name}/{shard}.parquet")
            )
    for name, text in ROWS.items():
        store.write(COHORT, cohort(text), Path(f"c/{name}/cohort.parquet"))
    run("export", "t", "c", "meds")
    return Path("meds")


def data(meds: Path) -> pl.DataFrame:
    return pl.concat(
        [pl.read_parquet(path) for path in sorted((meds / "data").rglob("*.parquet"))]
    )


def test_what_is_said_stands_at_the_time_at_which_it_was_known(meds):
    ann = data(meds).filter(pl.col("subject_id") == number("ann"))
    assert ann.select("time", "code").rows() == [
        (None, "GENDER//female"),
        (day(-7300), "MEDS_BIRTH"),
        (day(-10), "LOINC//72166-2"),
        (day(5), "LOINC//4548-4"),
    ]
    assert ann["event_time"].to_list()[-1] == day(-20)


def test_a_death_stands_at_its_time_and_what_nobody_asserts_nowhere(meds):
    found = data(meds)
    death = found.filter(pl.col("code") == "MEDS_DEATH")
    assert death["time"].to_list() == [day(40)]
    assert "SNOMED//44054006" not in found["code"].to_list()


def test_codes_splits_and_labels_tell_of_the_data_and_of_no_more(meds):
    codes = pl.read_parquet(meds / "metadata/codes.parquet")["code"].to_list()
    assert codes == sorted(set(data(meds)["code"]))
    splits = pl.read_parquet(meds / "metadata/subject_splits.parquet")["split"]
    assert splits.to_list() == ["held_out", "train", "train"]
    labels = pl.read_parquet(meds / "labels/a/held_out/1.parquet")
    # Who was lost before it was known has no label.
    assert labels.rows() == [(number("ann"), day(0), True)]


def test_the_export_does_not_depend_on_where_it_is_made(meds, run, monkeypatch):
    alone = digests(meds)
    monkeypatch.setenv("CHRONICLE_WORKERS", "2")
    run("export", "t", "c", "meds")
    assert digests(meds) == alone
