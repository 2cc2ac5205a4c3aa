import json

import polars as pl
import pytest
import yaml

from chronicle.core import store
from chronicle.core.disease import Disease, Measures
from chronicle.core.tables import COHORT, EVENTS, INDEX, PATIENTS
from chronicle.core.until import keep, until
from chronicle.select.evidence import words
from chronicle.select.stage import SelectParams
from tests.conftest import ROOT, digests
from tests.drawn import NAMES, events, index_rows, number, patients

PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text())
LIVES = """
    ann -1000 LOINC//8480-6 120
    ann   100 SNOMED//22298006 during=ward
    ann    99 ENCOUNTER//IMP id=ward
    ann  3000 LOINC//8480-6 120
    bob -1000 LOINC//8480-6 120
    bob   100 SNOMED//22298006
    bob  3000 LOINC//8480-6 120
    cid -1000 LOINC//8480-6 120
    cid    10 LOINC//8480-6 120
    dot -1000 LOINC//8480-6 120
    dot   -10 SNOMED//399211009
    dot  3000 LOINC//8480-6 120
    dot  9000 MEDS_BIRTH
"""


@pytest.fixture
def tables(project):
    """Write the tables of four people, in one shard for each two."""
    born = {"ann": "1950 female", "bob": "1960 male", "cid": "1970 male"}
    for shard in (0, 1):
        names = NAMES[2 * shard : 2 * shard + 2]
        mine = [line for line in LIVES.splitlines() if line.strip()[:3] in names]
        people = [f"{name} {born.get(name, '1940 female')}" for name in names]
        for table, rows in (
            (EVENTS, events("\n".join(mine))),
            (PATIENTS, patients("\n".join(people))),
        ):
            store.write(table, rows, project / "t" / table.name / f"{shard}.parquet")
        for rule in PARAMS["index_rules"]:
            rows = index_rows(*names)
            store.write(INDEX, rows, project / f"i/{rule}/{shard}.parquet")
            keep(until(store.shards(project / "t" / "events")), project / "i" / rule)
    return project


def test_a_cohort_says_who_was_asked_and_what_came_of_it(tables, run):
    run("select", "t", "i", "diseases/chd.yaml", "c")
    rows = store.read(COHORT, tables / "c" / "cohort.parquet")
    # One code outside hospital is a question; a history of it is no news.
    assert rows.select("subject_id", "status", "boolean_value").rows() == [
        (number("ann"), "onset", True),
        (number("bob"), "horizon", False),
        (number("cid"), "censored", None),
    ]
    flow = json.loads((tables / "c" / "flow.json").read_text())
    gone = {each["excluded"]: each for each in flow["steps"] if "excluded" in each}
    assert [what for what, each in gone.items() if each["patients"]] == [
        "already there: a sign of it was known at the index time"
    ]
    assert flow["steps"][-1] == {"what": "at risk", "patients": 3, "index_times": 3}
    dealt = json.loads((tables / "c" / "splits.json").read_text())
    asked = PARAMS["select"]
    assert dealt["temporal_test_from"].startswith(asked["temporal_test_from"])
    told = ("test_fraction", "salt", "held_out_sites")
    assert {name: dealt[name] for name in told} == {name: asked[name] for name in told}
    assert dealt["sites"] == sorted(set(dealt["sites"])) != []


def test_the_cohort_does_not_depend_on_where_it_is_drawn(tables, run, monkeypatch):
    run("select", "t", "i", "diseases/admission.yaml", "alone")
    monkeypatch.setenv("CHRONICLE_WORKERS", "2")
    run("select", "t", "i", "diseases/admission.yaml", "together")
    assert digests(tables / "alone") == digests(tables / "together")
    rows = store.read(COHORT, tables / "alone" / "cohort.parquet")
    # Who had it already is asked too.
    assert rows["subject_id"].n_unique() == 4
    assert rows.filter(pl.col("status") == "onset")["time_days"].to_list() == [99.0]


def test_an_index_rule_without_index_times_is_an_error_that_says_so(tables, run):
    path = tables / "diseases" / "chd.yaml"
    path.write_text(path.read_text().replace("index: visits", "index: full_moon"))
    assert "i/full_moon" in run("select", "t", "i", "diseases/chd.yaml", "c", exits=11)


def test_nobody_is_believed_to_be_seen_before_the_blur_ends():
    # `ingest` moves all dates of one patient back by up to so many weeks.
    blur = SelectParams.model_validate(PARAMS["select"]).blur_days
    assert blur >= 7 * PARAMS["ingest"].get("shift_weeks", 0)


@pytest.mark.parametrize("path", sorted((ROOT / "diseases").glob("*.yaml")), ids=str)
def test_every_name_in_a_disease_file_stands_for_something(path):
    asked = Disease.model_validate(yaml.safe_load(path.read_text()))
    measures = Measures.model_validate(PARAMS["measures"]).codes
    settings = SelectParams.model_validate(PARAMS["select"]).settings
    assert words(asked, measures, settings).lists == asked.lists
