"""The engine beside a brute-force oracle, on histories that nobody would think of."""

import math
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from chronicle.core.tables import EVENTS
from chronicle.featurize.known import KEY
from tests.drawn import INDEX
from tests.featurize import plain
from tests.featurize.oracle import oracle

CODES = (
    plain.HBA1C, plain.SBP, "LOINC//8459-0", plain.ASKED, plain.STROKE, plain.STATIN,
    plain.VISIT, "ENCOUNTER//VR", "SNOMED//1",
)  # fmt: skip
CLOSE = ("_sd_", "_slope_")  # all others are equal to the last bit of a Float32

single = st.floats(width=32, allow_nan=False, allow_infinity=False)
value = st.one_of(
    st.integers(-8, 8).map(lambda eighths: 100 + eighths / 8),
    st.floats(0, 2**20, width=32),
    st.floats(-(2**20), 2**20, width=32),
    st.none(),
)
# On borders of windows and off them, by microseconds and by years.
time = st.one_of(
    st.sampled_from((0, 30, 90, 365)).map(lambda days: INDEX - timedelta(days=days)),
    st.integers(-4000, 800).map(lambda days: INDEX + timedelta(days=days)),
    st.datetimes(datetime(1990, 1, 1), datetime(2021, 1, 1)),
    st.tuples(st.sampled_from((-365, -90, 0)), st.sampled_from((-1, 1))).map(
        lambda near: INDEX + timedelta(days=near[0], microseconds=near[1])
    ),
)
late = st.one_of(
    st.just(timedelta()),
    st.just(timedelta()),
    st.integers(0, 400).map(lambda days: timedelta(days=days)),
)
event = st.fixed_dictionaries(
    {
        "subject_id": st.integers(1, 4),
        "time": time,
        "late": late,
        "code": st.sampled_from(CODES),
        "numeric_value": value,
        "text_value": st.sampled_from((plain.SMOKES, plain.QUIT, None)),
        "provenance": st.integers(1, 6).map(lambda n: f"Observation/{n}"),
    }
)
history = st.lists(event, max_size=60)
indices = st.lists(
    st.tuples(st.integers(1, 4), time), min_size=1, max_size=8, unique=True
)


def table(drawn: list[dict]) -> pl.DataFrame:
    rest = {"resource_type": "Observation", "site": "-"}
    rows = [
        dict.fromkeys(EVENTS.schema)
        | rest
        | {name: each[name] for name in each if name != "late"}
        | {"available_time": each["time"] + each["late"]}
        for each in drawn
    ]
    return pl.DataFrame(rows, EVENTS.schema, orient="row")


def index(drawn: list[tuple[int, datetime]]) -> pl.DataFrame:
    schema = {"subject_id": pl.Int64, "prediction_time": pl.Datetime("us")}
    return pl.DataFrame(drawn, schema, orient="row")


def agree(name: str, found: float | None, wanted: float | None) -> bool:
    if wanted is None or found is None:
        return wanted is found
    if any(each in name for each in CLOSE):
        return math.isclose(found, wanted, rel_tol=1e-6, abs_tol=1e-7)
    return found == float(np.float32(wanted))


def disagreement(drawn: list[dict], rows: list[tuple[int, datetime]]) -> dict:
    events = table(drawn)
    matrix = plain.features(events, index(rows))
    assert matrix.height == len(rows)
    dicts, wrong = events.to_dicts(), {}
    for row in matrix.to_dicts():
        mine = [each for each in dicts if each["subject_id"] == row["subject_id"]]
        wanted = oracle(mine, row["prediction_time"], plain.WANTED, plain.MEASURES)
        assert set(row) == set(wanted) | {*KEY, "age_years", "female"}
        wrong |= {
            name: (row[name], wanted[name])
            for name in wanted
            if not agree(name, row[name], wanted[name])
        }
    return wrong


@settings(max_examples=250)
@given(drawn=history, rows=indices)
def test_the_engine_says_what_plain_python_says(drawn, rows):
    assert disagreement(drawn, rows) == {}
