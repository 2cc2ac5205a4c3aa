"""Cohort and features in; a word to go on, or exit code 13, as a user runs it."""

import json
from pathlib import Path

import polars as pl

from chronicle.audit.__main__ import main
from tests.audit.drawn_matrix import DISEASE, cohort, lay, matrix
from tests.conftest import ROOT, digests

OUT = Path("reports/audit")
TABLES = ("cohort", "features")
AUDIT = (
    "audit", "data/checked", "data/cohorts", "data/features", "diseases",
    "expectations", str(OUT),
)  # fmt: skip


def test_an_honest_cohort_and_matrix_pass_and_give_the_same_bytes(run):
    lay(cohort(), matrix())
    run(*AUDIT)
    assert json.loads((OUT / "passed.json").read_text()) == {"passed": True}
    told = {each: json.loads((OUT / f"{each}.json").read_text()) for each in TABLES}
    assert all(each["critical_failures"] == 0 for each in told.values())
    before = digests(OUT)
    run(*AUDIT)
    assert digests(OUT) == before


def test_a_leak_is_named_and_nothing_says_that_training_may_begin(run):
    label = cohort()["boolean_value"].cast(pl.Float32)
    twice = cohort().with_columns(
        split_temporal=pl.lit("test"), split=pl.lit("train"), weight=pl.lit(-1.0)
    )
    lay(twice, matrix().with_columns(ldl_last_ever=300 + label))
    told = run(*AUDIT, exits=13)
    assert "cohort.weight_not_negative (40 of 40)" in told
    assert "features.known_by_then (40 of 400, at visits: ldl)" in told
    leak = "features.no_feature_knows_the_outcome"
    assert leak in told
    assert f"{DISEASE}: ldl_last_ever" in told
    assert "nothing is learnt until" in told
    assert not (OUT / "passed.json").exists()
    asked = json.loads((OUT / "features.json").read_text())["expectations"]
    assert not asked["no_feature_knows_the_outcome"]["passed"]
    assert "boolean_value" not in told


def test_the_committed_suites_are_read_and_each_check_can_fail(capsys):
    assert main([str(ROOT / "expectations")]) == 0
    assert "of cohort and features, of which 0 ask nothing" in capsys.readouterr().out
