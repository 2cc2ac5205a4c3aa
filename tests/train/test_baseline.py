import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from chronicle.core.model import of_baseline
from chronicle.train import baseline


def people(number: int = 3000, *, missing: bool = False) -> tuple:
    draw = np.random.default_rng(6)
    features = pd.DataFrame(
        {
            "age_years": draw.normal(60, 10, number),
            "same": 1.0,
            "bmi": draw.normal(27, 4, number),
        }
    )
    logit = -2 + 0.08 * (features["age_years"] - 60) + 0.1 * (features["bmi"] - 27)
    outcome = (draw.random(number) < 1 / (1 + np.exp(-logit))).to_numpy().astype(float)
    if missing:
        features.loc[draw.random(number) < 0.3, "bmi"] = np.nan
    return features, outcome, draw.integers(1, 3, number).astype(float)


def fitted(features, outcome, weight, columns=("age_years", "same", "bmi"), c=1.0):
    way = baseline.Way("plain", tuple(columns), (), (c,))
    return baseline.fit(way, features, outcome, weight)[0]


def test_its_numbers_give_the_risks_of_scikit_learn():
    features, outcome, weight = people()
    scaled = StandardScaler().fit_transform(features)
    theirs = LogisticRegression(C=0.5, tol=1e-8).fit(scaled, outcome, weight)
    ours = of_baseline(fitted(features, outcome, weight, c=0.5), features)
    assert ours == pytest.approx(theirs.predict_proba(scaled)[:, 1], abs=1e-5)


def test_a_missing_value_has_a_risk_and_moves_no_other():
    features, outcome, weight = people(missing=True)
    found = fitted(features, outcome, weight)
    risk = of_baseline(found, features)
    assert np.isfinite(risk).all()
    known = features["bmi"].notna().to_numpy()
    assert (of_baseline(found, features[known]) == risk[known]).all()
    # Nothing is to be learnt from what is missing at random.
    assert risk[~known].mean() == pytest.approx(outcome[~known].mean(), abs=0.04)


def test_columns_that_are_not_named_or_do_not_vary_are_not_read():
    found = fitted(*people(), columns=("age_years", "same", "not_there"))
    assert [term["feature"] for term in found["terms"]] == ["age_years"]


def test_without_a_column_everybody_has_the_average_risk():
    features, outcome, weight = people()
    risk = of_baseline(fitted(features, outcome, weight, columns=("same",)), features)
    assert risk == pytest.approx(np.average(outcome, weights=weight))


def test_what_is_free_is_hardly_penalised():
    features, outcome, weight = people()
    way = baseline.Way("plain", ("age_years", "bmi"), ("age_years",), (1e-4, 1.0))
    tight, loose = baseline.fit(way, features, outcome, weight)
    age, bmi = (
        [each["terms"][at]["coefficient"] for each in (tight, loose)] for at in (0, 1)
    )
    assert age[0] > 0.7 * age[1]
    assert bmi[0] < 0.2 * bmi[1]


def test_one_value_far_out_counts_as_the_limit():
    features, outcome, weight = people()
    found = fitted(features, outcome, weight)
    far = features.head(2).assign(bmi=[27 + 4 * 5.5, 27 + 4 * 500])
    same = of_baseline(found, far.assign(age_years=60.0))
    assert same[0] == same[1]
