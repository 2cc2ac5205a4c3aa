"""The property that the project stands or falls by."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from chronicle.featurize import assemble
from tests.drawn import NAMES, events, index_rows
from tests.featurize import plain
from tests.featurize.test_oracle import history, index, indices, table

CODES = (plain.HBA1C, plain.SBP, plain.ASKED, plain.STROKE, plain.STATIN, plain.VISIT)


@st.composite
def lines(draw, days, known):
    """Draw events of four people, of every kind that makes a feature."""
    name = draw(st.sampled_from(NAMES))
    code = draw(st.sampled_from((*CODES, "SNOMED//1")))
    at = draw(days)
    answer = draw(st.sampled_from((plain.SMOKES, plain.QUIT)))
    value, seen = draw(st.integers(1, 20)), at + draw(known)
    return f"{name} {at} {code} {value}.3 known={seen} text={answer}"


past = st.lists(lines(st.integers(-2000, 0), st.just(0)), max_size=25)
happens_later = lines(st.integers(1, 2000), st.just(0))
reported_later = lines(st.integers(-2000, 0), st.integers(2001, 4000))
future = st.lists(st.one_of(happens_later, reported_later), max_size=25)


def as_bytes(frame: pl.DataFrame) -> bytes:
    """Return every value to the last bit; a null is one bit pattern."""
    return frame.to_numpy().tobytes() + str(frame.schema).encode()


def bytes_of(drawn: list[str]) -> bytes:
    return as_bytes(plain.features("\n".join(drawn)))


@given(past=past, future=future)
def test_what_happens_or_is_reported_later_changes_no_byte(past, future):
    assert bytes_of(past + future) == bytes_of(past)


@given(past=past)
def test_the_order_of_events_changes_no_byte(past):
    assert bytes_of(past[::-1]) == bytes_of(past)


@settings(max_examples=50)
@given(drawn=history, rows=indices)
def test_an_index_time_sees_the_same_whoever_else_is_there(drawn, rows):
    whole = plain.features(table(drawn), index(rows))
    for at, row in enumerate(whole.select("subject_id", "prediction_time").rows()):
        # Alone: no other patient, no other index time, and nothing not yet known.
        subject, time = row
        known = [
            each
            for each in drawn
            if each["subject_id"] == subject and each["time"] + each["late"] <= time
        ]
        alone = plain.features(table(known), index([row]))
        assert as_bytes(alone) == as_bytes(whole[at])


@settings(max_examples=50)
@given(drawn=history, rows=indices)
def test_how_many_are_worked_on_together_changes_no_byte(drawn, rows):
    events_, rows_ = table(drawn), index(rows)
    together = assemble.TOGETHER
    assemble.TOGETHER = 1
    try:
        apart = plain.features(events_, rows_)
    finally:
        assemble.TOGETHER = together
    assert as_bytes(apart) == as_bytes(plain.features(events_, rows_))


def test_the_past_does_change_features():
    drawn = ["ann -10 LOINC//4548-4 6.0", "bob -10 ENCOUNTER//AMB"]
    assert bytes_of(drawn) != bytes_of([])


def test_bytes_tell_a_null_from_a_number():
    rows = index_rows("ann")
    made = [
        plain.features(events(text), rows) for text in ("", "ann 0 LOINC//4548-4 0")
    ]
    assert as_bytes(made[0]) != as_bytes(made[1])
