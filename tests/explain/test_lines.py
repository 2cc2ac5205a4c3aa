"""One fact is one line, and all lines are the risk."""

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from chronicle.explain.concepts import grouped
from chronicle.explain.explained import Explained
from chronicle.explain.facts import dates
from chronicle.explain.parts import expit
from chronicle.explain.today import first
from chronicle.explain.wanted import ExplainParams
from chronicle.featurize.catalogue import catalogue, dictionary
from chronicle.featurize.wanted import FeaturizeParams
from tests.conftest import ROOT

PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text())
SETTINGS = ExplainParams(**PARAMS["explain"])
WANTED = FeaturizeParams(**PARAMS["featurize"])
COLUMNS = dictionary(catalogue(WANTED, PARAMS["measures"]))
EVERY = [each["name"] for each in COLUMNS]


def explained(values: dict[str, float], parts: dict[str, float]) -> Explained:
    """Explain somebody by a model that reads these columns."""
    groups = grouped(COLUMNS, [*values], SETTINGS)
    told = np.array([[parts.get(name, 0.0) for name in values]])
    risk = expit(-2.0 + told.sum(axis=1))
    return Explained(groups, pd.DataFrame([values]), risk, told, -2.0)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), far=st.floats(0.001, 0.3))
def test_all_lines_add_up_to_the_risk_that_is_shown(seed, far):
    draw = np.random.default_rng(seed)
    some = draw.random(len(EVERY))
    values = {n: v if v > 0.3 else np.nan for n, v in zip(EVERY, some, strict=True)}
    parts = dict(zip(EVERY, draw.normal(0, far, len(EVERY)), strict=True))
    found = explained(values, parts)
    told = found.reasons(0, SETTINGS.ranges, {})
    lines = [each for concept in told["concepts"] for each in concept["reasons"]]
    rest = sum(concept["rest"] for concept in told["concepts"])
    total = sum(each["part"] for each in lines) + rest + told["base_risk"]
    assert total == pytest.approx(told["risk"], abs=1e-6)
    shown = [concept["part"] for concept in told["concepts"]]
    assert told["base_risk"] + sum(shown) == pytest.approx(told["risk"], abs=1e-6)
    named = [name for each in lines for name in (each["thing"], *each["also"])]
    assert len(named) == len({*named})
    today, left = first(found, 0, SETTINGS, {})
    total = told["base_risk"] + sum(each["part"] for each in today) + left
    assert total == pytest.approx(told["risk"], abs=1e-5)  # as it is written


def test_a_value_has_its_day_though_the_model_does_not_read_it():
    found = explained({"hba1c_last_ever": 6.2}, {"hba1c_last_ever": 0.5})
    when = dates(found.groups, EVERY)
    assert when == ["hba1c_since_days"]
    told = found.reasons(0, SETTINGS.ranges, {"hba1c_since_days": 490.0})
    assert "6.2 % (high; reference up to 5.6), 16 months before" in str(told)


NOW, ONCE = {"smokes": 1.0, "smoked": 0.0}, {"smokes": 0.0, "smoked": 1.0}
NEVER = {"smokes": 0.0, "smoked": 0.0}
OPEN = {"smokes": np.nan, "smoked": np.nan}
NOTED = {"note_smoked_ever": 1.0, "note_smoked_since_first_days": 2200.0}
UNNOTED = {"note_smoked_ever": 0.0, "note_smoked_since_first_days": np.nan}
CODED = {"nicotine_dependence_ever": 1.0}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (NOW | UNNOTED, "smokes now: yes"),
        (NOW | CODED, "smokes now: yes; nicotine dependence recorded"),
        (ONCE | NOTED, "smoked formerly: yes"),
        (ONCE | UNNOTED, "smoked formerly: yes"),
        (NEVER | UNNOTED, "smokes now: no; smoked formerly: no"),
        (NEVER | NOTED, "smoked formerly (in a note) recorded, first 6 years before"),
        (OPEN | UNNOTED, "smokes now not known"),
        (UNNOTED, "in no note: smoked formerly"),
        (
            {"egfr_last_ever": 52.0, "egfr_2021": 54.0},
            "eGFR 52 mL/min/1.73 m² (low; reference from 60)",
        ),
    ],
)
def test_what_several_things_tell_is_said_once(values, expected):
    found = explained(values, dict.fromkeys(values, 0.1))
    [line] = found.reasons(0, SETTINGS.ranges, {})["concepts"]
    [reason] = line["reasons"]
    assert reason["sentence"].rpartition(":")[0] == expected
    assert reason["part"] == pytest.approx(found.risk[0] - found.base_risk)
