"""Each rule about a row beside its patient's others, drawn at its borders."""

import polars as pl
import pytest

from tests.check.asking import failed_rows, typed

MINUTE = 1 / 1440
LIPIDS = """\
ann 0 LOINC//2093-3 310
ann 100 LOINC//2093-3 312
ann 150 LOINC//2093-3 309
ann 200 LOINC//2093-3 132
ann 200 LOINC//2085-9 48
ann 200 LOINC//2571-8 150
ann 200 LOINC//13457-7 54"""
WEIGHT, GLUCOSE, A1C = "LOINC//29463-7", "LOINC//2345-7", "LOINC//4548-4"


def own(drawn: pl.DataFrame) -> pl.DataFrame:
    """Give each row a resource of its own."""
    number = pl.int_range(pl.len()).cast(pl.String).str.zfill(16)
    return drawn.with_columns(provenance=pl.format("Observation/{}", number))


def series(code: str, *values: float, name: str = "ann") -> str:
    return "\n".join(f"{name} {100 * n} {code} {each}" for n, each in enumerate(values))


@pytest.mark.parametrize(
    ("check", "drawn", "rows"),
    [
        ("said_once", "ann 0 LOINC//1-8 5\nann 0 LOINC//1-8 5", [1]),
        ("said_once", "ann 0 LOINC//1-8 5\nann 0 LOINC//1-8 5.01", []),
        ("said_once", "ann 0 LOINC//1-8 5\nbob 0 LOINC//1-8 5", []),
        ("said_once", "ann 0 LOINC//1-8\nann 0 LOINC//1-8", [1]),
        ("said_once", "ann 0 LOINC//1-8\nann 0 LOINC//1-8 5", []),
        ("one_value_at_a_time", "ann 0 UNCODED//1 5\nann 0 UNCODED//1 7", []),
        (
            "said_once",
            "ann 0 LOINC//1-8 text=SNOMED//1\nann 0 LOINC//1-8 text=SNOMED//2",
            [],
        ),
        ("said_once", "ann 0 UNCODED//Observation\nann 0 UNCODED//Observation", []),
        (
            "not_said_again",
            f"ann 0 {GLUCOSE} 100\nann {5 * MINUTE} {GLUCOSE} 101",
            [1],
        ),
        ("not_said_again", f"ann 0 {GLUCOSE} 100\nann {6 * MINUTE} {GLUCOSE} 100", []),
        ("not_said_again", f"ann 0 {GLUCOSE} 100\nann {MINUTE} {GLUCOSE} 102", []),
        ("one_value_at_a_time", f"ann 0 {GLUCOSE} 100\nann 0 {GLUCOSE} 111", [0, 1]),
        ("one_value_at_a_time", f"ann 0 {GLUCOSE} 100\nann 0 {GLUCOSE} 110", []),
        ("one_value_at_a_time", f"ann 0 {GLUCOSE} 100\nann 1 {GLUCOSE} 200", []),
        ("change_plausible", series(WEIGHT, 80, 81, 8, 80), [2]),
        ("change_plausible", series(WEIGHT, 800, 81, 80), [0]),
        ("change_plausible", series(WEIGHT, 80, 160), []),  # which one, nobody knows
        ("change_plausible", series(WEIGHT, 80, 90, 110, 120), []),
        ("change_plausible", series(WEIGHT, 80, 80, 160, 160), []),
        ("change_plausible", series(A1C, 6, 6, 60, 6, 61, 6, 6), [2, 4]),
        # There and back again, by a quarter; not where it goes up and down, or stays.
        ("change_usual", series(WEIGHT, 80, 81, 101, 80, 81), [2]),
        ("change_usual", series(WEIGHT, 70, 81, 101, 75, 88), []),
        ("change_usual", series(WEIGHT, 80, 81, 101, 100, 99), []),
        # Of two values, the one that nobody has.
        ("change_usual", series("LOINC//2085-9", 5.2, 52), [0]),
        ("change_usual", series("LOINC//2085-9", 15, 52), []),
        # Illness and pregnancy go there and come back, too: nobody loses these.
        ("change_plausible", series(WEIGHT, 52, 53, 66, 54, 53), []),
        ("change_plausible", series("LOINC//8867-4", 70, 72, 115, 71, 70), []),
        ("change_plausible", series("LOINC//8310-5", 36.6, 36.8, 40.3, 36.7), []),
        ("change_plausible", series(GLUCOSE, 110, 115, 35, 112, 118), []),
        ("change_plausible", series("LOINC//2823-3", 4.0, 4.1, 6.6, 4.0, 4.1), []),
        ("change_plausible", series("LOINC//2823-3", 3.9, 7.2), []),
        ("change_plausible", series("LOINC//2160-0", 1.0, 1.0, 2.9, 1.0, 1.1), []),
        (  # cid is 16, and 18 from day -10958 on
            "change_plausible",
            "\n".join(f"cid {day} {WEIGHT} 60" for day in (-11500, -11400, -11300))
            + f"\ncid -11450 {WEIGHT} 6\ncid -10900 {WEIGHT} 6\ncid 0 {WEIGHT} 60",
            [4],
        ),
        ("not_mistyped", series(WEIGHT, 80, 81, 178, 80), [2]),
        ("not_mistyped", series(WEIGHT, 80, 81, 240, 80), []),
        ("not_mistyped", series(GLUCOSE, 100, 5.5, 98, 97), [1]),
        # A month in which a site wrote pounds; and who was weighed once.
        ("not_mistyped", series(WEIGHT, 80, 81, 178, 177, 80, 82), [2, 3]),
        ("not_mistyped", series(WEIGHT, 80, 100, 130, 150, 160), []),
        # Who was weighed once: there are such people, but not with this index.
        ("not_mistyped", f"ann 0 {WEIGHT} 40", []),
        (
            "not_mistyped",
            f"ann 0 {WEIGHT} 40\nann 0 LOINC//8302-2 165\nann 0 LOINC//39156-5 32.4",
            [0],
        ),
        ("not_mistyped", f"ann 0 {GLUCOSE} 5.5\nbob 0 {GLUCOSE} 40", [0]),
        # Two digits exchanged, within what people have; and in two codes of one thing.
        ("not_mistyped", series("LOINC//2085-9", 62, 63, 36, 64, 61), [2]),
        ("not_mistyped", series("LOINC//2085-9", 62, 63, 40, 64, 61), []),
        (
            "not_mistyped",
            "ann 0 LOINC//18262-6 120\nann 9 LOINC//13457-7 118\n"
            "ann 90 LOINC//13457-7 12.1",
            [2],
        ),
        # The point moved, as the filtration rate tells; and kidneys that fail.
        ("not_mistyped", "ann 0 LOINC//2160-0 9.3\nann 0 LOINC//98979-8 74", [0]),
        ("not_mistyped", "ann 0 LOINC//2160-0 9.3\nann 0 LOINC//98979-8 5", []),
        ("not_mistyped", "ann 0 LOINC//2160-0 0.93\nann 0 LOINC//98979-8 7.4", [1]),
        # What illness does may look like a slip of what was before.
        ("not_mistyped", series("LOINC//2160-0", 8.2, 7.9, 2.8, 8.1), []),
        ("not_mistyped", series("LOINC//2160-0", 1.3, 1.2, 3.1, 1.3), []),
        ("not_mistyped", series(GLUCOSE, 80, 85, 700, 75), []),
        ("not_mistyped", series(GLUCOSE, 82, 80, 28, 84), []),
        ("not_mistyped", series("LOINC//8867-4", 51, 50, 115, 52), []),
        # A pregnancy at one visit of it; a leg, or what surgery took, at the last one.
        ("not_mistyped", series(WEIGHT, 68, 68.4, 86, 70), []),
        ("not_mistyped", series(WEIGHT, 86, 87, 86.5, 68), []),
        ("not_mistyped", series(WEIGHT, 141, 140, 141, 114), []),
        # A statin: the cholesterol falls as its parts do.
        ("not_mistyped", LIPIDS, []),
        # Who has no birth date may be a child.
        ("not_mistyped", "dot 0 LOINC//8302-2 60", []),
        ("not_mistyped", "ann 0 LOINC//8302-2 60", [0]),
        ("not_mistyped", f"ann 0 {GLUCOSE} inf\nann 1 {GLUCOSE} nan", []),
        (  # a value that is missing does not part its neighbours
            "change_plausible",
            f"{series(WEIGHT, 80, 81)}\nann 150 {WEIGHT}\nann 200 {WEIGHT} 8\n"
            f"ann 250 {WEIGHT}\nann 300 {WEIGHT} 80",
            [3],
        ),
        ("not_said_again", f"ann 0 {GLUCOSE} 100\nann 0 {GLUCOSE} 101", []),
        (
            "never_is_never",
            "ann 0 LOINC//72166-2 text=SNOMED//266919005\n"
            "ann 1 LOINC//72166-2 text=SNOMED//449868002\n"
            "ann 2 LOINC//72166-2 text=SNOMED//266919005\n"
            "ann 3 LOINC//72166-2 text=SNOMED//8517006\n"
            "bob 4 LOINC//72166-2 text=SNOMED//266919005",
            [2],
        ),
        (
            "onset_recorded_once",
            "ann 0 SNOMED//44054006\nann 1 SNOMED//44054006\nbob 1 SNOMED//44054006",
            [1],
        ),
        (
            "indication_before_treatment",
            "ann 0 RXNORM//860975\nann 366 SNOMED//44054006\nann 400 RXNORM//860975\n"
            "bob 0 RXNORM//860975\nbob 365 SNOMED//44054006\ncid 0 RXNORM//860975",
            [0],
        ),
        (
            "chronic_disease_seen_again",
            "ann 0 SNOMED//44054006\nann 1827 LOINC//1-8\nbob 0 SNOMED//44054006\n"
            "bob 1000 SNOMED//44054006\nbob 1827 LOINC//1-8\ncid 0 SNOMED//44054006",
            [0],
        ),
        (
            "hdl_below_total_cholesterol",
            "ann 0 LOINC//2093-3 190\nann 0 LOINC//2085-9 50\n"
            "ann 1 LOINC//2093-3 50\nann 1 LOINC//2085-9 50\nann 2 LOINC//2093-3 9",
            [2, 3],
        ),
        (
            "body_mass_index_agrees",
            "ann 0 LOINC//29463-7 80\nann 0 LOINC//8302-2 200\n"
            "bob 0 LOINC//29463-7 80\nbob 0 LOINC//8302-2 200\n"
            "ann 0 LOINC//39156-5 21\nbob 0 LOINC//39156-5 21.1\n"
            "cid 0 LOINC//39156-5 60",
            [5],
        ),
    ],
)
def test_a_rule_fails_beyond_its_border_and_not_at_it(check, drawn, rows):
    assert failed_rows("events", check, own(typed(drawn))) == rows


