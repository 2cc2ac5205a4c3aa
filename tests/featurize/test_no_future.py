"""The property that the project stands or falls by."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from chronicle.featurize.assemble import assemble
from chronicle.featurize.known import known
from tests.drawn import NAMES, events, index_rows, patients
from tests.featurize.plain import NO_LEAKS, SETTINGS

CODES = (
    "LOINC//4548-4",
    "LOINC//8480-6",
    "LOINC//72166-2",
    "SNOMED//230690007",
    "ENCOUNTER//AMB",
    "SNOMED//1",
)
PEOPLE = patients("ann 1950 female\nbob 1960 male\ncid 1970 other\ndot 1980 female")


@st.composite
def lines(draw, days, known):
    """Draw events of four people, of every kind that makes a feature."""
    name = draw(st.sampled_from(NAMES))
    code = draw(st.sampled_from(CODES))
    at = draw(days)
    answer = draw(st.sampled_from(("SNOMED//449868002", "SNOMED//8517006")))
    value, seen = draw(st.integers(1, 20)), at + draw(known)
    return f"{name} {at} {code} {value}.0 known={seen} text={answer}"


past = st.lists(lines(st.integers(-2000, 0), st.just(0)), max_size=25)
happens_later = lines(st.integers(1, 2000), st.just(0))
reported_later = lines(st.integers(-2000, 0), st.integers(2001, 4000))
future = st.lists(st.one_of(happens_later, reported_later), max_size=25)


def features(drawn: list[str]) -> pl.DataFrame:
    rows = index_rows(*NAMES)
    return assemble(
        rows, PEOPLE, known(rows, events("\n".join(drawn)), NO_LEAKS), **SETTINGS
    )


@given(past=past, future=future)
def test_what_happens_or_is_reported_later_changes_no_feature(past, future):
    assert features(past + future).equals(features(past))


@given(past=past)
def test_the_order_of_events_changes_no_feature(past):
    assert features(past[::-1]).equals(features(past))


def test_the_past_does_change_features():
    drawn = ["ann -10 LOINC//4548-4 6.0", "bob -10 ENCOUNTER//AMB"]
    assert not features(drawn).equals(features([]))
