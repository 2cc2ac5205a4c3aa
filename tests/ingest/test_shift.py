"""Dates move by a patient's own number of weeks; nobody is told to be older than 90."""

from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.core.tables import EVENTS, PATIENTS
from chronicle.ingest import shift
from chronicle.ingest.keys import DEMO, derived
from tests.bundles import bundle, patient, record, write
from tests.conftest import KEYS
from tests.drawn import risks

TIMES = ("time", "available_time", "end_time")


def tables(rows: list[tuple], people: dict[int, tuple]) -> tuple:
    """Return patients `{id: (birth, death)}` and events `(id, code, time)`."""
    events = pl.DataFrame(
        [(who, code, when, when, when) for who, code, when in rows],
        {"subject_id": pl.Int64, "code": pl.String}
        | {name: EVENTS.schema[name] for name in TIMES},
        orient="row",
    )
    patients = pl.DataFrame(
        [(who, *each) for who, each in people.items()],
        {n: PATIENTS.schema[n] for n in ("subject_id", "birth_date", "death_time")},
        orient="row",
    )
    return patients, events


days = st.datetimes(datetime(1970, 1, 1), datetime(2030, 1, 1))


@given(
    st.lists(st.tuples(st.integers(1, 3), st.just("X//1"), days), min_size=1),
    days.map(datetime.date),
    st.integers(1, 520),
)
def test_intervals_and_weekdays_stay_and_the_move_is_one_for_all(rows, born, weeks):
    people = dict.fromkeys((1, 2, 3), (born, None))
    before = tables(rows, people)
    after = shift.protected(*before, KEYS, weeks)
    moves = dict(shift.by_subject(before[0]["subject_id"], KEYS, weeks).iter_rows())
    assert all(1 <= each <= weeks for each in moves.values())
    for old, new in zip(before, after, strict=True):
        assert new.schema == old.schema
        for name in (n for n, kind in old.schema.items() if kind.is_temporal()):
            for who, was, became in zip(
                old["subject_id"], old[name], new[name], strict=True
            ):
                moved = None if was is None else was - timedelta(weeks=moves[who])
                assert became == moved


def test_another_patient_and_another_key_move_otherwise():
    people = pl.Series(range(1, 2001), dtype=pl.Int64)
    ours = shift.by_subject(people, KEYS, 52)["weeks"]
    theirs = shift.by_subject(people, derived(DEMO), 52)["weeks"]
    assert set(ours) == set(range(1, 53))
    assert (ours == theirs).sum() < 100
    assert ours.equals(shift.by_subject(people, KEYS, 52)["weeks"])


def test_without_weeks_dates_stay_true():
    before = tables([(1, "X//1", datetime(2011, 5, 1))], {1: (date(1950, 3, 1), None)})
    for old, new in zip(before, shift.protected(*before, KEYS, 0), strict=True):
        assert new.equals(old)


def test_the_first_of_all_dates_moves_no_further():
    before = tables([(1, "X//1", datetime(1, 1, 3))], {1: (date(1, 1, 2), None)})
    patients, events = shift.protected(*before, KEYS, 52)
    assert patients["birth_date"].to_list() == [date(1, 1, 1)]
    assert events["time"].to_list() == [datetime(1, 1, 1)]


@pytest.mark.parametrize(
    ("born", "last", "died", "told"),
    [
        pytest.param("1930-05-02", "2020-05-01", None, "1930-05-02", id="89 stays"),
        pytest.param("1930-05-01", "2020-05-01", None, "1930-05-01", id="90 is 90"),
        pytest.param("1920-01-01", "2020-05-01", None, "1930-05-01", id="100 is 90"),
        pytest.param("1920-01-01", "2000-05-01", "2015-06-07", "1925-06-07", id="dead"),
        pytest.param("1897-06-01", "2020-02-29", None, "1930-02-28", id="leap day"),
        pytest.param("1950-01-01", "2079-05-01", None, "1950-01-01", id="a mistake"),
        pytest.param(
            "1950-01-01", "2079-05-01", "2016-01-01", "1950-01-01", id="long dead"
        ),
    ],
)
def test_nobody_is_told_to_be_older_than_90(born, last, died, told):
    birth, at = datetime.fromisoformat(born), datetime.fromisoformat(last)
    death = datetime.fromisoformat(died) if died else None
    rows = [(1, "MEDS_BIRTH", birth), (1, "X//1", at), (2, "MEDS_BIRTH", birth)]
    people = {1: (birth.date(), death), 2: (birth.date(), None)}
    patients, events = shift.protected(*tables(rows, people), KEYS, 0)
    wanted = date.fromisoformat(told)
    assert patients["birth_date"].to_list() == [wanted, birth.date()]
    of = events.filter(pl.col("code") == "MEDS_BIRTH")
    assert of["time"].dt.date().to_list() == [wanted, birth.date()]
    assert of["available_time"].dt.date().to_list() == [wanted, birth.date()]
    assert events["time"][1] == at


def told(folder: str) -> pl.DataFrame:
    return pl.read_parquet(f"data/{folder}/*.parquet").sort(pl.all())


def test_all_tables_of_a_patient_move_alike(ingest, project):
    names = [f"p{number}" for number in range(8)]
    death = {"deceasedDateTime": "2019-05-06T07:08:09Z"}
    people = [[patient(each, **death), *record(each)[1:]] for each in names]
    write(Path("landing"), all=bundle(*(each for some in people for each in some)))
    risk = risks("\n".join(f"{name} 0 9 0.5" for name in names))
    risk.write_parquet("risks/x.parquet")
    tables = ("tables/patients", "tables/events", "comparators")
    ingest()
    true = [told(each) for each in tables]
    params = project / "params.yaml"
    params.write_text(params.read_text().replace("shift_weeks: 0", "shift_weeks: 52"))
    ingest()
    moves: dict[int, set[timedelta]] = {}
    for before, after in zip(true, map(told, tables), strict=True):
        assert before.height == after.height >= len(names)
        for name in (n for n, kind in before.schema.items() if kind.is_temporal()):
            rows = zip(before["subject_id"], before[name], after[name], strict=True)
            for who, was, became in rows:
                if was is not None:
                    moves.setdefault(who, set()).add(was - became)
    assert len(moves) == len(names)
    assert all(len(each) == 1 for each in moves.values())
    weeks = {each / timedelta(weeks=1) for (each,) in moves.values()}
    assert weeks <= set(range(1, 53))
    assert len(weeks) > 1


def test_who_has_no_birth_date_has_no_age_to_cap():
    before = tables([(1, "X//1", datetime(2011, 5, 1))], {1: (None, None)})
    patients, events = shift.protected(*before, KEYS, 0)
    assert patients.equals(before[0])
    assert events.equals(before[1])