@pytest.mark.parametrize(
    ("day", "later", "visits", "again"),
    [
        pytest.param(0, 0, ("am", "am"), True, id="one visit"),
        pytest.param(0, 0, ("am", "pm"), False, id="two visits of a day"),
        pytest.param(0, MINUTE, ("am", "pm"), False, id="two visits, a minute apart"),
        pytest.param(0.4, 0, ("am", "pm"), True, id="two visits, the same minute"),
        pytest.param(0, 0, ("am", None), True, id="a visit that is not named"),
    ],
)
def test_on_two_visits_somebody_is_measured_twice(day, later, visits, again):
    drawn = own(typed(f"ann {day} {GLUCOSE} 100\nann {day + later} {GLUCOSE} 100"))
    visited = drawn.with_columns(encounter_id=pl.Series(visits, dtype=pl.String))
    assert bool(failed_rows("events", "not_said_again", visited)) is again
    other = visited.with_columns(numeric_value=pl.Series([100, 120], dtype=pl.Float32))
    conflict = failed_rows("events", "one_value_at_a_time", other)
    assert bool(conflict) is (again and later == 0)


@pytest.mark.parametrize(
    ("later", "unit", "value", "rows"),
    [
        (0, "mg/dL", 100.0, [1]),
        (5 * MINUTE, "mg/dL", 100.0, [1]),
        (6 * MINUTE, "mg/dL", 100.0, []),
        (0, "mmol/L", 100.0, []),
        (0, "mg/dL", 101.0, []),
    ],
)
def test_a_local_code_that_repeats_a_loinc_code_is_one_result(later, unit, value, rows):
    drawn = own(typed(f"ann 0 {GLUCOSE} 100\nann {later} LAB//glu 100"))
    sent = {
        "source_value": pl.Series([100.0, value]),
        "source_unit": pl.Series(["mg/dL", unit]),
    }
    check = "not_said_in_a_local_code"
    assert failed_rows("events", check, drawn.with_columns(**sent)) == rows


@pytest.mark.parametrize("eyes", [1, 2])
def test_a_number_in_several_codes_of_one_resource_is_no_repetition(eyes):
    sides = "\n".join(
        f"ann 0 LOINC//{each}-8 16\nann 0 LAB//{each} 16" for each in range(eyes)
    )
    drawn = typed(sides).with_columns(
        provenance=pl.format("Observation/{}", pl.col("code").str.extract(r"//(\d)")),
        source_value=16.0,
        source_unit=pl.lit("mm[Hg]"),
    )
    assert failed_rows("events", "not_said_in_a_local_code", drawn) == []
