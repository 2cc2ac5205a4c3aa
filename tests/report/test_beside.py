"""What the page and the summary say of risks that came from outside."""

from pathlib import Path

import pytest

from chronicle.core import store
from chronicle.report.beside import Other
from tests.report import made_up
from tests.report.test_page import PAGE, SUMMARY, WORDS, made, section  # noqa: F401

NOTHING = {"value": None, "low": None, "high": None}
MINUS = "\N{MINUS SIGN}"


@pytest.fixture
def htn(made):  # noqa: F811
    """Make the report with these comparators; give what it says of one disease."""

    def told(*comparators: dict) -> str:
        found = made_up.evaluation() | {"comparators": list(comparators)}
        return section(made(htn=found), "htn")

    return told


def test_without_comparators_nothing_is_said_of_any(htn):
    told = htn()
    assert "Beside others" not in told
    assert "data/risks" not in PAGE.read_text()
    assert "; " not in SUMMARY.read_text().partition("Hypertension")[2]


def test_model_and_comparator_stand_side_by_side_with_whom_they_are_judged_on(htn):
    told = htn(made_up.beside())
    assert "Beside others" in told
    assert "Judged on 97 patients, 47 of them with an outcome, at 575 visits" in told
    assert "0.79 (0.74 to 0.84)" in told
    assert "0.84 (0.80 to 0.88)" in told
    assert f"{MINUS}0.05 ({MINUS}0.08 to {MINUS}0.02)" in told
    for name in ("AUROC", "AUPRC", "Brier score", "Observed / expected"):
        assert told.count(f'data-is="{name}"') >= 2
    assert "risks that were given from outside" in told


def test_at_a_glance_and_the_summary_say_it_in_half_a_line(htn):
    htn(made_up.beside())
    said = "oracle 0.84 (0.80 to 0.88) on the same 97 patients"
    glance = PAGE.read_text().partition('id="glance"')[2].partition("</section>")[0]
    assert said in glance
    assert f"0.79 (0.74 to 0.84), 95 % interval; {said}\n" in SUMMARY.read_text()


def test_on_fewer_patients_the_models_figure_on_these_stands_with_it(htn):
    model = made_up.evaluation()["metrics"]
    theirs = {"auroc": made_up.around(0.77, 0.05)}
    htn(made_up.beside(patients=71, index_times=400, model=model | theirs))
    assert (
        "oracle 0.84 (0.80 to 0.88) on 71 patients, where the model has "
        "0.77 (0.72 to 0.82)\n" in SUMMARY.read_text()
    )


def test_every_comparator_has_a_table_of_its_own(htn):
    told = htn(made_up.beside("framingham", less=0.1), made_up.beside())
    assert told.count("Judged on 97 patients, 47") == 2
    assert "framingham" in told
    assert "oracle" in told


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (made_up.around(0.05, 0.03), "the model names the one who will get it more"),
        (made_up.around(-0.05, 0.03), "oracle names the one who will get it more"),
        (made_up.around(0.01, 0.03), "cannot show which of the two"),
        ({"value": 0.0, "low": 0.0, "high": 0.0}, "cannot show which of the two"),
        ({"value": 0.1, "low": None, "high": None}, "could not be estimated"),
        (NOTHING, "Too little came of them"),
    ],
)
def test_the_difference_is_put_into_plain_words(difference, words):
    found = made_up.beside(differences={"auroc": difference})
    assert words in Other(found, all_rows=True).in_words


def test_what_cannot_be_estimated_is_said_and_breaks_nothing(htn):
    nothing = dict.fromkeys(made_up.evaluation()["metrics"], NOTHING)
    few = {"patients": 3, "index_times": 4, "outcome_patients": 0}
    none = dict.fromkeys(made_up.beside()["differences"], NOTHING)
    told = htn(
        made_up.beside(model=nothing, comparator=nothing, differences=none, **few)
    )
    assert "not estimable" in told
    assert "None" not in told
    assert "oracle not estimable on 3 patients\n" in SUMMARY.read_text()


def test_how_many_came_in_is_told_where_the_rest_is(made, run):  # noqa: F811
    made()
    given = dict(zip(made_up.GIVEN, (4211, 4100, 11, 100), strict=True))
    ledger = made_up.ledger() | {"comparators": given}
    store.write_json(ledger, Path("reports/ledger.json"))
    run(*WORDS)
    told = " ".join(PAGE.read_text().split())
    assert "4,211 risks came from outside" in told
    assert "4,100 kept, 11 given twice, 100 of patients who are not among" in told
