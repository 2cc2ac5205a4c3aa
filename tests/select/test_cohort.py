import polars as pl
import pytest

from chronicle.select.cohort import Sight, cohort, today
from tests.drawn import day, events, index_rows, patients
from tests.select.plain import disease, said

ELIGIBLE = {"min_age_years": 18, "min_history_days": 365}
FOLLOWED = """
    ann -1000 LOINC//8480-6 120
    ann     0 ENCOUNTER//AMB
    ann  2000 LOINC//8480-6 120
"""


def drawn(text: str, *any_of: dict, people: str = "ann 1950 female", **changes):
    end = changes.pop("end", 5000)
    asked = disease(*any_of, **changes)
    rows, _ = cohort(
        patients(people),
        events(text),
        index_rows("ann"),
        asked,
        said(asked),
        Sight(lost_after_days=365, end=day(end)),
    )
    return rows.row(0, named=True) if rows.height else None


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


@pytest.mark.parametrize("dies", ["-1", "0", "0.9"])
def test_nobody_dead_is_asked_today(dies):
    # Without an hour, a death is known from the end of its day on.
    asked = disease()
    people = patients(f"ann 1950 female {dies}")
    rows = today(people, events(FOLLOWED), index_rows("ann"), asked, said(asked))
    assert rows["out"].to_list() == ["alive"]


def test_nobody_dead_of_an_unknown_day_is_asked_today():
    asked = disease()
    people = patients("ann 1950 female\nbob 1950 male").with_columns(
        deceased=pl.col("gender") == "female"
    )
    found = events(FOLLOWED + FOLLOWED.replace("ann", "bob"))
    rows = today(people, found, index_rows("ann", "bob"), asked, said(asked))
    assert rows.sort("subject_id")["out"].to_list() == ["alive", None]


def test_an_onset_before_death_is_an_onset():
    row = drawn(f"{FOLLOWED}\n ann 90 SNOMED//1", people="ann 1950 female 100")
    assert (row["status"], row["time_days"]) == ("onset", 90)


@pytest.mark.parametrize(
    ("seen", "status", "time"),
    [
        pytest.param(-1, "censored", 0, id="never again"),
        pytest.param(0, "censored", 0, id="on the index day and never again"),
        pytest.param(1, "horizon", 365, id="the day after, then in sight for a year"),
    ],
)
def test_who_was_not_seen_again_is_lost_however_short_the_horizon(seen, status, time):
    text = f"ann -1000 LOINC//8480-6 120\n ann {seen} ENCOUNTER//AMB"
    row = drawn(text, gap_days=0, horizon_days=365)
    assert (row["status"], row["time_days"]) == (status, time)


def test_who_is_lost_is_neither_case_nor_control():
    row = drawn("ann -1000 LOINC//8480-6 120\n ann 1 ENCOUNTER//AMB")
    assert (row["status"], row["boolean_value"], row["time_days"]) == (
        "censored",
        None,
        366,
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


def test_what_was_only_written_down_later_is_no_history():
    text = "ann -900 LOINC//8480-6 120 known=-10\n ann 2000 LOINC//8480-6 120"
    assert drawn(text) is None


def test_a_soft_sign_makes_prevalent_and_is_no_onset():
    soft = {"prevalent": [{"codes": ["drugs"]}]}
    assert drawn(f"{FOLLOWED}\n ann -10 RXNORM//1", **soft) is None
    assert drawn(f"{FOLLOWED}\n ann 100 RXNORM//1", **soft)["status"] == "horizon"


def test_half_an_onset_before_the_index_time_is_none():
    two = {"codes": ["stated"], "count": 2}
    text = f"{FOLLOWED}\n ann -10 SNOMED//1\n ann 90 SNOMED//1"
    assert drawn(text, two)["time_days"] == 90
    assert drawn(text, two, prevalent=[{"codes": ["stated"]}]) is None


@pytest.mark.parametrize(
    ("known", "expected"), [(0, "out"), (30, "out"), (31, "onset"), (731, "horizon")]
)
def test_what_is_back_dated_counts_from_when_it_is_known(known, expected):
    row = drawn(f"{FOLLOWED}\n ann -100 SNOMED//1 known={known}")
    assert (row["status"] if row else "out") == expected


@pytest.mark.parametrize(
    ("days", "status", "time"),
    [
        pytest.param((-5, 0), "horizon", 365, id="before, and on the index day itself"),
        pytest.param((-5, 1), "onset", 1, id="again the day after"),
        pytest.param((300, 200), "onset", 200, id="the next one counts"),
        pytest.param((365, 366), "onset", 365, id="on the last day"),
        pytest.param((366, 367), "horizon", 365, id="after it"),
    ],
)
def test_what_recurs_puts_nobody_out(days, status, time):
    text = "\n".join([FOLLOWED, *(f"ann {each} SNOMED//1 known=999" for each in days)])
    row = drawn(text, recurrent=True, gap_days=0, horizon_days=365)
    assert (row["status"], row["time_days"]) == (status, time)


@pytest.mark.parametrize(("sex", "expected"), [("any", "in"), ("male", "out")])
def test_sex_is_asked_where_it_matters(sex, expected):
    row = drawn(FOLLOWED, eligible=ELIGIBLE | {"sex": sex})
    assert ("in" if row else "out") == expected


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        pytest.param(30, None, id="to the end of the gap: nothing could be seen"),
        pytest.param(31, ("censored", 31), id="a day longer"),
        pytest.param(730, ("horizon", 730), id="to the horizon"),
    ],
)
def test_nobody_is_seen_beyond_the_end_of_the_data(end, expected):
    row = drawn(f"{FOLLOWED}\n ann 731 SNOMED//1", end=end)
    assert (row and (row["status"], row["time_days"])) == expected
    assert row is None or row["seen_days"] == end


def test_a_refuted_diagnosis_is_none():
    assert drawn(f"{FOLLOWED}\n ann 90 SNOMED//1 status=refuted")["status"] == "horizon"


def test_what_was_only_planned_is_no_sight_of_anybody():
    text = "ann -1000 LOINC//8480-6 120\n ann 900 ENCOUNTER//AMB status=planned"
    assert drawn(text)["status"] == "censored"
