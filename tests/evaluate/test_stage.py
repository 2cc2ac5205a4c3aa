"""The stage, with a model that the stage before it made."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from chronicle.core import store
from chronicle.core.model import predict
from chronicle.core.tables import COHORT, COMPARATORS, FEATURES, PATIENTS
from chronicle.evaluate.apart import same_patients, unseen
from chronicle.evaluate.people import People
from tests.conftest import digests
from tests.drawn import day

KEY = ["subject_id", "prediction_time"]
EVALUATE = (
    "evaluate", "cohort", "features", "model", "patients", "comparators",
    "diseases/htn.yaml", "evaluation.json", "metrics.json",
)  # fmt: skip


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return tmp_path_factory.mktemp("once")


@pytest.fixture
def judge(run, once):
    """Train on people drawn, once; give what evaluate says of these comparators."""
    if not any(once.iterdir()):
        train(run)
        shutil.copytree(".", once, dirs_exist_ok=True)
    shutil.copytree(once, ".", dirs_exist_ok=True)

    def made(comparators: pl.DataFrame) -> tuple[dict, dict]:
        file = Path("comparators/comparators.parquet")
        store.write(COMPARATORS, comparators, file)
        run(*EVALUATE)
        return tuple(map(store.read_json, map(Path, EVALUATE[-2:])))

    return made


def train(run) -> None:
    draw = np.random.default_rng(8)
    n = 800
    sick = draw.random(n) < 0.3
    cohort = pl.DataFrame(
        {
            "subject_id": np.arange(n),
            "prediction_time": [day(0)] * n,
            "boolean_value": sick,
            "status": np.where(sick, "onset", "horizon"),
            "time_days": 100.0,
            "weight": (np.arange(n) % 7 > 0).astype(float),
            "split": np.where(np.arange(n) % 2, "train", "test"),
            "split_temporal": np.where(np.arange(n) % 2, "train", "test"),
            "split_site": "train",
        }
    )
    signal = (sick + draw.normal(size=n)).astype(np.float32)
    features = cohort.select(KEY).with_columns(bmi=pl.Series(signal))
    store.write(COHORT, cohort, Path("cohort/cohort.parquet"))
    store.write(FEATURES, features, Path("features/visits/0000.parquet"))
    store.write(PATIENTS, patients(n), Path("patients/0000.parquet"))
    store.write_json(
        [{"name": "bmi", "codes": ["LOINC//39156-5"]}],
        Path("features/visits/dictionary.json"),
    )
    run("train", "cohort", "features", "diseases/htn.yaml", "model")


def patients(n: int) -> pl.DataFrame:
    told = {
        "subject_id": np.arange(n),
        "gender": np.where(np.arange(n) % 4 < 2, "female", "male"),
        "birth_date": day(-40 * 365.25).date(),
        "race": np.where(np.arange(n) < 4, "2028-9", "2106-3"),
        "site": "north",
        "provenance": "-",
    }
    return pl.concat([PATIENTS.empty(), pl.DataFrame(told)], how="diagonal")


def own_risks(name: str, disease: str = "htn") -> pl.DataFrame:
    """Give the model's own risks as if somebody else had given them."""
    features = store.read(FEATURES, Path("features/visits"))
    matrix = pd.DataFrame(features.select("bmi").to_numpy(), columns=["bmi"])
    about = store.read_json(Path("model/model.json"))
    risk, _ = predict(Path("model/model.txt"), matrix, about)
    return features.select("subject_id").with_columns(
        disease=pl.lit(disease),
        name=pl.lit(name),
        from_time=pl.lit(day(-1)).cast(pl.Datetime("us")),
        until_time=pl.lit(day(1)).cast(pl.Datetime("us")),
        risk=pl.Series(risk),
    )


def test_the_models_own_risk_is_judged_as_the_model_and_differs_by_nought(judge):
    evaluation, metrics = judge(own_risks("mirror"))
    [found] = evaluation["comparators"]
    assert found["differences"]["auroc"] == {"value": 0, "low": 0, "high": 0}
    assert found["index_times"] == evaluation["counts"]["test"]["index_times"]
    for name, score in found["model"].items():
        assert found["comparator"][name] == score == evaluation["metrics"][name]
    assert metrics["auroc_minus_mirror"] == 0
    for end in ("", "_low", "_high"):
        assert metrics[f"mirror_auroc{end}"] == metrics[f"auroc{end}"]


def test_risks_of_another_disease_are_not_looked_at(judge):
    evaluation, metrics = judge(own_risks("mirror", disease="chd"))
    assert evaluation["comparators"] == []
    assert not [name for name in metrics if "mirror" in name]


def test_a_comparator_changes_nothing_that_is_said_of_the_model(judge):
    alone, before = judge(COMPARATORS.empty())
    model = digests(Path("model"))
    beside, after = judge(own_risks("mirror"))
    assert alone == beside | {"comparators": []}
    assert before == {name: n for name, n in after.items() if "mirror" not in name}
    assert digests(Path("model")) == model


def test_without_a_model_there_is_nothing_to_compare(judge):
    judge(own_risks("mirror"))
    about = store.read_json(Path("model/model.json")) | {"trained": False}
    store.write_json(about, Path("model/model.json"))
    assert judge(COMPARATORS.empty())[0]["comparators"] == []


def test_what_features_add_and_one_number_for_all_make_the_logit_of_the_risk(judge):
    judge(COMPARATORS.empty())
    features = store.read(FEATURES, Path("features/visits"))
    matrix = pd.DataFrame(features.select("bmi").to_numpy(), columns=["bmi"])
    about = store.read_json(Path("model/model.json"))
    about["start"]["terms"] = [
        {"feature": "bmi", "coefficient": 0.3, "mean": 0.1, "scale": 2.0, "missing": 0}
    ]
    risk, parts = predict(Path("model/model.txt"), matrix, about)
    rest = np.log(risk / (1 - risk)) - parts.sum(axis=1)
    assert np.ptp(rest) < 1e-9
    assert np.ptp(parts) > 0


