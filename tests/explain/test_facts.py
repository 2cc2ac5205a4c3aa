"""A reason names its fact, in a clinician's words."""

import pytest
import yaml

from chronicle.core.errors import ParamsError
from chronicle.explain.concepts import Thing, grouped
from chronicle.explain.facts import fact, sentence
from chronicle.explain.wanted import ExplainParams
from chronicle.featurize.catalogue import catalogue, dictionary
from chronicle.featurize.wanted import FeaturizeParams
from tests.conftest import ROOT

PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text())
SETTINGS = ExplainParams(**PARAMS["explain"])
NAN = float("nan")
UNITS = {"hba1c": "%", "hdl": "mg/dL", "sbp": "mm[Hg]", "age_years": "a"}


def test_whatever_features_tell_of_belongs_to_a_concept():
    columns = catalogue(FeaturizeParams(**PARAMS["featurize"]), PARAMS["measures"])
    things = {each["thing"] for each in dictionary(columns)}
    assert things <= {e for some in SETTINGS.concepts.values() for e in some}


def said(name: str, kind: str, part: float = 0.06, **row: float) -> str:
    """Say what a thing with these columns adds; a column is named by its ending."""
    columns = {
        k.replace("_", f"{name}_", 1) if k[0] == "_" else k: v for k, v in row.items()
    }
    own = tuple(each for each in columns if each != "female" or name == "gender")
    units = {each: UNITS.get(name, UNITS.get(each, "1")) for each in own}
    thing = Thing(name, kind, own, units)
    return sentence([(thing, fact(thing, columns, SETTINGS.ranges))], part)


@pytest.mark.parametrize(
    ("thing", "row", "expected"),
    [
        pytest.param(
            ("hba1c", "measure"),
            {"_last_ever": 6.3, "_since_days": 41.2, "_slope_1095d": 0.2},
            "HbA1c 6.3 % (high; reference up to 5.6), 41 days before, "
            "rising 0.2 a year",
            id="a value outside its range, and where it goes",
        ),
        pytest.param(
            ("sbp", "measure"),
            {
                "_last_ever": 124,
                "_since_days": 0.1,
                "_slope_1095d": NAN,
                "_slope_ever": -3,
            },
            "systolic blood pressure 124 mmHg, the same day, falling 3 a year",
            id="inside its range that is not spoken of, and the longer trend",
        ),
        pytest.param(
            ("sbp", "measure"),
            {"_last_ever": 124, "_since_days": 400, "_slope_ever": 0.3},
            "systolic blood pressure 124 mmHg, 13 months before",
            id="a trend too small for its digits is none",
        ),
        pytest.param(
            ("hdl", "measure"),
            {"_last_ever": 45, "_since_days": 9, "female": 1},
            "HDL cholesterol 45.0 mg/dL (low; reference from 50), 9 days before",
            id="too low for a woman",
        ),
        pytest.param(
            ("hdl", "measure"),
            {"_last_ever": 45, "_since_days": 9, "female": 0},
            "HDL cholesterol 45.0 mg/dL, 9 days before",
            id="and not for a man",
        ),
        pytest.param(
            ("hba1c", "measure"),
            {"_last_ever": NAN, "_since_days": NAN},
            "HbA1c not known",
            id="never measured",
        ),
        pytest.param(("gender", "who"), {"female": 0}, "male", id="sex"),
        pytest.param(("age", "who"), {"age_years": 63.4}, "age 63 years", id="age"),
        pytest.param(
            ("smokes", "answer"), {"smokes": 1}, "smokes now: yes", id="answer"
        ),
        pytest.param(
            ("asthma", "history"),
            {"_ever": 1, "_since_first_days": 1500},
            "asthma recorded, first 4 years before",
            id="history",
        ),
        pytest.param(
            ("asthma", "history"),
            {"_ever": 0, "_since_first_days": NAN},
            "no asthma recorded",
            id="no history",
        ),
        pytest.param(
            ("statin", "drug"), {"_active": 1, "_ever": 1}, "takes statin", id="drug"
        ),
        pytest.param(
            ("statin", "drug"),
            {"_active": 0, "_ever": 1},
            "took statin earlier",
            id="once",
        ),
        pytest.param(
            ("visits", "count"),
            {"_365d": 4},
            "outpatient visits in 12 months: 4",
            id="count",
        ),
    ],
)
def test_a_reason_in_words(thing, row, expected):
    assert said(*thing, **row) == f"{expected}: +6.0 points"


def test_a_thing_in_no_concept_is_an_error_that_says_what_to_do():
    dictionary = [{"name": "troponin_last_ever", "thing": "troponin"}]
    with pytest.raises(ParamsError, match=r"no concept has troponin(.|\n)*add each"):
        grouped(dictionary, ["troponin_last_ever"], SETTINGS)


def test_a_fact_of_two_concepts_is_refused():
    apart = SETTINGS.model_dump() | {"facts": {"one": ("smokes", "hba1c")}}
    with pytest.raises(ValueError, match="facts: one is in no one concept"):
        ExplainParams(**apart)


def test_a_thing_in_two_concepts_is_refused():
    twice = SETTINGS.model_dump() | {"concepts": {"one": ("hba1c",), "two": ("hba1c",)}}
    with pytest.raises(ValueError, match="in two concepts: hba1c"):
        ExplainParams(**twice)
