"""What other tools make of an export. They do not live with our versions of polars.

CHRONICLE_PEERS is a Python of its own with `meds`, `es-aces` and `MEDS-tab`.
"""

import json
import os
import subprocess
from pathlib import Path

import polars as pl
import pytest
import yaml

from chronicle.core import store
from chronicle.core.tables import COHORT, INDEX
from tests.conftest import INGEST

PEERS = os.environ.get("CHRONICLE_PEERS", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PEERS, reason="no Python with MEDS tools (CHRONICLE_PEERS)"),
]
KEY = ["subject_id", "prediction_time"]
STATED = ["ICD10CM//I10", "SNOMED//59621000", "SNOMED//38341003", "ICD9CM//401.9"]
GAP, HORIZON = 30, 730
ASKED = {
    "title": "What two tools can say",
    "why": "a test",
    "does_not_mean": "anything",
    "sources": ["none"],
    "lists": {"stated": {"include": STATED}},
    "onset": {"any_of": [{"codes": ["stated"]}]},
    "index": "visits",
    "eligible": {"min_age_years": 0, "min_history_days": 0},
    "gap_days": GAP,
    "horizon_days": HORIZON,
}
NONE = {"stated": "(None, 0)"}
CLOSED = {"start_inclusive": True, "end_inclusive": True}
OPEN = {"start_inclusive": False, "end_inclusive": True}
IN_ACES = {
    "predicates": {
        "visit": {"code": "ENCOUNTER//AMB"},
        "stated": {"code": {"any": STATED}},
    },
    "trigger": "visit",
    "windows": {
        "past": CLOSED
        | {"start": None, "end": "trigger", "has": {**NONE}, "index_timestamp": "end"},
        "gap": OPEN | {"start": "trigger", "end": f"start + {GAP}d", "has": {**NONE}},
        "target": OPEN
        | {"start": "gap.end", "end": f"start + {HORIZON - GAP}d", "label": "stated"},
    },
}


def peers(*words: object) -> dict:
    script = Path(__file__).with_name("peers.py")
    told = subprocess.run(
        [PEERS, script, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    assert told.returncode == 0, told.stderr[-2000:]
    return json.loads(told.stdout)


@pytest.fixture
def meds(run, project) -> Path:
    settings = yaml.safe_load((project / "params.yaml").read_text())
    settings["simulate"] |= {"patients": 60, "replays": 1, "treated_years": []}
    (project / "params.yaml").write_text(yaml.safe_dump(settings))
    run("simulate", "diseases", "simulated")
    run(*(word.replace("landing", "simulated/landing") for word in INGEST))
    for rule in ("today", "visits"):
        run("index", "data/tables", f"index/{rule}")
    (project / "asked.yaml").write_text(yaml.safe_dump(ASKED))
    run("select", "data/tables", "index", "asked.yaml", "cohorts/asked")
    run("export", "data/tables", "cohorts", "meds")
    return project / "meds"


def test_other_tools_read_what_is_exported(meds, tmp_path):
    rows = peers("validate", meds)
    assert all(rows.values())
    cohort = store.read(COHORT, Path("cohorts/asked/cohort.parquet"))
    known = cohort.drop_nulls("boolean_value")
    assert rows["labels/**/*.parquet"] == known.height

    (tmp_path / "task.yaml").write_text(yaml.safe_dump(IN_ACES))
    peers("aces", tmp_path / "task.yaml", meds, tmp_path / "aces.parquet")
    aces = pl.read_parquet(tmp_path / "aces.parquet").rename(
        {"index_timestamp": "prediction_time"}
    )
    asked = aces.join(store.read(INDEX, Path("index/visits")), on=KEY, how="semi")
    both = known.join(asked, on=KEY, how="left")
    assert both.filter(pl.col("label") != pl.col("boolean_value")).is_empty()
    assert both["label"].null_count() == 0
    # Both ask the same people at the same times, those lost later too.
    assert asked.select(KEY).sort(KEY).equals(cohort.select(KEY).sort(KEY))

    found = peers("tabularize", meds / "labels/asked", meds, tmp_path / "tab")
    assert found["rows"] == known.height
