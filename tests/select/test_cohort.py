import pytest

from chronicle.select.cohort import cohort
from tests.drawn import INDEX, day, events, index_rows, patients
from tests.featurize.plain import NO_LEAKS

FOLLOWED = """
    ann -1000 LOINC//8480-6 120
    ann     0 ENCOUNTER//AMB
    ann  2000 LOINC//8480-6 120
"""


def drawn(text: str, *, people: str = "ann 1950 female", **changes):
    rows, _ = cohort(
        patients(people),
        events(text),
        index_rows("ann"),
        NO_LEAKS.model_copy(update=changes),
        lost_after_days=365,
        data_end=day(5000),
    )
    at_index = rows.filter(rows["prediction_time"] == INDEX)
    return at_index.row(0, named=True) if at_index.height else None


@pytest.mark.parametrize(
    ("onset_day", "expected"),
    [
        pytest.param("-1", "out", id="sick before the index time"),
        pytest.param("0", "out", id="sick on the index day is prevalent"),
        pytest.param("30", "out", id="sick on the last day of the gap is prevalent"),
        pytest.param("31", "onset", id="sick the day after the gap"),
        pytest.param("730", "onset", id="sick on the last day of the horizon"),
        pytest.param("731", "horizon", id="sick when nobody asks any more"),
    ],
)
def test_onset_decides_who_is_out_who_is_a_case(onset_day, expected):
    row = drawn(f"{FOLLOWED}\n ann {onset_day} SNOMED//1")
    assert (row["status"] if row else "out") == expected
    if row:
        assert row["boolean_value"] is (expected == "onset")


@pytest.mark.parametrize(
    ("dies", "status", "outcome"),
    [
        pytest.param("100", "death", False, id="dies within the horizon"),
        pytest.param("731", "horizon", False, id="dies after it"),
    ],
)
def test_death_competes(dies, status, outcome):
    row = drawn(FOLLOWED, people=f"ann 1950 female {dies}")
    assert (row["status"], row["boolean_value"]) == (status, outcome)


def test_an_onset_before_death_is_an_onset():
    row = drawn(f"{FOLLOWED}\n ann 90 SNOMED//1", people="ann 1950 female 100")
    assert (row["status"], row["time_days"]) == ("onset", 90)


def test_who_is_lost_is_neither_case_nor_control():
    row = drawn("ann -1000 LOINC//8480-6 120\n ann 0 ENCOUNTER//AMB")
    assert (row["status"], row["boolean_value"], row["time_days"]) == (
        "censored",
        None,
        365,
    )


@pytest.mark.parametrize(
    ("born", "expected"), [("2000", "in"), ("2002", "out")], ids=["adult", "child"]
)
def test_age_is_asked_at_the_visit(born, expected):
    row = drawn(FOLLOWED, people=f"ann {born} female")
    assert ("in" if row else "out") == expected


@pytest.mark.parametrize(("first", "expected"), [(-365, "in"), (-364, "out")])
def test_history_must_be_long_enough(first, expected):
    text = (
        f"ann {first} LOINC//8480-6 120\n ann 0 ENCOUNTER//AMB\n ann 2000 LOINC//1-8 1"
    )
    assert ("in" if drawn(text) else "out") == expected


def test_a_history_code_makes_prevalent_and_is_no_onset():
    out = drawn(f"{FOLLOWED}\n ann -10 SNOMED//2", prevalent=("SNOMED//2",))
    later = drawn(f"{FOLLOWED}\n ann 100 SNOMED//2", prevalent=("SNOMED//2",))
    assert out is None
    assert later["status"] == "horizon"


def test_two_records_on_one_day_are_one():
    onset = NO_LEAKS.onset.model_copy(update={"min_records": 2})
    once = f"{FOLLOWED}\n ann 90 SNOMED//1\n ann 90 SNOMED//1"
    twice = f"{FOLLOWED}\n ann 90 SNOMED//1\n ann 95 SNOMED//1"
    assert drawn(once, onset=onset)["status"] == "horizon"
    assert drawn(twice, onset=onset)["time_days"] == 90


def test_a_refuted_diagnosis_is_none():
    assert drawn(f"{FOLLOWED}\n ann 90 SNOMED//1 status=refuted")["status"] == "horizon"
