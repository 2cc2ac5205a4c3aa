"""How far today is from a model's first day, and what is said of it."""

import json
import math
import shutil
from pathlib import Path

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest
import yaml

from chronicle.core import store
from chronicle.core.present import SCORES
from chronicle.core.tables import FEATURES, PATIENTS
from chronicle.drift.distance import farther, lower, psi, share
from tests.conftest import digests
from tests.drawn import day

SLUG = "heart_failure"
DRIFT = (
    "drift", "patients", "features", "scores", "champions", "references", "drifts",
    "drift.json", "drift.html",
)  # fmt: skip
N = 1200
COLUMNS = ("age_years", "sbp_last_ever", "smokes", "never_read")
GOOD = {
    "trained": True,
    "prevalence": 0.1,
    "judged": {"outcome_patients": 120},
    "metrics": {
        "observed_expected": {"value": 1.0, "low": 0.9, "high": 1.1},
        "auroc": {"value": 0.75, "low": 0.73, "high": 0.77},
    },
    "newest": {"metrics": None, "outcome_patients": 3},
}


def people() -> dict[str, np.ndarray]:
    draw = np.random.default_rng(4)
    return {
        "age_years": draw.uniform(40, 80, N),
        "sbp_last_ever": draw.normal(130, 15, N),
        "smokes": (draw.random(N) < 0.2).astype(float),
        "never_read": draw.normal(0, 1, N),
        "risk": draw.beta(1, 9, N),
        "unlike": np.zeros(N, bool),
    }


@pytest.fixture(scope="module")
def booster() -> str:
    drawn = people()
    matrix = np.column_stack([drawn[name] for name in COLUMNS[:3]])
    sick = (drawn["sbp_last_ever"] > 140).astype(float)
    data = lgb.Dataset(matrix, sick, feature_name=list(COLUMNS[:3]))
    settings = {"objective": "binary", "num_leaves": 4, "verbose": -1}
    return lgb.train(settings, data, 3).model_to_string()


@pytest.fixture
def today(run, project, booster):
    """Lay out people and what is said of them, and ask for drift; give the verdict."""
    params = yaml.safe_load((project / "params.yaml").read_text())
    (project / "params.yaml").write_text(yaml.safe_dump(params | {"diseases": [SLUG]}))

    def ask(version: str = "first", evaluation: dict = GOOD, **changed) -> dict:
        drawn = people() | changed
        key = {"subject_id": np.arange(N) + 1, "prediction_time": [day(0)] * N}
        index = pl.DataFrame(key)
        risk = pl.Series("risk", drawn["risk"])
        unsaid = pl.when(pl.Series(drawn["unlike"])).then(pl.lit("unlike"))
        nothing = [pl.lit(None, SCORES.schema[n]).alias(n) for n in SCORES.columns]
        rows = index.with_columns(
            each for each in nothing if each.meta.output_name() not in key
        ).with_columns(unsaid=unsaid)
        rows = rows.with_columns(risk=pl.when(pl.col("unsaid").is_null()).then(risk))
        store.write(SCORES, rows, Path(f"scores/{SLUG}/scores.parquet"))
        matrix = index.with_columns(
            pl.Series(n, drawn[n].astype(np.float32), nan_to_null=True) for n in COLUMNS
        )
        store.write(FEATURES, matrix, Path("features/today/0.parquet"))
        sites = drawn.get("site", np.where(np.arange(N) % 4, "north", "south"))
        patients = pl.DataFrame(
            {"subject_id": key["subject_id"], "site": sites, "provenance": "Patient/x"}
        )
        missing = [n for n in PATIENTS.columns if n not in patients.columns]
        whole = patients.with_columns(
            pl.lit(None, PATIENTS.schema[n]).alias(n) for n in missing
        )
        store.write(PATIENTS, whole, Path("patients/0.parquet"))
        champion = Path("champions") / SLUG
        about = {"start": {"terms": [{"feature": "smokes"}]}}
        store.write_json(about, champion / "model" / "model.json")
        store.write_text(booster, champion / "model" / "model.txt")
        store.write_json({"champion": version}, champion / "promotion.json")
        store.write_json(evaluation, champion / "evaluation.json")
        run(*DRIFT)
        return json.loads(Path(f"drifts/{SLUG}.json").read_text())

    return ask


def test_where_nothing_changes_nothing_is_said_and_no_byte_changes(today):
    assert today()["verdict"] == "silent"
    made = digests(Path())
    assert today()["verdict"] == "silent"
    assert digests(Path()) == made
    kept = Path(f"references/{SLUG}/first.json").read_text()
    # What no tree and no term reads is nobody's drift.
    assert "sbp_last_ever" in kept
    assert "never_read" not in kept


def test_a_feature_that_moves_warns_and_calls_for_no_other_model(today):
    today()
    told = today(sbp_last_ever=people()["sbp_last_ever"] + 15)
    assert told["verdict"] == "warn"
    assert "feature sbp_last_ever: " in told["reasons"][0]
    assert today()["verdict"] == "silent"


