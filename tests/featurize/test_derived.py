import math

import pytest

from chronicle.core.errors import ParamsError
from chronicle.featurize.catalogue import catalogue
from chronicle.featurize.derived import FORMULAS
from tests.drawn import patients
from tests.featurize.plain import MEASURES, WANTED, row_of

NEEDS = {
    "creatinine": "LOINC//2160-0", "total_cholesterol": "LOINC//2093-3",
    "hdl": "LOINC//2085-9", "sbp": "LOINC//8480-6", "dbp": "LOINC//8462-4",
    "weight": "LOINC//29463-7", "height": "LOINC//8302-2", "ast": "LOINC//1920-8",
    "alt": "LOINC//1742-6", "platelets": "LOINC//777-3", "ldl": "LOINC//13457-7",
    "triglycerides": "LOINC//2571-8",
}  # fmt: skip
DERIVING = {
    "wanted": WANTED.model_copy(
        update={"derived": tuple(FORMULAS), "units": dict.fromkeys(NEEDS, "1")}
    ),
    "measures": {name: (code,) for name, code in NEEDS.items()},
}


def derived(text: str, born: str = "ann 1959 female") -> dict:
    return row_of(text, people=patients(born), **DERIVING)


@pytest.mark.parametrize(
    ("born", "creatinine", "rate"),
    [
        # From the equation's own table: 142 x min(Scr/k,1)^a x max(Scr/k,1)^-1.2 ...
        pytest.param("ann 1959 female", 0.7, 142 * 0.9938**60 * 1.012, id="at kappa"),
        pytest.param("ann 1959 male", 0.9, 142 * 0.9938**60, id="at his kappa"),
        pytest.param("ann 1959 female", 1.4, 142 * 2**-1.2 * 0.9938**60 * 1.012),
        pytest.param("ann 1959 male", 0.45, 142 * 0.5**-0.302 * 0.9938**60),
        pytest.param("ann 1959 unknown", 0.9, None, id="no sex, no rate"),
        pytest.param("ann 2002 female", 0.7, None, id="not made for children"),
    ],
)
def test_the_filtration_rate_is_that_of_ckd_epi_2021(born, creatinine, rate):
    found = derived(f"ann -10 LOINC//2160-0 {creatinine}", born)["egfr_2021"]
    assert found == (rate if rate is None else pytest.approx(rate, rel=1e-3))


def test_formulas_use_the_last_known_values():
    row = derived("""
        ann  -900  LOINC//8302-2   200
        ann  -800  LOINC//29463-7  100
        ann   -10  LOINC//29463-7   80
        ann   -10  LOINC//8480-6   140
        ann   -10  LOINC//8462-4    90
        ann    -9  LOINC//2093-3   200
        ann    -8  LOINC//2085-9    50
    """)
    assert (row["bmi_of_weight"], row["pulse_pressure"], row["non_hdl"]) == (
        20,
        50,
        150,
    )


def test_fib_4_is_age_and_enzymes_over_platelets():
    row = derived("""
        ann -10 LOINC//1920-8 40
        ann -10 LOINC//1742-6 25
        ann -10 LOINC//777-3 200
    """)
    assert row["fib_4"] == pytest.approx(row["age_years"] * 40 / (200 * math.sqrt(25)))


@pytest.mark.parametrize("lacking", ["LOINC//8480-6", "LOINC//8462-4"])
def test_what_lacks_an_input_is_unknown(lacking):
    given = {"LOINC//8480-6", "LOINC//8462-4"} - {lacking}
    text = "\n".join(f"ann -10 {code} 100" for code in given)
    assert derived(text)["pulse_pressure"] is None


@pytest.mark.parametrize(
    ("values", "share"),
    [
        ("ann -10 LOINC//13457-7 120", 0.75),
        ("ann -10 LOINC//13457-7 120\nann -9 LOINC//2571-8 190", 0.95),
        ("ann -10 LOINC//2093-3 240\nann -9 LOINC//2571-8 100", 1.0),
        ("ann -10 LOINC//2085-9 40", None),
    ],
)
def test_of_the_lipids_that_are_known_the_nearest_to_its_limit_tells(values, share):
    assert derived(values)["lipids_of_limit"] == pytest.approx(share)


def test_no_formula_divides_by_nothing():
    row = derived("""
        ann -10 LOINC//1920-8 40
        ann -10 LOINC//1742-6 0
        ann -10 LOINC//777-3 0
        ann -10 LOINC//29463-7 80
        ann -10 LOINC//8302-2 0
    """)
    assert (row["fib_4"], row["bmi_of_weight"]) == (None, None)


@pytest.mark.parametrize(
    ("derived", "told"),
    [("bmi", "no formula bmi"), ("non_hdl", "non_hdl needs total_cholesterol, hdl")],
)
def test_a_formula_without_what_it_needs_is_told(derived, told):
    wanted = WANTED.model_copy(update={"derived": (derived,)})
    with pytest.raises(ParamsError, match=told):
        catalogue(wanted, MEASURES)


def test_two_features_of_one_name_are_told():
    wanted = WANTED.model_copy(update={"history": {"statin": ("SNOMED//230690007",)}})
    with pytest.raises(ParamsError, match="two features are called statin_ever"):
        catalogue(wanted, MEASURES)


def test_a_measure_without_a_unit_is_told():
    with pytest.raises(ParamsError, match="sbp has no unit"):
        catalogue(WANTED.model_copy(update={"units": {"hba1c": "%"}}), MEASURES)
