"""Risks of today, of a model that is in use, as a table and as FHIR."""

import json
import math
import re
import shutil
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
import yaml
from fhir.resources.R4B import get_fhir_model_class

from chronicle.__main__ import main
from chronicle.core import store
from chronicle.core.present import SCORES, TODAY
from chronicle.core.tables import COHORT, FEATURES
from chronicle.explain import today
from chronicle.ingest import keys, linkage, relink, shift
from chronicle.ingest.deidentify import subject_id
from chronicle.score import champion
from tests.conftest import KEYS, ROOT, digests
from tests.drawn import day
from tests.explain.test_stage import COLUMNS, drawn

SLUG = "heart_failure"
SCORE = (
    "score", "cohorts", "features", "champions", "reasons", "diseases", "scores",
    "scores.json",
)  # fmt: skip
PEOPLE = [f"Patient/p{number}" for number in range(60)]
NUMBERS = [subject_id(each, by=KEYS) for each in PEOPLE]
DICTIONARY = [
    {"name": name, "thing": thing, "unit": unit, "meaning": "", "codes": []}
    for name, (thing, unit) in COLUMNS.items()
]


@pytest.fixture
def asked(run, project):
    """Ask of sixty people: two have it, one is new, one is like nobody else."""
    params = yaml.safe_load((project / "params.yaml").read_text())
    params["diseases"] = [SLUG]
    params["ingest"]["shift_weeks"] = 52
    (project / "params.yaml").write_text(yaml.safe_dump(params))
    out = ["prevalent", "prevalent", "history", *[None] * 57]
    index = pl.DataFrame({"subject_id": NUMBERS, "prediction_time": day(0)})
    rows = index.with_columns(out=pl.Series(out, dtype=pl.String))
    store.write(TODAY, rows, Path(f"cohorts/{SLUG}/today.parquet"))
    _, features = drawn()
    mine = index.hstack(features.drop("subject_id", "prediction_time").head(60))
    strange = pl.col("subject_id") == NUMBERS[3]
    mine = mine.with_columns(
        # All of them: which of these the model reads is its own choice.
        pl.when(strange).then(9e6).otherwise(name).cast(pl.Float32).alias(name)
        for name in COLUMNS
    )
    store.write(FEATURES, mine, Path("features/today/0000.parquet"))
    store.write_json(DICTIONARY, Path("features/today/dictionary.json"))

    def score() -> dict:
        assert today.main(["cohorts", "features", "champions", "reasons"]) == 0
        run(*SCORE)
        return store.read_json(Path("scores.json"))["diseases"][SLUG]

    return score


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Train a model on people drawn, once."""
    cohort, features = drawn()
    folder = tmp_path_factory.mktemp("drawn")
    store.write(COHORT, cohort, folder / "cohort" / "cohort.parquet")
    store.write(FEATURES, features, folder / "features/visits/0000.parquet")
    store.write_json(DICTIONARY, folder / "features/visits/dictionary.json")
    shutil.copy(ROOT / "params.yaml", folder)
    disease = str(ROOT / f"diseases/{SLUG}.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["train", "cohort", "features", disease, "model"]) == 0
    return folder / "model"


@pytest.fixture
def scored(asked, model):
    """Put a model in use, and score."""
    shutil.copytree(model, f"champions/{SLUG}/model")
    promotion = Path(f"champions/{SLUG}/promotion.json")
    store.write_json({"champion": store.fingerprint(model)}, promotion)
    return asked()


def resources(kind: str, folder: str = "scores") -> list[dict]:
    lines = Path(folder, SLUG, f"{kind}.ndjson").read_text().splitlines()
    return [json.loads(each) for each in lines]


def test_without_a_model_in_use_there_is_no_score_and_the_verdict_says_so(asked):
    told = asked()
    assert told["model"] is None
    assert "no model is in use" in told["reason"]
    assert (told["scored"], told["unsaid"]) == (0, {"history": 1, "prevalent": 2})
    assert not list(Path("scores").iterdir())


def lose_a_feature() -> None:
    store.write_json(DICTIONARY[1:], Path("features/today/dictionary.json"))


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lose_a_feature, f"{SLUG}: it reads 1 feature(s) that are made no more"),
        (
            lambda: Path(f"champions/{SLUG}/model/model.txt").write_text("tree"),
            f"{SLUG}: its files are not those that were put in use",
        ),
        (
            lambda: shutil.rmtree(f"champions/{SLUG}/model"),
            f"{SLUG}: its files are not those that were put in use",
        ),
        (
            lambda: Path(f"champions/{SLUG}/promotion.json").unlink(),
            f"{SLUG}: it cannot be read (FileNotFoundError)",
        ),
    ],
    ids=["features", "another", "gone", "whose"],
)
def test_nobody_is_scored_by_a_model_in_use_that_cannot_be_asked(
    scored, run, caplog, harm, told
):
    harm()
    before = digests(Path("scores"))
    assert champion.main(["champions", "features"]) == 22
    assert told in caplog.text
    assert told in run(*SCORE, exits=22)
    assert digests(Path("scores")) == before


def test_a_risk_has_bounds_and_reasons_and_who_has_none_is_told_why(scored, asked):
    rows = store.read(SCORES, Path(f"scores/{SLUG}/scores.parquet"))
    strange = rows.filter(pl.col("subject_id") == NUMBERS[3])
    assert strange["unsaid"].to_list() == ["unlike"]
    assert {**scored["unsaid"], "unlike": 0} == {
        "history": 1, "prevalent": 2, "unlike": 0,
    }  # fmt: skip
    assert scored["patients"] == scored["scored"] + sum(scored["unsaid"].values())
    said = rows.filter(pl.col("unsaid").is_null())
    silent = rows.filter(pl.col("unsaid").is_not_null())
    assert (
        silent.select("risk", "low", "high", "reasons").null_count().row(0)
        == (silent.height,) * 4
    )
    assert said.select((pl.col("risk").is_between("low", "high")).all()).item()
    for risk, base, reasons, rest in said.select(
        "risk", "base_risk", "reasons", "rest"
    ).iter_rows():
        told = json.loads(reasons)
        parts = [each["part"] for each in told]
        assert sorted(parts, key=abs, reverse=True) == parts
        assert math.isclose(base + sum(parts) + rest, risk, abs_tol=1e-5)
        assert "HbA1c" not in reasons
    # What is not between enough people would be one person's risk, on a shared page.
    quantiles = [k for k, each in scored["risk_quantiles"].items() if each is not None]
    assert quantiles == ["0.5"]
    before = digests(Path("scores"))
    assert asked() == scored
    assert digests(Path("scores")) == before


def test_what_is_sent_is_fhir_and_says_that_a_machine_asserts_it(scored):
    kinds = ("Device", "RiskAssessment", "Provenance")
    every = {kind: resources(kind) for kind in kinds}
    for kind, some in every.items():
        for each in some:
            get_fhir_model_class(kind).model_validate(each)
            assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", each["id"])
    # Who has it is not asked; who is new or unlike the others is told so.
    assert [len(each) for each in every.values()] == [1, 58, 58]
    (device,) = every["Device"]
    rows = store.read(SCORES, Path(f"scores/{SLUG}/scores.parquet"))
    by_subject = {f"Patient/{row['subject_id']}": row for row in rows.to_dicts()}
    for score, origin in zip(every["RiskAssessment"], every["Provenance"], strict=True):
        row = by_subject[score["subject"]["reference"]]
        (prediction,) = score["prediction"]
        assert score["meta"]["security"][0]["code"] == "AIAST"
        assert score["performer"]["reference"] == f"Device/{device['id']}"
        assert origin["target"] == [{"reference": f"RiskAssessment/{score['id']}"}]
        if row["unsaid"]:
            assert "probabilityDecimal" not in prediction
            assert prediction["rationale"]
        else:
            assert math.isclose(prediction["probabilityDecimal"], 100 * row["risk"])
            assert origin["entity"][0]["what"]["identifier"]["value"] == row["input"]


def test_a_slip_of_the_pen_moves_the_true_today_of_nobody():
    people = [day(-1), day(0)] * 60
    assert relink.true_today([*people, day(40)], now=day(0.5)) == day(0)
    assert relink.true_today([*people, day(40)], now=day(50)) == day(40)
    assert relink.true_today([*people, day(200)], now=day(300)) == day(0)
    assert relink.true_today([day(9)], now=day(0)) == day(9)


def test_only_who_has_the_key_gives_scores_back_their_patients_and_their_today(
    scored, monkeypatch
):
    private = keys.private()
    old = "Patient/came-under-this-id-before"
    named = {each: subject_id(each, by=KEYS) for each in (*PEOPLE, old)}
    known = pl.DataFrame(
        {
            "subject_id": list(named.values()),
            "linked": [linkage.sealed(each, KEYS) for each in named],
        }
    )
    (Path("rows") / "patients" / "0").mkdir(parents=True)
    known.write_parquet("rows/patients/0/0.parquet")
    merged = pl.DataFrame({"subject_id": [named[old]], "into": [NUMBERS[9]]})
    linkage.write(Path("rows"), merged, private)
    assert relink.main(["scores"]) == 0
    weeks = dict(shift.by_subject(pl.Series(NUMBERS), KEYS, 52).iter_rows())
    outbox = str(private / "outbox")
    told = resources("RiskAssessment", outbox)
    number = {each["id"]: PEOPLE.index(each["subject"]["reference"]) for each in told}
    # Today is when anybody was last heard of: scores hold from then on.
    known = {e: day(0) + timedelta(weeks=weeks[NUMBERS[n]]) for e, n in number.items()}
    today_ = f"{(day(0) + timedelta(weeks=max(weeks.values()))).isoformat()}Z"
    for each in told:
        get_fhir_model_class("RiskAssessment").model_validate(each)
        assert each["occurrenceDateTime"] == today_
        (last,) = each["extension"]
        assert last["valueDateTime"] == f"{known[each['id']].isoformat()}Z"
        assert each["prediction"][0]["whenPeriod"]["start"] >= today_
    origins = resources("Provenance", outbox)
    assert {each["recorded"] for each in origins} == {today_}
    modes = {path.stat().st_mode & 0o077 for path in Path(outbox).rglob("*")}
    assert modes == {0}
    monkeypatch.setenv("CHRONICLE_KEY", "77" * 32)
    assert relink.main(["elsewhere"]) == relink.main(["."]) == 2
    assert resources("Provenance", outbox) == origins
    assert relink.main(["scores"]) == 18