def test_a_feed_that_one_site_has_lost_is_named_with_its_site(today):
    today()
    south = np.arange(N) % 4 == 0
    told = today(sbp_last_ever=np.where(south, np.nan, people()["sbp_last_ever"]))
    assert told["verdict"] == "warn"
    assert any("missing sbp_last_ever at south" in each for each in told["reasons"])
    assert not any("at north" in each for each in told["reasons"])
    verdicts = {each["site"]: each["verdict"] for each in told["sites"]}
    assert verdicts == {"north": "silent", "south": "warn"}


def test_a_new_site_is_a_change_of_who_is_asked(today):
    today()
    site = np.where(np.arange(N) % 3, "north", "west")
    told = today(site=site)
    assert "warn: sites: " in "\n".join(told["reasons"])


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        pytest.param({"risk": people()["risk"] * 2}, "scores risk", id="scores"),
        pytest.param({"unlike": np.arange(N) % 5 == 0}, "unlike", id="unlike"),
    ],
)
def test_what_the_model_says_decides_whether_another_is_needed(today, changed, reason):
    today()
    told = today(**changed)
    assert told["verdict"] == "retrain now"
    assert any(each.startswith(f"retrain now: {reason}") for each in told["reasons"])


def how(low: float, value: float, high: float, auroc: float = 0.75, rate=0.1) -> dict:
    metrics = {
        "observed_expected": {"value": value, "low": low, "high": high},
        "auroc": {"value": auroc, "low": auroc - 0.02, "high": auroc + 0.02},
    }
    return GOOD | {"metrics": metrics, "prevalence": rate}


@pytest.mark.parametrize(
    ("evaluation", "verdict"),
    [
        pytest.param(how(1.6, 1.8, 2.0), "retrain now", id="more than were told"),
        pytest.param(how(0.5, 0.55, 0.6), "retrain now", id="fewer than were told"),
        pytest.param(how(1.35, 1.5, 1.65), "warn", id="off, and surely"),
        # Beyond bounds of 95 %, where nobody would be warned of one in 100 diseases.
        pytest.param(how(1.1, 1.5, 1.9), "silent", id="off, and chance may do it"),
        pytest.param(how(0.9, 1.7, 3.0), "silent", id="far off, and nobody can tell"),
        pytest.param(
            how(1.35, 1.5, 1.65) | {"interval_percent": 50},
            "silent",
            id="off, by bounds that hold every other time",
        ),
        pytest.param(how(0.9, 1.0, 1.1, auroc=0.68), "retrain now", id="tells less"),
        pytest.param(how(0.9, 1.0, 1.1, rate=0.2), "retrain now", id="twice as many"),
    ],
)
def test_as_outcomes_come_in_the_model_is_held_to_them(today, evaluation, verdict):
    today()
    assert today(evaluation=evaluation)["verdict"] == verdict


def test_who_came_into_use_although_it_was_off_has_not_drifted(today):
    off = how(1.4, 1.49, 1.6)
    assert today(evaluation=off)["verdict"] == "silent"
    assert today(evaluation=how(0.9, 1.0, 1.1))["verdict"] == "silent"
    assert today(evaluation=how(2.2, 2.4, 2.6))["verdict"] == "retrain now"


def test_each_model_has_a_beginning_of_its_own_and_keeps_it(today):
    today()
    moved = {"risk": people()["risk"] * 2}
    assert today("second", **moved)["verdict"] == "silent"
    assert today("second")["verdict"] == "retrain now"
    assert today("first")["verdict"] == "silent"


def test_without_a_model_there_is_nothing_to_drift_from(today, run):
    today()
    shutil.rmtree("scores")
    run(*DRIFT)
    assert store.read_json(Path("drift.json"))[SLUG]["verdict"] == "no model"


def test_chance_alone_is_exceeded_as_seldom_as_is_asked():
    draw = np.random.default_rng(3)
    shares = [0.4, 0.3, 0.2, 0.1]
    distances = [
        psi(*draw.multinomial(n, shares, 2).tolist(), 0.05)
        for n in (100, 400, 2000)
        for _ in range(400)
    ]
    assert 0.02 < np.mean([each.value > each.chance for each in distances]) < 0.08
    shares_ = [
        share(*((int(k), 300) for k in draw.binomial(300, 0.2, 2)), 0.05)
        for _ in range(800)
    ]
    assert 0.02 < np.mean([abs(e.value) > e.chance for e in shares_]) < 0.08
    # One side of two, and what is less far off than it was counts as no distance.
    ratios = [
        farther(*(bounds(k / 200, math.sqrt(k) / 200) for k in pair), 0.1)
        for pair in draw.poisson(300, (800, 2))
    ]
    assert 0.02 < np.mean([e.value > e.chance for e in ratios]) < 0.08
    areas = [lower(*(bounds(v, 0.02) for v in pair), 0.1)
             for pair in draw.normal(0.7, 0.02, (800, 2))]  # fmt: skip
    assert 0.02 < np.mean([e.value > e.chance for e in areas]) < 0.08


def bounds(value: float, error: float) -> dict[str, float]:
    return {"value": value, "low": value - 1.96 * error, "high": value + 1.96 * error}
