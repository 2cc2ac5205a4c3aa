"""The stage, with a model that the stages before it made."""

import json
import os
import re
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml

from chronicle.core import params, store
from chronicle.core.tables import COHORT, EVENTS, FEATURES
from chronicle.explain import chart, patient
from chronicle.explain.wanted import ExplainParams
from tests.conftest import ROOT, digests
from tests.drawn import day, events

KEY = ["subject_id", "prediction_time"]
EXPLAIN = (
    "explain", "cohorts/heart_failure", "features", "models/heart_failure",
    "diseases/heart_failure.yaml", "explained/heart_failure.json",
    "explanations",
)  # fmt: skip
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
WHOLE, MODEL = Path(EXPLAIN[5]), Path(EXPLAIN[3]) / "model.json"
PHONE = {"width": 390, "height": 800}
close = partial(pytest.approx, abs=1e-9)
CHANGED = """([name, then]) => {
  for (const other of Object.keys(chosen)) delete chosen[other];
  chosen[name] = then;
  return risks().heart_failure;
}"""
PAGE = (
    "checked", "cohorts", "features", "models", "diseases", "explained", "evaluations",
    "promotions",
)  # fmt: skip
METRICS = {"auroc": {"value": 0.71}, "observed_expected": {"value": 1.1}}
# As `evaluate` names them.
GROUPS = [
    {
        "by": by,
        "groups": [
            {"name": name, "scored": name == "female", "outcome_patients": 31}
            | {"metrics": METRICS}
            for name in names
        ],
    }
    for by, names in (("sex", ("female", "male")), ("site", ("north",)))
]
UNREAD = "ace_inhibitor_or_arb_ever"  # by the model
CODES = {"sbp_last_ever": ["LOINC//8480-6"]}
COLUMNS = {  # name: thing, unit
    "age_years": ("age", "a"),
    "female": ("gender", "1"),
    "sbp_last_ever": ("sbp", "mm[Hg]"),
    "sbp_since_days": ("sbp", "d"),
    "ldl_last_ever": ("ldl", "mg/dL"),
    "smokes": ("smokes", "1"),
    "statin_active": ("statin", "1"),
    "statin_ever": ("statin", "1"),
    UNREAD: ("ace_inhibitor_or_arb", "1"),
}


def named(stage: dict) -> list[str]:
    """Return what a stage puts out, whether or not it says how it is kept."""
    kinds = [stage.get(each, []) for each in ("outs", "metrics", "plots")]
    return [
        str(out if isinstance(out, str) else [*out]) for kind in kinds for out in kind
    ]


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
        UNREAD: draw.random(n) < 0.5,
    }
    series = [
        pl.Series(k, v.astype(np.float32), nan_to_null=True) for k, v in values.items()
    ]
    return cohort, cohort.select(KEY).with_columns(series)


def sampled() -> list[dict]:
    lines = Path("explanations/reasons.ndjson").read_text().splitlines()
    return [json.loads(each) for each in lines]


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return tmp_path_factory.mktemp("once")


@pytest.fixture
def trained(run, once):
    """Train on people drawn, once; tests get copies."""
    if not any(once.iterdir()):
        train(run)
        shutil.copytree(".", once, dirs_exist_ok=True)
    shutil.copytree(once, ".", dirs_exist_ok=True)
    return run


def train(run) -> None:
    cohort, features = drawn()
    store.write(COHORT, cohort, Path("cohorts/heart_failure/cohort.parquet"))
    store.write(FEATURES, features, Path("features/visits/0000.parquet"))
    told = [
        {
            "name": name,
            "thing": thing,
            "unit": unit,
            "meaning": "",
            "codes": CODES.get(name, []),
        }
        for name, (thing, unit) in COLUMNS.items()
    ]
    store.write_json(told, Path("features/visits/dictionary.json"))
    store.write_json({"groups": GROUPS}, Path("evaluations/heart_failure.json"))
    with Path(EXPLAIN[4]).open("a") as disease:
        disease.write(f"unread: [{UNREAD}]\n")
    verdict = {"champion": "ab" * 32, "challenger": "ab" * 32}
    store.write_json(verdict, Path("promotions/heart_failure.json"))
    run("train", EXPLAIN[1], "features", EXPLAIN[4], EXPLAIN[3])


