from chronicle.featurize.known import known
from chronicle.featurize.measure import summarise
from tests.drawn import NAMES, events, index_rows
from tests.featurize.plain import NO_LEAKS

HBA1C = ("LOINC//4548-4",)


def summary_of(text: str, *what: str) -> dict[str, tuple]:
    pairs = known(index_rows(*NAMES), events(text), NO_LEAKS)
    made = summarise(pairs, HBA1C, "hba1c", (365,))
    columns = [
        f"hba1c_{each}" for each in what or ("last_365d", "mean_365d", "count_365d")
    ]
    return {
        NAMES[row[0] - 1]: row[1:] for row in made.select("subject_id", *columns).rows()
    }


def test_last_mean_and_count_are_per_patient():
    assert summary_of("""
        ann  -30  LOINC//4548-4  6.0
        ann  -10  LOINC//4548-4  7.0
        bob  -10  LOINC//4548-4  5.0
        bob  -10  LOINC//2160-0  1.0
    """) == {"ann": (7.0, 6.5, 2), "bob": (5.0, 5.0, 1)}


def test_a_window_holds_the_index_time_and_excludes_its_far_edge():
    assert summary_of("""
        ann  -365  LOINC//4548-4  9.0
        ann  -364  LOINC//4548-4  6.0
        ann     0  LOINC//4548-4  7.0
    """) == {"ann": (7.0, 6.5, 2)}


def test_what_lies_before_the_window_still_tells_the_time_since():
    assert summary_of(
        "ann -400 LOINC//4548-4 9.0", "last_365d", "count_365d", "since_days"
    ) == {"ann": (None, 0, 400.0)}


def test_ties_at_one_time_do_not_depend_on_row_order():
    forth = summary_of("ann -5 LOINC//4548-4 6.0\nann -5 LOINC//4548-4 7.0")
    back = summary_of("ann -5 LOINC//4548-4 7.0\nann -5 LOINC//4548-4 6.0")
    assert forth == back == {"ann": (7.0, 6.5, 2)}


def test_what_was_measured_before_but_reported_later_is_not_known():
    assert summary_of("""
        ann  -10  LOINC//4548-4  6.0
        ann   -5  LOINC//4548-4  9.0  known=1
    """) == {"ann": (6.0, 6.0, 1)}


def test_a_measurement_without_a_number_is_no_measurement():
    assert summary_of("ann -10 LOINC//4548-4") == {}


def test_min_and_max_are_those_of_the_window():
    assert summary_of(
        """
        ann  -400  LOINC//4548-4  4.0
        ann   -30  LOINC//4548-4  6.0
        ann   -10  LOINC//4548-4  7.0
        """,
        "min_365d",
        "max_365d",
    ) == {"ann": (6.0, 7.0)}
