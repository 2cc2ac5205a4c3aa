"""Bundles to report, as a user runs it."""

import json
from pathlib import Path

import pytest

from tests.ingest.planted import WORD
from tests.ingest.planting import found, told_by
from tests.pipe import DISEASES, clone, retrain, sh
from tests.test_house import STAGES

pytestmark = pytest.mark.slow
# Where the marker stood before anything was read, or is spelt by those who look for it.
RAW = ("data/landing", "data/risks", "sample", "source", "tests", ".dvc", ".git")


def test_the_main_job_ends_with_what_a_person_wants_to_know(made):
    folder, told = made
    total = json.loads((folder / "reports/ledger.json").read_text())["total"]
    assert "reports/report.html" in told
    for number in total.values():
        assert f"{number:,}" in told
    assert "too few outcomes: not trained" in told
    assert "AUROC" in told
    assert (folder / "reports/report.html").stat().st_size > 10_000


def test_the_ledger_of_the_sample_adds_up_and_shows_every_fate(made):
    ledger = json.loads((made[0] / "reports/ledger.json").read_text())
    fates = {k: n for k, n in ledger["total"].items() if k != "read"}
    assert ledger["total"]["read"] == sum(fates.values())
    assert all(fates.values())
    reasons = {"truncated-gzip", "not-fhir", "version-R5", "version-STU3", "orphan"}
    assert reasons | {"invalid-R4", "entered-in-error"} <= set(ledger["by_reason"])


def test_true_risks_stand_beside_the_models(made):
    folder, told = made
    metrics = json.loads((folder / "reports/htn/metrics.json").read_text())
    assert "oracle" in told
    assert metrics["oracle_auroc"] > 0.7


def test_a_model_is_made_where_there_is_something_to_learn(made):
    trained = {
        slug: json.loads((made[0] / f"reports/{slug}/metrics.json").read_text())
        for slug in DISEASES
    }
    assert {each["trained"] for each in trained.values()} == {0, 1}
    for each in trained.values():
        if each["trained"]:
            assert each["auroc_low"] <= each["auroc"] <= each["auroc_high"]


def test_a_second_run_does_nothing_and_says_so(made):
    assert "NoChange" in retrain(made[0])


def test_plots_are_dvcs_and_need_no_network(made):
    folder = made[0]
    assert "auroc" in sh(folder, "dvc", "metrics", "show")
    sh(folder, "dvc", "plots", "show")
    page = (folder / "dvc_plots/index.html").read_text()
    assert "htn-roc.svg" in page
    assert "http://" not in page
    assert "https://" not in page


def test_a_failed_gate_stops_before_any_cohort_and_leaves_the_page(made, tmp_path):
    folder = clone(tmp_path / "gated")
    path = folder / "expectations/patients.json"
    suite = json.loads(path.read_text())
    for each in suite["expectations"]:
        if each["type"] == "expect_table_row_count_to_be_between":
            each["kwargs"] = {"min_value": 10_000_000}
    path.write_text(json.dumps(suite))
    told = retrain(folder, "sample", exits=13)
    assert "GateFailed" in told
    assert (folder / "reports/checks/index.html").exists()
    assert not (folder / "data/cohorts").exists()


def test_a_typo_ends_with_ten_and_says_where(tmp_path):
    folder = clone(tmp_path / "typo")
    path = folder / "params.yaml"
    path.write_text(path.read_text().replace("shards: 4", "shads: 4", 1))
    found = retrain(folder, "sample", exits=10)
    assert "shards: Field required" in found
    assert "Traceback" not in found


def test_an_empty_source_ends_with_fifteen_and_leaves_the_landing_alone(made, tmp_path):
    folder, empty = made[0], tmp_path / "empty"
    empty.mkdir()
    before = len([*(folder / "data/landing").rglob("*")])
    told = retrain(folder, str(empty), exits=15)
    assert "where:" in told
    assert "Traceback" not in told
    assert len([*(folder / "data/landing").rglob("*")]) == before


def test_no_patient_is_in_what_people_see(made):
    folder, told = made
    seen = [told, (folder / "dvc.lock").read_text(), (folder / "dvc.yaml").read_text()]
    for kind in ("*.json", "*.html", "*.txt", "*.svg"):
        seen += [path.read_text() for path in (folder / "reports").rglob(kind)]
    for text in seen:
        assert "Sample Patient" not in text
        assert "sample-0" not in text


def test_no_text_leaves_by_any_stage_log_artifact_or_report(made):
    folder, told = made
    assert WORD.lower() not in told.lower()
    leaves = [
        (where, text)
        for where, text in told_by(folder)
        if not Path(where).relative_to(folder).as_posix().startswith(RAW)
    ]
    assert any("reports/checks/index.html" in where for where, _ in leaves)
    assert found(iter(leaves)) == set()


def test_the_flow_shows_every_stage_of_the_graph(made):
    names = [name.partition("@")[0] for name in made[1].split()]
    assert set(STAGES) <= set(names)
