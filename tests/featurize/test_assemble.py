import pytest

from chronicle.core.tables import FEATURES
from tests.drawn import events, index_rows, patients
from tests.featurize.plain import ASKED, QUIT, SMOKES, WANTED, features, row_of


def test_age_is_in_years_at_the_index_time():
    assert row_of("")["age_years"] == pytest.approx(60, abs=0.01)


@pytest.mark.parametrize(
    ("gender", "female"),
    [("female", 1), ("male", 0), ("other", None), ("unknown", None)],
)
def test_gender_is_one_zero_or_unknown(gender, female):
    assert row_of("", people=patients(f"ann 1959 {gender}"))["female"] == female


def test_ever_and_counts_are_zero_where_nothing_is_recorded():
    row = row_of("")
    assert (row["stroke_ever"], row["visits_90d"], row["hba1c_count_365d"]) == (0, 0, 0)
    assert (row["statin_ever"], row["statin_active"], row["statin_new_30d"]) == (
        0,
        0,
        0,
    )


def test_a_summary_is_unknown_where_nothing_is_recorded():
    row = row_of("")
    assert (row["hba1c_last_365d"], row["smokes"]) == (None, None)
    assert row["stroke_since_first_days"] is None


def test_history_is_remembered_for_ever_and_visits_for_the_window():
    row = row_of("""
        ann  -5000  SNOMED//230690007
        ann  -2000  SNOMED//230690007
        ann   -100  ENCOUNTER//AMB
        ann    -10  ENCOUNTER//AMB
    """)
    assert (row["stroke_ever"], row["visits_90d"], row["visits_365d"]) == (1, 1, 2)
    assert row["stroke_since_first_days"] == 5000
    assert row["stroke_since_last_days"] == 2000


@pytest.mark.parametrize(
    ("days", "active", "new"),
    [
        pytest.param((29,), 1, 1, id="begun a month ago"),
        pytest.param((30,), 1, 0, id="new no more"),
        pytest.param((89,), 1, 0, id="on the last day of supply"),
        pytest.param((90,), 0, 0, id="run out"),
        pytest.param((400, 20), 1, 0, id="renewed"),
    ],
)
def test_a_drug_is_new_then_taken_then_run_out(days, active, new):
    row = row_of("\n".join(f"ann -{day} RXNORM//83367" for day in days))
    assert (row["statin_active"], row["statin_new_30d"], row["statin_ever"]) == (
        active,
        new,
        1,
    )


def test_the_last_answer_counts():
    row = row_of("""
        ann  -100  LOINC//72166-2  text=SNOMED//449868002
        ann   -10  LOINC//72166-2  text=SNOMED//8517006
    """)
    assert (row["smokes"], row["ever_smoked"]) == (0, 1)


def test_who_ever_smoked_did_whatever_is_answered_later():
    said = f"ann -100 {ASKED} text={QUIT}"
    assert row_of(f"{said}\nann -10 {ASKED} text=SNOMED//266919005")["ever_smoked"] == 1
    assert row_of(f"ann -10 {ASKED} text=SNOMED//266919005")["ever_smoked"] == 0
    assert row_of("ann -10 ENCOUNTER//AMB")["ever_smoked"] is None


def test_a_question_without_an_answer_says_nothing():
    row = row_of("""
        ann  -100  LOINC//72166-2  text=SNOMED//449868002
        ann   -10  LOINC//72166-2
    """)
    assert row["smokes"] == 1


def test_who_chose_not_to_answer_was_not_asked():
    asked = WANTED.answers["smokes"].model_copy(update={"silent": (QUIT,)})
    wanted = WANTED.model_copy(update={"answers": {"smokes": asked}})
    text = f"ann -20 {ASKED} text={SMOKES}\nann -10 {ASKED} text={QUIT}"
    assert row_of(text, wanted=wanted)["smokes"] == 1
    assert row_of(text.splitlines()[1], wanted=wanted)["smokes"] is None


def test_a_refuted_stroke_is_no_stroke():
    assert row_of("ann -10 SNOMED//230690007 status=refuted")["stroke_ever"] == 0


def test_a_visit_with_two_codes_is_one_visit():
    twice = features("ann -10 ENCOUNTER//AMB\nann -10 ENCOUNTER//VR")
    assert twice["visits_90d"][0] == 2
    drawn = events("ann -10 ENCOUNTER//AMB\nann -10 ENCOUNTER//VR")
    one = drawn.with_columns(provenance=drawn["provenance"].gather([0, 0]))
    assert features(one)["visits_90d"][0] == 1


def test_without_an_index_time_there_is_no_row():
    empty = features("ann -10 ENCOUNTER//AMB", index_rows())
    assert empty.height == 0
    FEATURES.require(empty, where="here")


def test_the_matrix_is_a_features_table():
    FEATURES.require(features("ann -10 ENCOUNTER//AMB"), where="here")
