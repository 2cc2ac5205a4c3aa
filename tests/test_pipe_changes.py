"""What else changes where something changes: the rest is left alone."""

import json
import re
import shutil
import zlib

import pytest

from tests.drawn import risks
from tests.pipe import DISEASES, outputs, retrain, sh

pytestmark = pytest.mark.slow
# Of all diseases, since a process for each would cost more than it could save.
TODAY = ("data/reasons", "data/scores", "data/references", "data/drifts")


def test_risks_from_outside_stand_beside_the_models_and_change_nothing_else(
    untouched, tmp_path
):
    before, folder = outputs(untouched), tmp_path / "copy"
    shutil.copytree(untouched, folder, symlinks=True)
    # Some of these are no patients of the sample.
    names = [f"sample-{number:03d}" for number in range(1, 200)]
    drawn = [f"{n} -9999 9999 0.{zlib.crc32(n.encode()):010d} by=clinic" for n in names]
    (tmp_path / "risks").mkdir()
    risks("\n".join(drawn)).write_parquet(tmp_path / "risks/clinic.parquet")
    told = retrain(folder, "source", str(tmp_path / "risks"))
    after = outputs(folder)
    assert {name for name in before if before[name] != after[name]} == {
        "data/champions/htn",  # the same model, beside other comparators
        "data/comparators",
        "data/evaluations/htn.json",
        "reports/cards",
        "reports/htn/metrics.json",
        "reports/ledger.json",
        "reports/report.html",
        "reports/summary.txt",
    }
    counts = json.loads((folder / "reports/ledger.json").read_text())["comparators"]
    assert counts["read"] == counts["kept"] + counts["unknown_patient"] == 199
    assert min(counts["kept"], counts["unknown_patient"]) > 0
    metrics = json.loads((folder / "reports/htn/metrics.json").read_text())
    assert metrics["clinic_auroc_low"] < metrics["clinic_auroc"]
    # Of those who have both: virtual patients have no such risk.
    low, high = (metrics[f"auroc_minus_clinic_{end}"] for end in ("low", "high"))
    assert low < metrics["auroc_minus_clinic"] < high
    page = (folder / "reports/report.html").read_text()
    assert "Beside others" in page
    assert "; clinic 0." in told
    assert "sample-0" not in told + page


def test_a_changed_disease_file_reruns_that_disease_alone(untouched, tmp_path):
    before, folder = outputs(untouched), tmp_path / "copy"
    shutil.copytree(untouched, folder, symlinks=True)
    path = folder / "diseases/htn.yaml"
    text = path.read_text()
    path.write_text(text.replace("horizon_days: 1825", "horizon_days: 1095"))
    told = retrain(folder)
    after = outputs(folder)
    changed = {name for name in before if before[name] != after[name]}
    differs = sh(folder, "dvc", "metrics", "diff", "--md")
    assert changed
    assert re.search(r"reports/htn/metrics.json *\| auroc *\|", differs)
    shared = ("reports/", *TODAY)
    assert all("htn" in name or name.startswith(shared) for name in changed)
    assert not any(other in name for name in changed for other in DISEASES - {"htn"})
    assert "Unchanged" in told
