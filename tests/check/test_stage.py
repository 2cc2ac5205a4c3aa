"""Tables in; verdicts, a page and a gate out, as a user runs them."""

import json
import re
from pathlib import Path

import polars as pl

from chronicle.core import store
from chronicle.core.tables import EVENTS, PATIENTS
from tests.check.test_suites import GOOD
from tests.conftest import digests

MARKED = "Zebulon-Marker-1951"
CHECKS = Path("reports/checks")


def lay(patients: pl.DataFrame, events: pl.DataFrame) -> None:
    store.write(PATIENTS, patients, Path("data/tables/patients/0000.parquet"))
    store.write(EVENTS, events, Path("data/tables/events/0000.parquet"))


def test_good_tables_pass_and_the_gate_opens(run):
    lay(**GOOD)
    run("check", "data/tables", "expectations", str(CHECKS))
    run("gate", str(CHECKS), "reports/gate.json")
    assert json.loads(Path("reports/gate.json").read_text())["passed"] is True


def test_the_same_tables_give_the_same_bytes(run):
    lay(**GOOD)
    run("check", "data/tables", "expectations", str(CHECKS))
    before = digests(CHECKS)
    run("check", "data/tables", "expectations", str(CHECKS))
    assert digests(CHECKS) == before


def test_a_bad_table_leaves_its_page_and_closes_the_gate(run):
    lay(GOOD["patients"].clear(), GOOD["events"])
    run("check", "data/tables", "expectations", str(CHECKS))
    told = run("gate", str(CHECKS), "reports/gate.json", exits=13)
    assert "patients.patients_not_empty" in told
    assert "reports/checks/index.html" in told
    page = (CHECKS / "index.html").read_text()
    assert "Rejected" in page
    assert page.index("patients not empty") < page.index("birth date known")
    assert not Path("reports/gate.json").exists()


def test_a_gate_without_a_verdict_does_not_open(run):
    CHECKS.mkdir(parents=True)
    assert "no table was judged" in run("gate", str(CHECKS), "g.json", exits=13)


def test_no_value_of_a_patient_is_in_verdict_page_or_log(run):
    text = pl.lit(MARKED)
    lay(
        GOOD["patients"].with_columns(
            gender=text, provenance=text, subject_id=pl.lit(195119511951)
        ),
        GOOD["events"].with_columns(
            code=text,
            text_value=text,
            provenance=text,
            status=text,
            resource_type=text,
            numeric_value=pl.lit(19511.5, pl.Float32),
        ),
    )
    told = run("check", "data/tables", "expectations", str(CHECKS))
    told += run("gate", str(CHECKS), "g.json", exits=13)
    told += "".join(path.read_text() for path in CHECKS.iterdir())
    assert MARKED not in told
    assert "1951195" not in told
    assert "19511.5" not in told


def test_the_page_asks_nothing_of_the_network(run):
    lay(**GOOD)
    run("check", "data/tables", "expectations", str(CHECKS))
    page = (CHECKS / "index.html").read_text()
    assert not re.search(r"(?:src|href)=|url\(|<script|@import", page)
