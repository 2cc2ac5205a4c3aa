"""A change makes the record that it says it makes, for the better, and no more."""

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chronicle.core.disease import Disease
from chronicle.core.trial import Limits, Trial
from chronicle.explain.change import levers, proposals, told
from chronicle.explain.concepts import Thing
from chronicle.explain.trials import treated
from chronicle.explain.wanted import ExplainParams
from tests.conftest import ROOT

PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text())
SETTINGS = ExplainParams(**PARAMS["explain"])
WINDOWS = {"90d": 90, "365d": 365, "1095d": 1095, "ever": 10**6}
COMPUTED = {"pulse_pressure", "bmi_of_weight"}
NAN = float("nan")


def columns(name: str, record: list[tuple[int, float]]) -> dict[str, float]:
    """Summarise (days before, value), the latest last, as `featurize` does."""
    row: dict[str, float] = {}
    for ending, days in WINDOWS.items():
        values = [value for ago, value in record if ago < days]
        of = {"last": values[-1:], "mean": np.mean(values) if values else NAN}
        of |= {"min": min(values, default=NAN), "max": max(values, default=NAN)}
        of["last"] = values[-1] if values else NAN
        of["count"] = len(values)
        row |= {f"{name}_{what}_{ending}": float(each) for what, each in of.items()}
    return row


def asked(row: dict[str, float], name: str = "sbp", seen: dict | None = None):
    things: dict[str, list[str]] = {}
    for column in row:
        thing = column if column in COMPUTED else column.partition("_")[0]
        things.setdefault(thing, []).append(column)
    made = [Thing(n, "", tuple(c), dict.fromkeys(c, "1")) for n, c in things.items()]
    given_ = proposals(row, made, SETTINGS.changes, seen or {}, SETTINGS.recent_days)
    return next((each for each in given_ if each.name == name), None)


record = st.lists(
    st.tuples(st.integers(0, 3000), st.integers(121, 200).map(float)),
    min_size=1, max_size=8, unique_by=lambda each: each[0],
).map(lambda each: sorted(each, reverse=True))  # fmt: skip


@given(record=record)
def test_the_columns_are_those_of_the_record_with_other_values(record):
    row = columns("sbp", record)
    change = asked(row)
    latest = record[-1][0]
    recent = max(365, latest + 1)  # or the last value alone, where none is recent
    by = change.then - change.today
    moved = [
        (ago, value + by if ago < recent and (ago < 365 or ago == latest) else value)
        for ago, value in record
    ]
    expected = columns("sbp", moved)
    for column, value in change.row(row).items():
        if "_max_" in column and value != pytest.approx(expected[column], nan_ok=True):
            # Where more is older, the highest value may be, too: it stays.
            assert value == row[column] > expected[column]
        else:
            assert value == pytest.approx(expected[column], nan_ok=True), column


def test_what_is_computed_of_a_measure_follows_it():
    row = columns("sbp", [(5, 150.0)]) | {"pulse_pressure": 70.0}
    change = asked(row)
    assert (change.today, change.then) == (150, 120)
    assert change.row(row)["pulse_pressure"] == 55  # the diastolic falls by half of it


def test_weight_follows_the_body_mass_index():
    row = columns("bmi", [(5, 30.0)]) | columns("weight", [(5, 90.0)])
    row |= {"bmi_of_weight": NAN}
    changed = asked(row, "weight").row(row)
    assert changed["bmi_last_ever"] == pytest.approx(27)
    assert changed["weight_mean_365d"] == pytest.approx(81)
    assert np.isnan(changed["bmi_of_weight"])


def test_nobody_is_asked_to_be_worse_or_to_go_where_nobody_was():
    assert asked(columns("sbp", [(5, 110.0)])) is None
    seen = {"sbp_last_ever": {"low": 135.0}}
    assert asked(columns("sbp", [(5, 150.0)]), seen=seen).then == 135
    assert asked(columns("sbp", [(5, 130.0)]), seen=seen) is None
    assert asked({"sbp_last_ever": NAN}) is None


@pytest.mark.parametrize(
    ("disease", "expected"),
    [
        ("chd", {"sbp", "weight", "hba1c", "ldl", "smoking"}),
        ("t2dm", {"sbp", "weight", "smoking"}),  # defined by HbA1c
        ("htn", {"weight"}),  # defined by pressure
        ("hyperlipidemia", {"weight"}),
        ("osteoporosis", {"smoking"}),  # who weighs less has more of it
    ],
)
def test_nothing_is_changed_that_defines_a_disease_or_that_it_does_not_go_with(
    disease, expected
):
    told = yaml.safe_load((ROOT / "diseases" / f"{disease}.yaml").read_text())
    assert {*levers(SETTINGS, Disease(**told))} == expected


def test_signs_of_disease_files_are_of_what_features_tell():
    things = {each for some in SETTINGS.concepts.values() for each in some}
    for path in (ROOT / "diseases").glob("*.yaml"):
        signs = Disease(**yaml.safe_load(path.read_text())).signs
        assert signs, path.stem
        assert signs.keys() <= things


def test_who_smokes_becomes_who_smoked():
    row = {"smokes": 1.0, "smoked": 0.0}
    assert asked(row, "smoking").row(row) == {"smokes": 0, "smoked": 1}
    assert asked({"smokes": 0.0}, "smoking") is None
    assert asked({"smokes": NAN}, "smoking") is None
    assert asked(row | {"note_smokes_ever": 1.0}, "smoking") is None
    assert asked(row | {"note_smokes_ever": 0.0}, "smoking") is not None


