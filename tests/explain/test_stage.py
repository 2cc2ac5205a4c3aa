"""The stage, with a model that the stages before it made."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from chronicle.core import store
from chronicle.core.tables import COHORT, FEATURES
from tests.conftest import digests
from tests.drawn import day

KEY = ["subject_id", "prediction_time"]
EXPLAIN = (
    "explain", "cohort", "features", "model", "diseases/heart_failure.yaml",
    "explanation.json", "explanations",
)  # fmt: skip
COLUMNS = {  # name: thing, unit
    "age_years": ("age", "a"),
    "female": ("gender", "1"),
    "sbp_last_ever": ("sbp", "mm[Hg]"),
    "sbp_since_days": ("sbp", "d"),
    "ldl_last_ever": ("ldl", "mg/dL"),
    "smokes": ("smokes", "1"),
    "statin_active": ("statin", "1"),
    "statin_ever": ("statin", "1"),
}


def drawn(n: int = 900) -> tuple[pl.DataFrame, pl.DataFrame]:
    draw = np.random.default_rng(8)
    age, sbp = draw.uniform(40, 80, n), draw.normal(130, 15, n)
    level = -3 + 0.05 * (age - 60) + 0.04 * (sbp - 130)
    sick = draw.random(n) < 1 / (1 + np.exp(-level))
    known = draw.random(n) < 0.8
    takes = (draw.random(n) < 0.3).astype(float)
    split = np.where(np.arange(n) % 2, "train", "test")
    cohort = pl.DataFrame(
        {
            # As long as real ones are, so that they are found where they must not be.
            "subject_id": np.arange(n) + 7_000_000_000_000_000_000,
            "prediction_time": [day(0)] * n,
            "boolean_value": sick,
            "status": np.where(sick, "onset", "horizon"),
            "time_days": 100.0,
            "weight": (np.arange(n) % 7 > 0).astype(float),
            "split": split,
            "split_temporal": split,
            "split_site": "train",
        }
    )
    values = {
        "age_years": age,
        "female": draw.random(n) < 0.5,
        "sbp_last_ever": np.where(known, sbp, np.nan),
        "sbp_since_days": np.where(known, draw.uniform(0, 400, n), np.nan),
        "ldl_last_ever": draw.normal(120, 30, n),
        "smokes": draw.random(n) < 0.2,
        "statin_active": takes,
        "statin_ever": takes,
    }
    series = [
        pl.Series(k, v.astype(np.float32), nan_to_null=True) for k, v in values.items()
    ]
    return cohort, cohort.select(KEY).with_columns(series)


@pytest.fixture
def trained(run):
    """Train on people drawn."""
    cohort, features = drawn()
    store.write(COHORT, cohort, Path("cohort/cohort.parquet"))
    store.write(FEATURES, features, Path("features/visits/0000.parquet"))
    told = [
        {"name": name, "thing": thing, "unit": unit, "meaning": "", "codes": []}
        for name, (thing, unit) in COLUMNS.items()
    ]
    store.write_json(told, Path("features/visits/dictionary.json"))
    run("train", "cohort", "features", "diseases/heart_failure.yaml", "model")
    return run


def test_a_risk_is_explained_and_nobody_is_named_outside_the_sample(trained):
    trained(*EXPLAIN)
    whole = store.read_json(Path("explanation.json"))
    lines = Path("explanations/reasons.ndjson").read_text().splitlines()
    told = [json.loads(each) for each in lines]
    assert len(told) == 200
    for each in told:
        parts = sum(concept["part"] for concept in each["concepts"])
        assert each["base_risk"] + parts == pytest.approx(each["risk"], abs=1e-5)
    assert whole["concepts"][0]["name"] == "age_and_sex"
    signs = {each["name"]: each["verdict"] for each in whole["signs"]}
    assert signs["age_years"] == "agrees"
    assert "age" not in signs  # Said once: the disease file goes first.
    assert "7000000000000" not in Path("explanation.json").read_text()
    before = digests(Path("explanations")), Path("explanation.json").read_bytes()
    trained(*EXPLAIN)
    after = digests(Path("explanations")), Path("explanation.json").read_bytes()
    assert before == after


def test_without_a_model_there_is_nothing_to_explain(trained):
    about = store.read_json(Path("model/model.json"))
    told = about | {"trained": False, "reason": "too few outcomes"}
    store.write_json(told, Path("model/model.json"))
    trained(*EXPLAIN)
    whole = store.read_json(Path("explanation.json"))
    assert whole == {"trained": False, "reason": "too few outcomes"}
    assert Path("explanations/reasons.ndjson").read_text() == ""