def test_a_risk_is_explained_and_nobody_is_named_outside_the_sample(trained):
    trained(*EXPLAIN)
    whole = store.read_json(WHOLE)
    told = sampled()
    assert len(told) == 200
    for each in told:
        parts = sum(concept["part"] for concept in each["concepts"])
        assert each["base_risk"] + parts == pytest.approx(each["risk"], abs=1e-5)
    assert whole["concepts"][0]["name"] == "age_and_sex"
    signs = {each["name"]: each["verdict"] for each in whole["signs"]}
    assert signs["age_years"] == "agrees"
    assert "age" not in signs  # Said once: the disease file goes first.
    [again] = whole["refits"]  # of the other years; of one site there is no other
    assert again["rank_correlation"] > 0.5
    assert "7000000000000" not in WHOLE.read_text()
    before = digests(Path("explanations")), WHOLE.read_bytes()
    trained(*EXPLAIN)
    after = digests(Path("explanations")), WHOLE.read_bytes()
    assert before == after


def test_who_has_a_drug_on_record_is_not_told_to_start_it(trained):
    trained(*EXPLAIN)
    assert UNREAD not in store.read_json(MODEL)["features"]
    has = drawn()[1].select("subject_id", UNREAD).rows()
    starts = {
        each["subject_id"]: any("ace" in t["treatment"] for t in each["trials"])
        for each in sampled()
    }
    told = {(starts[subject], taken) for subject, taken in has if subject in starts}
    # Of some without it no pressure is known, and then the trial has nothing to say.
    assert told == {(True, 0.0), (False, 0.0), (False, 1.0)}


def test_a_disease_of_which_no_trial_is_known_is_explained_all_the_same(trained):
    path = Path(EXPLAIN[4])
    disease = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump(disease | {"trials": []}))
    trained(*EXPLAIN)
    assert [each["trials"] for each in sampled()] == [[]] * 200


def test_what_is_expected_of_a_thing_that_is_none_stops_the_run(trained):
    path = Path(EXPLAIN[4])
    disease = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump(disease | {"signs": {"spb": "up", "ldl": "up"}}))
    told = trained(*EXPLAIN, exits=10)
    assert "no concept has spb." in told
    assert path.name in told


def test_without_a_model_there_is_nothing_to_explain(trained):
    about = store.read_json(MODEL)
    told = about | {"trained": False, "reason": "too few outcomes"}
    store.write_json(told, MODEL)
    trained(*EXPLAIN)
    whole = store.read_json(WHOLE)
    assert whole == {"trained": False, "reason": "too few outcomes"}
    assert Path("explanations/reasons.ndjson").read_text() == ""


