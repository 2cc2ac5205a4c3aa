"""One unit for each measure, whatever the site writes."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.ingest import measures, units
from chronicle.ingest.units import Measured, to_kept_unit

HBA1C, GLUCOSE, WEIGHT = "LOINC//4548-4", "LOINC//2345-7", "LOINC//29463-7"
GLUCOSE_BY_MOLE, PLATELETS, PROTEIN = "LOINC//14749-6", "LOINC//777-3", "LOINC//2885-2"


@pytest.mark.parametrize(
    ("code", "value", "unit", "coded", "expected", "fate"),
    [
        (HBA1C, 7, "%", None, 7, "kept"),
        (HBA1C, 53, "mmol/mol", None, 7.0, "converted"),
        ("LOINC//59261-8", 53, "mmol/mol", None, 7.0, "converted"),
        (GLUCOSE_BY_MOLE, 5.5, "mmol/L", None, 99.09, "converted"),
        (GLUCOSE, 99, "MG / DL", None, 99, "kept"),
        # G/L is a gram or a giga: the measure decides
        (PROTEIN, 70, "G/L", None, 7.0, "converted"),
        (PLATELETS, 250, "G/L", None, 250, "converted"),
        # what is written for people, and what for machines
        (GLUCOSE, 5.5, "mmol per litre", "mmol/L", 99.09, "converted"),
        (GLUCOSE, 5.5, "mmol/L", "u-17", 99.09, "converted"),
        (GLUCOSE, 99, "mg/dl", "mg/dL", 99, "kept"),
        (GLUCOSE, 5.5, "mmol/L", "mg/dL", None, "unit-conflict"),
        # a code by mole beside a unit by mass: believed as long as the number is usual
        (GLUCOSE, 20, "mmol/L", None, 360.3, "converted"),
        (GLUCOSE, 98, "mmol/L", None, None, "unit-conflict"),
        (GLUCOSE_BY_MOLE, 98, "mg/dL", None, 98, "kept"),
        (GLUCOSE_BY_MOLE, 39, "mg/dL", None, None, "unit-conflict"),
        # no value
        (GLUCOSE, 99, None, None, None, "unit-missing"),
        (GLUCOSE, 99, "N/A", "1", None, "unit-missing"),
        (GLUCOSE, 99, "furlongs", None, None, "unit-unknown"),
        ("LOINC//10835-7", 30, "nmol/L", None, None, "unit-unknown"),
        (GLUCOSE, 5.5, "mg/dL", None, None, "impossible"),
        (HBA1C, 53, "%", None, None, "impossible"),
        (HBA1C, 9999, "%", None, None, "sentinel"),
        (HBA1C, -1, "%", None, None, "sentinel"),
        (HBA1C, 0, "%", None, None, "sentinel"),
        ("LOINC//2571-8", 9999, "mg/dL", None, None, "sentinel"),
        ("LOINC//2571-8", 9998, "mg/dL", None, 9998, "kept"),
        ("LOINC//1988-5", 0, "mg/L", None, 0, "kept"),
        # children weigh less
        (WEIGHT, 3.2, "kg", None, 3.2, "kept"),
        (WEIGHT, 0.3, "kg", None, None, "impossible"),
        # not ours to judge
        ("LOINC//99999-9", -7, "mg/dl", None, -7, "no-measure"),
        ("LOINC//44261-6", 12, None, None, 12, "kept"),
    ],
)
def test_a_number_comes_in_the_unit_that_is_kept_or_not_at_all(
    code, value, unit, coded, expected, fate
):
    found = to_kept_unit(code, value, unit, coded)
    assert found.fate == fate
    assert found.value == (expected and pytest.approx(expected, abs=0.05))
    assert (found.unit is None) == (expected is None)


def test_urea_weighed_is_not_urea_nitrogen():
    assert to_kept_unit("LOINC//3091-6", 30, "mg/dL").fate == "no-measure"
    assert to_kept_unit("LOINC//22664-7", 5, "mmol/L").value == pytest.approx(14, 0.01)


@pytest.mark.parametrize("spelling", [row["raw_unit"] for row in units._spellings()])
def test_every_spelling_of_our_table_is_understood_in_any_case(spelling):
    meant = units.spelled(spelling)
    if units._says_something(spelling):
        assert meant
        # Longer than a letter or two, no two spellings differ by case alone.
        loud = units.spelled(f" {spelling.upper()} ")
        assert set(loud) & set(meant)


def test_every_rule_of_our_tables_speaks_of_a_measure_there_is():
    known = {row["measure_id"] for row in measures.rows("measurements.csv")}
    for name in ("unit_conversions.csv", "loinc_aliases.csv"):
        assert {row["measure_id"] for row in measures.rows(name)} <= known


def test_limits_lie_inside_each_other_and_the_usual_inside_them():
    for measure in map(measures.of, measures.codes()):
        (low, high), (least, most), adult = measure.hard, measure.soft, measure.adult
        assert low <= adult[0] <= least <= most <= adult[1] <= high, measure.name


def test_our_tables_are_read_whatever_ends_their_lines():
    for name in ("measurements.csv", "unit_aliases.csv"):
        with (measures.HERE / name).open(newline="") as file:
            assert not [row for row in csv.DictReader(file) if None in row]


CODES = st.sampled_from(measures.codes())
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(CODES, NUMBERS, st.text(max_size=12), st.none() | st.text(max_size=12))
def test_whatever_the_unit_a_number_is_in_its_limits_or_none(code, value, unit, coded):
    found = to_kept_unit(code, value, unit, coded)
    measure = measures.of(code)
    if found.value is not None:
        assert measure.hard[0] <= found.value <= measure.hard[1]
        assert found.unit == measure.unit
    else:
        assert found == Measured(None, None, found.fate)


@given(CODES, st.floats(0.001, 1000), st.floats(0.001, 1000), st.data())
def test_a_conversion_keeps_what_is_larger(code, one, other, data):
    # So a comparator keeps its meaning.
    possible = units.conversions(measures.of(code))
    factor, offset = possible[data.draw(st.sampled_from(sorted(possible)))]
    low, high = sorted((one, other))
    assert low * factor + offset <= high * factor + offset
