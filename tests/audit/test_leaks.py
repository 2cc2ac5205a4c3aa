"""Each way in which the future can come into what is learnt from, planted once."""

from collections import Counter
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from chronicle.audit import alone, drawn, known, matrix
from chronicle.audit.drawn import Drawn
from chronicle.core import params
from chronicle.core.disease import Disease
from chronicle.select import flow
from tests.audit.drawn_matrix import cohort, column
from tests.conftest import ROOT
from tests.drawn import INDEX, events

T2DM = params.load(ROOT / "diseases/t2dm.yaml", Disease)
SEEN = """
    ann -100 LOINC//2089-1 110
    ann -10 LOINC//2089-1 130
    ann 20 LOINC//2089-1 190
    ann -30 LOINC//2089-1 170 known=30
    ann 40 SNOMED//38341003
"""
SAID = [
    column("ldl_last_ever", "ldl", "mg/dL", "LOINC//2089-1"),
    column("ldl_mean_ever", "ldl", "mg/dL", "LOINC//2089-1"),
    column("ldl_count_ever", "ldl", "1", "LOINC//2089-1"),
    column("ldl_since_days", "ldl", "d", "LOINC//2089-1"),
    column("hypertension_ever", "hypertension", "1", "SNOMED//38341003"),
]
HONEST = {
    "ldl_last_ever": 130, "ldl_mean_ever": 120, "ldl_count_ever": 2,
    "ldl_since_days": 10, "hypertension_ever": 0,
}  # fmt: skip


def beyond(**features: float) -> dict[str, int]:
    row = {"subject_id": 1, "prediction_time": INDEX, **HONEST, **features}
    found = known.too_much(pl.DataFrame([row]), events(SEEN), SAID)
    return dict(found.select("part", "failed").iter_rows())


def test_a_matrix_of_what_was_known_by_then_passes():
    assert beyond() == {"ldl": 0, "hypertension": 0}


@pytest.mark.parametrize(
    ("leak", "thing"),
    [
        pytest.param({"ldl_last_ever": 190}, "ldl", id="a value measured later"),
        pytest.param({"ldl_last_ever": 170}, "ldl", id="a value that was known later"),
        pytest.param({"ldl_mean_ever": 150}, "ldl", id="a mean that has read it"),
        pytest.param({"ldl_count_ever": 3}, "ldl", id="a count that has"),
        pytest.param({"ldl_since_days": -20}, "ldl", id="days to the next"),
        pytest.param(
            {"hypertension_ever": 1}, "hypertension", id="a diagnosis made later"
        ),
    ],
)
def test_a_feature_that_has_read_the_future_is_found(leak, thing):
    assert beyond(**leak) == {"ldl": 0, "hypertension": 0} | {thing: 1}


def asked(rows: pl.DataFrame, rule, **more) -> dict[str, int]:
    seen = rows.with_columns(last_seen=pl.lit(INDEX + timedelta(days=1)))
    whole = Drawn("t2dm", T2DM, seen.with_columns(**more), {"steps": []})
    return {part: n for _, part, _, n, _ in rule.narrow(whole).iter_rows() if n}


APART = drawn.Apart(kind="apart", columns=("split", "split_temporal", "split_site"))
OBSERVED = drawn.Observed(kind="observed")
LATER = pl.col("prediction_time") + pl.duration(days=365)


def test_a_patient_in_both_splits_is_found():
    rows = cohort()
    assert asked(rows, APART) == {}
    word = pl.when(pl.col("split") == "test").then(pl.lit("train"))
    other = rows.with_columns(LATER, split=word.otherwise(pl.lit("test")))
    assert asked(pl.concat([rows, other]), APART) == {"split": rows.height}


@pytest.mark.parametrize(("days", "late"), [(1825, 0), (1824, 40)])
def test_training_that_ends_after_the_test_begins_is_found(days, late):
    at = pl.col("prediction_time") + pl.duration(days=days)
    train = cohort().with_columns(split_temporal=pl.lit("train"))
    test = cohort().with_columns(at, split_temporal=pl.lit("test"))
    rule = drawn.Ahead(kind="ahead", column="split_temporal")
    found = asked(pl.concat([train, test]), rule)
    assert found == ({"split_temporal": late} if late else {})


@pytest.mark.parametrize(
    ("status", "label", "days", "weight", "right"),
    [
        ("onset", True, 91, 1, True),
        ("onset", True, 1825, 1, True),
        ("onset", True, 90, 1, False),  # within the gap
        ("onset", True, -5, 1, False),  # asked when it was there
        ("onset", True, 1826, 1, False),
        ("onset", False, 300, 1, False),
        ("horizon", False, 1825, 1, True),
        ("horizon", False, 1700, 1, False),  # not all of it was seen
        ("horizon", True, 1825, 1, False),
        ("death", False, 300, 1, True),
        ("censored", None, 300, 0, True),
        ("censored", False, 300, 1, False),  # the unseen are not the healthy
        ("censored", None, 300, 1, False),
    ],
)
def test_a_label_is_what_the_whole_horizon_showed(status, label, days, weight, right):
    row = (
        cohort()
        .head(1)
        .with_columns(
            status=pl.lit(status),
            boolean_value=pl.lit(label, pl.Boolean),
            time_days=pl.lit(float(days)),
            weight=pl.lit(float(weight)),
        )
    )
    assert asked(row, OBSERVED) == ({} if right else {status: 1})