def test_groups_are_told_by_name_and_those_that_are_too_small_are_not_scored(judge):
    evaluation, metrics = judge(COMPARATORS.empty())
    told = {each["by"]: each for each in evaluation["groups"]}
    assert {
        name: [g["name"] for g in each["groups"]] for name, each in told.items()
    } == {
        "sex": ["female", "male"],
        "age": ["0 to 44"],
        "race": ["2028-9", "2106-3"],
        "ethnicity": ["unknown"],
        "site": ["north"],
    }
    few, many = told["race"]["groups"]
    assert (few["scored"], few["metrics"], few["patients"]) == (False, None, 1)
    assert many["patients"] + few["patients"] == metrics["test_patients"]
    assert told["race"]["gaps"] == {}
    [all_] = told["site"]["groups"]
    assert all_["metrics"]["auroc"] == evaluation["metrics"]["auroc"]
    assert 0.05 < all_["metrics"]["flagged"]["value"] <= 0.1
    gap = told["sex"]["gaps"]["auroc"]
    by_sex = {g["name"]: g["metrics"]["auroc"]["value"] for g in told["sex"]["groups"]}
    assert gap["value"] == pytest.approx(abs(np.subtract(*by_sex.values())), abs=1e-5)
    assert gap["low"] < gap["value"] < gap["high"]
    assert metrics["sex_gap_auroc"] == gap["value"]


def test_the_newest_are_those_of_the_temporal_test_split(judge):
    evaluation, metrics = judge(COMPARATORS.empty())
    newest = evaluation["newest"]
    assert newest["index_times"] == metrics["test_index_times"]
    assert newest["metrics"] == evaluation["metrics"]
    rows = store.read(COHORT, Path("cohort/cohort.parquet"))
    early = rows.with_columns(split_temporal=pl.lit(None, pl.String))
    store.write(COHORT, early, Path("cohort/cohort.parquet"))
    newest = judge(COMPARATORS.empty())[0]["newest"]
    assert newest == {"groups": [], "index_times": 0, "metrics": None} | dict.fromkeys(
        ("patients", "outcome_patients"), 0
    )


def test_years_are_judged_by_a_model_that_was_fitted_without_them(judge):
    evaluation, metrics = judge(COMPARATORS.empty())
    # Nobody stands at a held-out site, so there is no model for that.
    [years] = evaluation["apart"]
    # All that it learnt from was early here; calibration is fitted until it is near.
    assert years["metrics"].keys() == evaluation["metrics"].keys()
    for name, told in evaluation["metrics"].items():
        assert years["metrics"][name] == pytest.approx(told, abs=1e-5), name
    assert years["learnt"]["patients"] == metrics["train_patients"]
    assert metrics["split_temporal_auroc"] == metrics["auroc"]


SPLITS = {
    "test_fraction": 0.5, "salt": 1, "temporal_test_from": "2010-01-01T00:00:00",
    "held_out_sites": ["south"], "sites": ["east", "south"],
}  # fmt: skip
LATER = {"temporal_test_from": "2031-01-01T00:00:00"}


@pytest.mark.parametrize(
    ("changed", "patients", "years", "sites"),
    [
        pytest.param({}, True, True, True, id="as today"),
        pytest.param(None, False, False, False, id="nobody knows"),
        pytest.param({"salt": 2}, False, False, True, id="other patients"),
        pytest.param({"test_fraction": 0.4}, False, False, True, id="fewer left out"),
        pytest.param({"test_fraction": 0.6}, True, True, True, id="more left out"),
        pytest.param(LATER, True, False, True, id="these years were learnt from"),
        pytest.param({"held_out_sites": []}, True, True, False, id="this site, too"),
        pytest.param(
            {"held_out_sites": [], "sites": ["east"]}, True, True, True, id="a new site"
        ),
        pytest.param(
            {"held_out_sites": ["west"], "sites": ["east", "site-0a", "west"]},
            True, True, False, id="a site of another name, which may be this one",
        ),
    ],
)  # fmt: skip
def test_a_model_in_use_is_asked_of_what_it_surely_never_saw(
    changed, patients, years, sites
):
    then = None if changed is None else SPLITS | changed
    rows = pl.DataFrame({"subject_id": [1], "prediction_time": [day(0)]})
    theirs = pl.DataFrame({"subject_id": [1], "site": ["south"]})
    given = People(rows, pd.DataFrame(index=[0]), (), rows, theirs, SPLITS)
    assert same_patients(then, SPLITS) is patients
    found = [
        unseen(each, given, then).all() for each in ("split_temporal", "split_site")
    ]
    assert found == [years, sites]


def test_what_a_model_in_use_may_have_seen_is_told_and_not_judged(judge):
    store.write_json(SPLITS, Path("cohort/splits.json"))
    judged, _ = judge(COMPARATORS.empty())  # a model from before splits were told
    assert (judged["may_have_seen"], judged["apart"][0]["metrics"]) == (True, None)
    assert judged["apart"][0]["seen"] == judged["newest"]["index_times"]


def test_a_model_that_reads_what_is_no_longer_made_is_not_judged_and_says_so(judge):
    judge(COMPARATORS.empty())
    store.write_json([{"name": "sbp"}], Path("features/visits/dictionary.json"))
    evaluation, metrics = judge(COMPARATORS.empty())
    assert evaluation["reason"] == "reads what is no longer made: 1 of 1 features"
    assert (evaluation["trained"], metrics["trained"]) == (False, 0)