def test_a_page_is_for_its_owner_and_names_nobody(trained, monkeypatch):
    trained(*EXPLAIN)
    told = sampled()
    subject = next(each["subject_id"] for each in told if each["changes"])
    record = events("""
        ann  -400  LOINC//8480-6  151
        ann   -20  LOINC//8480-6  163
        ann     9  LOINC//8480-6  199
    """).with_columns(subject_id=pl.lit(subject))
    store.write(EVENTS, record, Path("checked/events/0000.parquet"))
    monkeypatch.setenv("CHRONICLE_PRIVATE", "kept")
    assert patient.main([*PAGE, str(subject)]) == 0
    path = Path(f"kept/pages/{subject}.html")
    assert path.stat().st_mode & 0o077 == 0
    page = path.read_text()
    assert "systolic blood pressure: 2 values, the last 163" in page  # no future
    has = drawn()[1].row(by_predicate=pl.col("subject_id") == subject, named=True)
    assert ("<b>Drugs taken:</b> statin." in page) == (has["statin_active"] == 1)
    assert str(subject) not in page
    assert str(day(0).year) not in page.replace("et al", "").split("<main>")[0]
    assert not re.search(r"(src|href)=.(?!#)", page)  # nothing is fetched
    for reason in next(e for e in told if e["subject_id"] == subject)["concepts"]:
        plain = page.replace("\N{NO-BREAK SPACE}points", " points")
        assert all(each["sentence"] in plain for each in reason["reasons"])
    # How the model serves people like this one, and nothing of where they were seen.
    assert ("71\N{NO-BREAK SPACE}%" in page) != (
        "Among men too few had an outcome" in page
    )
    assert "north" not in page
    assert "This model is not in use" not in page
    why = ["discrimination: 0.55, at least 0.6"]
    store.write_json(
        {"champion": None, "challenger": "ab" * 32, "reasons": why},
        Path("promotions/heart_failure.json"),
    )
    assert patient.main([*PAGE, str(subject)]) == 0
    assert f"This model is not in use:</b> {why[0]}" in path.read_text()
    assert "was asked about nothing" not in page
    disease = yaml.safe_load(Path(EXPLAIN[4]).read_text())
    Path(EXPLAIN[4]).write_text(yaml.safe_dump(disease | {"signs": {}}))
    assert patient.main([*PAGE, str(subject)]) == 0
    assert "was asked about nothing" in path.read_text()
    # No output of any stage holds a page, so no cache does.
    outs = [out for stage in STAGES.values() for out in named(stage)]
    assert not [out for out in outs if "private" in out or "pages" in out]
    assert "/private/" in (ROOT / ".gitignore").read_text().splitlines()
    assert patient.main([*PAGE, "1"]) == 2
    assert patient.main([*PAGE]) == 2


def test_of_a_disease_that_is_asked_no_more_nothing_is_told(trained):
    later = drawn()[0].with_columns(pl.col("prediction_time") + pl.duration(days=90))
    store.write(COHORT, later, Path("cohorts/chd/cohort.parquet"))
    folders = chart.Folders(*map(Path, PAGE))
    subject = later["subject_id"][0]
    # Both are asked at visits: by the later one heart failure was there, or too near.
    assert chart.asked(folders, subject) == {"chd": day(90)}


def test_of_whom_the_model_says_nothing_no_risk_is_on_a_page(trained, caplog):
    trained(*EXPLAIN)
    about = store.read_json(MODEL)
    about["likeness"] |= {"from": [], "most": -1.0}
    store.write_json(about, MODEL)
    store.write(EVENTS, EVENTS.empty(), Path("checked/events/0000.parquet"))
    assert patient.main([*PAGE, str(sampled()[0]["subject_id"])]) == 2
    assert "no model says anything of this patient" in caplog.text


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_browser_has_the_same_risks_as_the_stage(trained, monkeypatch, chromium):
    trained(*EXPLAIN)
    store.write(EVENTS, EVENTS.empty(), Path("checked/events/0000.parquet"))
    subjects = [str(each["subject_id"]) for each in sampled()[:14]]
    assert patient.main([*PAGE, *subjects]) == 0
    folder = Path(os.environ["CHRONICLE_PRIVATE"]) / "pages"
    settings = params.section("explain", ExplainParams)
    page, fetched, changes = chromium.new_page(viewport=PHONE), [], 0
    page.on("request", lambda each: fetched.append(each.url))
    for subject in subjects:
        page.goto(f"file://{(folder / subject).resolve()}.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        places = chart.Folders(*map(Path, PAGE))
        of = chart.of_disease(places, "heart_failure", int(subject), day(0), settings)
        assert page.evaluate("risks().heart_failure") == close(of.why["risk"])
        for change in of.why["changes"]:
            then = page.evaluate(CHANGED, [change["name"], change["then"]])
            assert then == close(change["risk"])
            changes += 1
        page.evaluate(CHANGED, ["another", 0])
        page.evaluate("show()")
        assert page.text_content("[data-then=heart_failure]") == "not asked"
    assert changes > 5
    assert all(url.startswith("file:") for url in fetched)
