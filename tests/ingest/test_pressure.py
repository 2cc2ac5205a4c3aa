"""Blood pressure in the shapes in which it is typed."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.ingest import pressure
from chronicle.ingest.source import Event


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120/80", (120, 80)),
        ("BP: 132 / 84 mmHg (L arm)", (132, 84)),
        ("120 over 80", (120, 80)),
        ("120 OVER 80", (120, 80)),
        ("120-on-80", (120, 80)),
        ("120 sur 80", (120, 80)),
        ("120\\80", (120, 80)),
        ("98/60-ish", (98, 60)),
        ("BP 120/80.", (120, 80)),
        ("visit 03/14/2021 BP 118/76", (118, 76)),
        ("120/80, again 120/80", (120, 80)),
        # neither dates nor fractions nor scores
        ("1/2 tablet", None),
        ("10/12/2023", None),
        ("10 / 12 / 2023", None),
        ("2023/12/10", None),
        ("31/12", None),
        ("6/10 pain", None),
        ("20/20", None),
        # no pressure that anybody has
        ("80/120", None),
        ("80/80", None),
        ("120/19", None),
        ("301/80", None),
        ("1120/80", None),
        ("120/800", None),
        ("120.5/80", None),
        ("120/80.5", None),
        # more than one, or another unit
        ("120/80 lying, 100/60 standing", None),
        ("120/80/70", None),
        ("16/10.7 kPa", None),
        ("120/80 kPa", None),
        ("12/8 cmHg", None),
        ("not taken", None),
        ("", None),
    ],
)
def test_a_reading_is_told_from_dates_and_fractions(text, expected):
    assert pressure.read(text) == expected


@pytest.mark.parametrize("text", ["12/" * 400_000, "1" * 1_000_000, " " * 1_000_000])
def test_a_text_of_a_megabyte_costs_nothing(text):
    before = time.perf_counter()
    assert pressure.read(text) is None
    assert time.perf_counter() - before < 0.05


@given(st.integers(20, 300), st.integers(20, 300), st.text("aZ: .()", max_size=20))
def test_what_is_read_is_what_was_written(high, low, around):
    found = pressure.read(f"{around} {high}/{low} {around}")
    assert found == ((high, low) if high > low else None)


@given(st.text("0123456789/\\. overnsu-", max_size=200))
def test_a_reading_is_always_one_that_a_person_can_have(text):
    found = pressure.read(text)
    assert found is None or 20 <= found.diastolic < found.systolic <= 300


def parts(*pairs: tuple[str, float | None]) -> list[Event]:
    return [
        Event(code, 0, 0, None, value, None, "mm[Hg]", None, value, None, "kept")
        for code, value in pairs
    ]


S, D, OTHER = pressure.SYSTOLIC, pressure.DIASTOLIC, "LOINC//8867-4"


@pytest.mark.parametrize(
    ("found", "expected", "fate"),
    [
        ([(S, 120), (D, 80)], [120, 80], "kept"),
        ([(D, 80), (S, 120)], [80, 120], "kept"),
        ([(S, 80), (D, 120)], [120, 80], "swapped"),
        ([(D, 120), (S, 80)], [80, 120], "swapped"),
        ([(S, 80), (D, 80)], [None, None], "impossible"),
        ([(S, 45), (D, 135)], [135, 45], "swapped"),
        ([(S, 76), (D, 81)], [None, None], "impossible"),
        ([(S, 60), (D, 65)], [None, None], "impossible"),
        ([(S, 150), (D, 190)], [None, None], "impossible"),
        ([(S, None), (D, 120)], [None, 120], "kept"),
        ([(S, 80), (OTHER, 120)], [80, 120], "kept"),
        ([(S, 80), (S, 120)], [80, 120], "kept"),
    ],
)
def test_exchanged_parts_are_put_right_or_are_none(found, expected, fate):
    righted = pressure.righted(parts(*found))
    assert [each.numeric_value for each in righted] == expected
    assert [each.code for each in righted] == [code for code, _ in found]
    assert {each.value_fate for each in righted} == {fate}
    assert [each.source_value for each in righted] == [value for _, value in found]
