import pytest

from chronicle.core.disease import Codes, Disease
from chronicle.featurize.assemble import assemble
from chronicle.featurize.known import known
from tests.drawn import events, index_rows, patients
from tests.featurize.plain import NO_LEAKS, SETTINGS


def row_of(text: str, *, disease: Disease = NO_LEAKS, gender: str = "female") -> dict:
    rows = index_rows("ann")
    people = patients(f"ann 1959 {gender}")
    made = assemble(rows, people, known(rows, events(text), disease), **SETTINGS)
    return made.row(0, named=True)


def test_age_is_in_years_at_the_index_time():
    assert row_of("")["age_years"] == pytest.approx(60, abs=0.01)


@pytest.mark.parametrize(
    ("gender", "female"),
    [("female", 1), ("male", 0), ("other", None), ("unknown", None)],
)
def test_gender_is_one_zero_or_unknown(gender, female):
    assert row_of("", gender=gender)["female"] == female


def test_ever_and_counts_are_zero_where_nothing_is_recorded():
    row = row_of("")
    assert (row["stroke_ever"], row["visits_90d"], row["hba1c_count_365d"]) == (0, 0, 0)


def test_a_summary_is_unknown_where_nothing_is_recorded():
    row = row_of("")
    assert (row["hba1c_last_365d"], row["smokes"]) == (None, None)


def test_history_is_remembered_for_ever_and_visits_for_the_window():
    row = row_of("""
        ann  -5000  SNOMED//230690007
        ann   -100  ENCOUNTER//AMB
        ann    -10  ENCOUNTER//AMB
    """)
    assert (row["stroke_ever"], row["visits_90d"], row["visits_365d"]) == (1, 1, 2)


def test_the_last_answer_counts():
    row = row_of("""
        ann  -100  LOINC//72166-2  text=SNOMED//449868002
        ann   -10  LOINC//72166-2  text=SNOMED//8517006
    """)
    assert row["smokes"] == 0


def test_a_refuted_stroke_is_no_stroke():
    assert row_of("ann -10 SNOMED//230690007 status=refuted")["stroke_ever"] == 0


@pytest.mark.parametrize("leak", ["SNOMED//230690007", "SNOMED//23*"])
def test_no_feature_reads_what_the_disease_calls_a_leak(leak):
    lists = NO_LEAKS.lists | {"work_up": Codes(include=(leak,))}
    disease = NO_LEAKS.model_copy(update={"lists": lists, "leaks": ("work_up",)})
    assert row_of("ann -10 SNOMED//230690007", disease=disease)["stroke_ever"] == 0


def test_no_feature_reads_the_disease_itself():
    lists = {"stated": Codes(include=("SNOMED//230690007",))}
    disease = NO_LEAKS.model_copy(update={"lists": lists})
    assert row_of("ann -10 SNOMED//230690007", disease=disease)["stroke_ever"] == 0