def test_better_values_and_a_higher_risk_are_called_a_contradiction():
    change = asked(columns("sbp", [(5, 150.0)]))
    assert told(change, 0.1, 0.11)["contradiction"]
    assert not told(change, 0.1, 0.09)["contradiction"]
    assert told(change, 0.1, 0.09)["means"] == "association"


STATIN = Trial(
    start="statin", hazard_ratio=0.78, measure="ldl", per=38.67, lowers_share=0.36,
    shown_in="people", source="somewhere",
)  # fmt: skip
QUIT = Trial(stop="smokes", hazard_ratio=0.5, shown_in="people", source="somewhere")
SLOW = QUIT.model_copy(update={"reached_share": 0.6})
LESS = SLOW.model_copy(update={"taken_share": 0.5})
HALF = STATIN.model_copy(update={"taken_share": 0.5})
PRESSURE = Trial(
    start="x", drug=False, hazard_ratio=0.8, measure="sbp", per=10, lowers=9,
    lowers_at=150, lowers_more=0.1, shown_in="people", source="somewhere",
)  # fmt: skip
SOME = QUIT.model_copy(
    update={"among": {"glucose": Limits(at_least=95, below=126)}, "having": ("gout",)}
)
SEEN = QUIT.model_copy(update={"tested": ("hba1c",)})


@pytest.mark.parametrize(
    ("trial", "row", "ratio"),
    [
        (STATIN, {"statin_ever": 0.0, "ldl_last_ever": 107.4167}, 0.78),
        (STATIN, {"ldl_last_ever": 107.4167}, None),  # nobody knows who takes it
        (STATIN, {"statin_ever": 1.0, "ldl_last_ever": 107.4}, None),
        (STATIN, {"statin_ever": 0.0, "ldl_last_ever": NAN}, None),
        (HALF, {"statin_ever": 0.0, "ldl_last_ever": 107.4167}, 0.78**0.5),
        (PRESSURE, {"sbp_last_ever": 150.0}, 0.8**0.9),
        (PRESSURE, {"sbp_last_ever": 120.0}, 0.8**0.6),
        (PRESSURE, {"sbp_last_ever": 50.0}, 1.0),
        (SOME, {"smokes": 1.0, "gout_ever": 1.0}, 0.5),
        (SOME, {"smokes": 1.0, "gout_ever": 1.0, "glucose_last_ever": 125.0}, 0.5),
        (SOME, {"smokes": 1.0, "gout_ever": 1.0, "glucose_last_ever": 126.0}, None),
        (SOME, {"smokes": 1.0, "gout_ever": 1.0, "glucose_last_ever": 94.0}, None),
        (SOME, {"smokes": 1.0, "gout_ever": 0.0}, None),
        (SEEN, {"smokes": 1.0, "hba1c_last_365d": 6.0}, 0.5),
        (SEEN, {"smokes": 1.0, "hba1c_last_365d": NAN, "hba1c_last_ever": 6.0}, None),
        (SEEN, {"smokes": 1.0}, None),
        (QUIT, {"smokes": 1.0}, 0.5),
        (SLOW, {"smokes": 1.0}, 0.5**0.6),
        (LESS, {"smokes": 1.0}, 0.5**0.3),
        (QUIT, {"smokes": 0.0}, None),
        (QUIT, {"smokes": NAN}, None),
    ],
)
def test_a_trial_counts_for_who_is_like_its_people_and_not_treated(trial, row, ratio):
    found = treated(0.2, [trial], row)
    assert bool(found) == (ratio is not None)
    for each in found:
        assert each["title"] in ("start: statin", "start: x", "no longer smokes")
        assert each["risk"] == pytest.approx(1 - 0.8**ratio, abs=1e-4)
        assert each["difference"] == pytest.approx(each["risk"] - 0.2)
        assert each["between"] is None


def test_the_error_of_the_study_is_told_as_far_as_its_ratio_counts():
    known = HALF.model_copy(update={"interval": (0.7, 0.9)})
    [told_] = treated(0.2, [known], {"statin_ever": 0.0, "ldl_last_ever": 107.4167})
    ends = [1 - 0.8 ** (each**0.5) for each in known.interval]
    assert told_["between"] == pytest.approx(ends, abs=1e-4)


@pytest.mark.parametrize(
    "fault",
    [
        {"stop": "smokes"},
        {"lowers": 9},
        {"per": None},
        {"lowers_share": None},
        {"lowers_more": 0.1},
        {"interval": (0.8, 0.9)},
    ],
)
def test_half_a_trial_is_refused(fault):
    with pytest.raises(ValueError, match="one of"):
        Trial(**(STATIN.model_dump() | fault))


def test_treatments_of_disease_files_are_features_or_words_of_their_own():
    params = PARAMS["featurize"]
    files = (ROOT / "diseases").glob("*.yaml")
    every = [t for f in files for t in Disease(**yaml.safe_load(f.read_text())).trials]
    starts = {each.start for each in every if each.start}
    assert starts - params["drugs"].keys() == {"lifestyle_programme"}
    assert {each.stop for each in every if each.stop} <= params["answers"].keys()
    measures = {each.measure for each in every if each.measure}
    measures |= {name for each in every for name in (*each.among, *each.tested)}
    assert measures <= params["units"].keys()
    assert {name for e in every for name in e.having} <= params["history"].keys()
