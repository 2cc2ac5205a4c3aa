"""Which model is in use after a run, and what the verdict says."""

import copy
from pathlib import Path

import pytest

from chronicle.core import store
from tests.conftest import digests

PROMOTE = (
    "promote", "model", "evaluation.json", "metrics.json", "gate.json", "champion",
    "promotions/x.json", "promotion.json",
)  # fmt: skip
COUNTS = {"index_times": 900, "patients": 300, "outcome_patients": 60}


def judged(auroc: float, ratio: float, slope: float, worst: float) -> dict:
    def told(**values: float) -> dict:
        return {name: {"value": value} for name, value in values.items()}

    groups = [
        {"name": name, "scored": scored, "metrics": scored and told(auroc=value)}
        for name, scored, value in (
            ("female", True, worst),
            ("male", True, worst + 0.1),
            ("other", False, 0.0),
        )
    ]
    metrics = told(auroc=auroc, observed_expected=ratio, calibration_slope=slope)
    return {"metrics": metrics, "groups": [{"by": "sex", "groups": groups}]}


def evaluation(
    auroc=0.75, ratio=1.0, slope=1.0, worst=0.7, *, newest=40, **old
) -> dict:
    """Say how a model did among the newest; `old`: among all, where it is different."""
    told = {"auroc": auroc, "ratio": ratio, "slope": slope, "worst": worst}
    late = judged(**told) | COUNTS | {"outcome_patients": newest}
    whole = judged(**(told | old.get("of_all", {})))
    return {"trained": True, "reason": None, "judged": COUNTS, "newest": late} | whole


@pytest.fixture
def promote(run):
    """Run the stage on a model of this text, judged so; give the verdict."""

    def made(text: str, new: dict, *, in_use: dict | None = None, checks=True) -> dict:
        store.write_json({"features": [text]}, Path("model/model.json"))
        store.write_text(text, Path("model/model.txt"))
        store.write_json(new, Path("evaluation.json"))
        store.write_json({}, Path("metrics.json"))
        store.write_json({"passed": checks}, Path("gate.json"))
        if in_use:  # as `evaluate` judged the one in use a moment ago
            store.write_json(in_use, Path("champion/evaluation.json"))
        run(*PROMOTE)
        verdict = store.read_json(Path("promotion.json"))
        kept = Path("champion/model/model.txt")
        assert (verdict["champion"] is None) is (not kept.exists())
        return verdict | {"kept": kept.read_text() if kept.exists() else None}

    return made


@pytest.fixture
def second(promote):
    """A first model is in use, and a second one comes."""
    promote("first", evaluation())

    def made(new: dict, in_use: dict | None = None, **more) -> dict:
        return promote("second", new, in_use=in_use or evaluation(), **more)

    return made


def test_a_first_model_needs_the_floors_only(promote):
    verdict = promote("first", evaluation(auroc=0.62, ratio=1.4, slope=0.3, worst=0.5))
    assert (verdict["promoted"], verdict["kept"]) == (True, "first")
    assert verdict["reasons"] == ["reaches every floor"]
    assert store.read_json(Path("champion/evaluation.json"))["trained"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"auroc": 0.59}, "discrimination: AUROC: at least 0.600 is asked"),
        ({"ratio": 0.6}, "calibration: times that outcomes are off"),
        ({"ratio": 1.6}, "calibration: times that outcomes are off"),
        ({"worst": 0.49}, "worst group: AUROC of the group that is served worst"),
        ({"auroc": None}, "could not be estimated"),
    ],
)
def test_a_first_model_below_a_floor_is_not_used_and_the_verdict_says_why(
    promote, bad, reason
):
    verdict = promote("first", evaluation(**bad))
    assert (verdict["promoted"], verdict["kept"]) == (False, None)
    assert [each for each in verdict["reasons"] if reason in each]


def test_a_better_model_replaces_the_one_in_use(second):
    before = store.read_json(Path("promotion.json"))["champion"]
    verdict = second(evaluation(auroc=0.8))
    assert (verdict["promoted"], verdict["kept"]) == (True, "second")
    assert verdict["champion_before"] == before != verdict["champion"]


def test_one_that_is_worse_by_less_than_the_margins_replaces_it_too(second):
    assert second(evaluation(auroc=0.745, ratio=1.08, slope=1.05, worst=0.68))[
        "promoted"
    ]


@pytest.mark.parametrize(
    ("worse", "about"),
    [
        ({"auroc": 0.73}, "discrimination"),
        ({"ratio": 1.2}, "calibration"),
        ({"ratio": 0.8}, "calibration"),
        ({"slope": 0.85}, "calibration"),
        ({"slope": 1.15}, "calibration"),
        ({"worst": 0.66}, "worst group"),
    ],
)
def test_one_that_is_worse_in_one_thing_is_refused_for_that_thing(second, worse, about):
    verdict = second(evaluation(**({"auroc": 0.9} | worse)))
    assert (verdict["promoted"], verdict["kept"]) == (False, "first")
    [reason] = verdict["reasons"]
    assert reason.startswith(f"{about}: ")
    failed = [each for each in verdict["questions"] if not each["passed"]]
    assert [each["about"] for each in failed] == [about]


@pytest.mark.parametrize("seen", [True, False])
def test_the_verdict_says_whether_the_model_in_use_may_have_seen_these_people(
    second, seen
):
    verdict = second(evaluation(), in_use=evaluation() | {"may_have_seen": seen})
    assert verdict["champion_may_have_seen_them"] is seen


def test_after_a_failed_check_no_model_is_replaced(second):
    verdict = second(evaluation(auroc=0.9), checks=False)
    assert verdict["reasons"] == ["checks: no critical check failed: not so"]
    assert verdict["kept"] == "first"


def test_the_same_model_is_kept_and_nothing_changes(promote):
    verdict = promote("first", evaluation())
    before = digests(Path("champion"))
    assert promote("first", evaluation(auroc=0.5)) == verdict
    assert digests(Path("champion")) == before


def test_where_no_new_model_was_made_the_one_in_use_stays(second):
    verdict = second({"trained": False, "reason": "too few outcomes"})
    assert verdict["reasons"] == ["there is no new model: too few outcomes"]
    assert (verdict["kept"], verdict["challenger"]) == ("first", None)


def test_one_in_use_that_cannot_be_asked_gives_way_to_what_reaches_the_floors(second):
    silent = {"trained": False, "reason": "reads what is no longer made"}
    verdict = second(evaluation(auroc=0.65), silent)
    assert verdict["champion_could_not_be_asked"] == "reads what is no longer made"
    assert verdict["kept"] == "second"


@pytest.mark.parametrize(("newest", "kept"), [(20, "first"), (19, "second")])
def test_where_few_of_the_newest_have_an_outcome_all_test_patients_are_asked(
    second, newest, kept
):
    worse = evaluation(auroc=0.6, newest=newest, of_all={"auroc": 0.75})
    assert second(worse, evaluation(newest=newest))["kept"] == kept


def test_two_models_that_were_judged_on_other_rows_are_not_compared(second, run):
    other = copy.deepcopy(evaluation())
    other["newest"]["index_times"] = 899
    second(evaluation())
    store.write_json(other, Path("champion/evaluation.json"))
    store.write_text("third", Path("model/model.txt"))
    assert "not judged on the same rows" in run(*PROMOTE, exits=11)