def test_who_was_never_seen_again_did_not_stay_well():
    rule = drawn.Followed(kind="followed")
    assert asked(cohort(), rule) == {}
    assert asked(cohort(), rule, last_seen=pl.col("prediction_time")) == {"horizon": 20}


@pytest.mark.parametrize(("there", "off"), [(90, 0), (400, 1), (20, 1)])
def test_a_prevalence_far_from_the_populations_is_found(there, off):
    steps = flow.STEPS
    counts = {(step, "index_times"): 1000 for step in steps}
    counts |= {
        (step, "index_times"): 1000 - there for step in ("prevalent", "late", "gap")
    }
    told = flow.flow(Counter(counts), cohort().clear())
    rule = drawn.Prevalence(kind="prevalence", of={"t2dm": 0.113}, factor=2, least=1000)
    found = rule.narrow(Drawn("t2dm", T2DM, cohort(), told))
    assert found["failed"].to_list() == [off]


def built(told: list[dict], codes: tuple[str, ...] = (), **more) -> matrix.Built:
    names = tuple(each["name"] for each in told)
    whole = {
        "rule": "visits", "dictionary": told, "columns": names, "codes": codes,
        "rows": 9, "beyond": pl.DataFrame(), "present": {}, "alone": {},
        "patients": {}, "diseases": {"t2dm": T2DM},
    }  # fmt: skip
    return matrix.Built(**whole | more)


OWN = matrix.Own(kind="own", without_codes=("age_years",))
SOME = [column("age_years", "age", "a"), SAID[0]]


def failed(rule, whole: matrix.Built) -> list[str]:
    return rule.narrow(whole).filter(pl.col("failed") > 0)["part"].to_list()


def test_a_column_of_which_nobody_says_what_it_reads_is_found():
    assert failed(OWN, built(SOME)) == []
    assert failed(OWN, built(SOME, columns=("age_years", "label"))) == ["label"]
    assert failed(OWN, built([*SOME, column("risk", "risk", "1")])) == ["risk"]


def test_a_feature_that_reads_its_own_disease_is_found_whatever_left_others_out(
    monkeypatch,
):
    own = column("diabetes_ever", "diabetes", "1", "ICD10CM//E11.9", "ICD10CM//I10")
    codes = ("ICD10CM//E119", "ICD10CM//I10")
    assert failed(OWN, built([*SOME, own], codes)) == []  # as no model may read it
    every = [each["name"] for each in [*SOME, own]]
    monkeypatch.setattr(matrix, "allowed", lambda dictionary, disease: every)
    assert failed(OWN, built([*SOME, own], codes)) == ["diabetes_ever"]
    assert failed(OWN, built([*SOME, own], ("ICD10CM//I10",))) == []


def by_itself(values: np.ndarray, ill: np.ndarray, least: int = 20) -> list[str]:
    rows = pl.DataFrame({"ldl_last_ever": values}).fill_nan(None).with_row_index("row")
    steps = alone.steps(rows, ["ldl_last_ever"])
    labels = pl.DataFrame({"row": rows["row"], "boolean_value": ill})
    counts = alone.counted(rows, steps, {"t2dm": labels})
    people = {"t2dm": int(ill.sum())}
    whole = built(SAID[:1], alone=counts, patients=people)
    rule = matrix.Alone(kind="alone", auroc=0.9, missing_auroc=0.75, least=least)
    return failed(rule, whole)


CHANCE = np.random.default_rng(7)
ILL = np.arange(400) % 4 == 0


@pytest.mark.parametrize(
    ("values", "found"),
    [
        pytest.param(CHANCE.normal(size=400), False, id="noise"),
        pytest.param(ILL + CHANCE.normal(0, 0.8, 400), False, id="a good predictor"),
        pytest.param(ILL + CHANCE.normal(0, 0.2, 400), True, id="made from the label"),
        pytest.param(-1.0 * ILL, True, id="the other way round"),
        pytest.param(np.where(ILL, 1.0, np.nan), True, id="there only where ill"),
        pytest.param(np.where(ILL, np.nan, 1.0), True, id="absent only where ill"),
    ],
)
def test_a_feature_that_tells_the_outcome_by_itself_is_found(values, found):
    assert by_itself(values, ILL) == (["ldl_last_ever"] if found else [])


def test_of_few_outcomes_no_feature_is_called_too_good():
    assert by_itself(1.0 * ILL, ILL, least=101) == []


def test_the_area_is_that_of_the_curve():
    ill, value = ILL[:40], CHANCE.integers(0, 9, 40).astype(float)
    pairs = value[ill][:, None] - value[~ill][None, :]
    area = ((pairs > 0) + (pairs == 0) / 2).mean()
    rows = pl.DataFrame({"a": value, "row": range(40)})
    labels = pl.DataFrame({"row": range(40), "boolean_value": ill})
    counts = alone.counted(rows, alone.steps(rows, ["a"]), {"x": labels})["x"]
    assert alone.areas(counts)[0][0] == pytest.approx(max(area, 1 - area))
