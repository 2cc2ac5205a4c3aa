"""No model reads its own disease, what follows from it, or what leads to its code."""

import polars as pl
import pytest

from chronicle.core.allowed import allowed, matching, overlap
from chronicle.core.codes import has_code
from chronicle.core.disease import Codes, Criterion, Disease, Onset
from chronicle.core.params import load
from chronicle.featurize.catalogue import catalogue, dictionary
from chronicle.featurize.wanted import FeaturizeParams
from tests.featurize.plain import NO_LEAKS
from tests.test_house import DISEASES, PARAMS, ROOT

EVERY = dictionary(
    catalogue(FeaturizeParams.model_validate(PARAMS["featurize"]), PARAMS["measures"])
)


def disease(**codes: str) -> Disease:
    """Return one with such a code of onset, of prevalence or among its leaks."""
    lists = {"stated": Codes(include=("SNOMED//1",))}
    lists |= {name: Codes(include=(code,)) for name, code in codes.items()}
    asked = {name: (Criterion(codes=(name,)),) for name in ("onset", "prevalent")}
    changes = {
        "lists": lists,
        "onset": Onset(any_of=asked["onset"]) if "onset" in codes else NO_LEAKS.onset,
        "prevalent": asked["prevalent"] if "prevalent" in codes else (),
        "leaks": ("leaks",) if "leaks" in codes else (),
    }
    return NO_LEAKS.model_copy(update=changes)


@pytest.mark.parametrize("slug", sorted(set(DISEASES) - {"admission"}))
def test_no_feature_that_is_read_shares_a_code_with_the_disease(slug):
    given = load(ROOT / f"diseases/{slug}.yaml", Disease)
    read = set(allowed(EVERY, given))
    own = given.own
    plain = [code.removesuffix("*") for code in own]
    its = pl.DataFrame({"code": plain}, {"code": pl.String})
    # Hundreds of features are of the same few codes.
    for codes in {tuple(c["codes"]) for c in EVERY if c["name"] in read} - {()}:
        # Asked the other way round, by the words that select events.
        patterns = pl.DataFrame({"code": [code.removesuffix("*") for code in codes]})
        assert not patterns.select(has_code(own).any()).item(), codes
        assert not its.select(has_code(codes).any()).item(), codes


def test_what_recurs_may_be_read_of_the_past():
    given = load(ROOT / "diseases/admission.yaml", Disease)
    told = [each["name"] for each in EVERY if "race" not in each["inputs"]]
    assert allowed(EVERY, given) == told


@pytest.mark.parametrize("slug", sorted(DISEASES))
def test_most_features_are_left_to_every_disease(slug):
    given = load(ROOT / f"diseases/{slug}.yaml", Disease)
    assert len(allowed(EVERY, given)) > 0.8 * len(EVERY)


@pytest.mark.parametrize("where", ["onset", "prevalent", "leaks"])
@pytest.mark.parametrize("code", ["LOINC//4548-4", "LOINC//45*"])
def test_a_measure_that_tells_of_the_disease_is_not_read_at_all(where, code):
    read = allowed(EVERY, disease(**{where: code}))
    assert not [name for name in read if name.startswith("hba1c")]
    assert "creatinine_last_365d" in read


def test_values_may_be_read_of_what_was_asked_for_on_suspicion():
    asked = disease().model_copy(update={"unread": ("hba1c_count_*",)})
    read = allowed(EVERY, asked)
    assert "hba1c_last_365d" in read
    assert not [name for name in read if name.startswith("hba1c_count")]


def test_every_feature_that_a_disease_leaves_unread_is_one():
    names = [each["name"] for each in EVERY]
    for slug in DISEASES:
        unread = load(ROOT / f"diseases/{slug}.yaml", Disease).unread
        assert all(matching(names, (each,)) for each in unread), slug


def test_a_formula_is_not_read_where_one_of_its_measures_is_not():
    read = allowed(EVERY, disease(leaks="LOINC//2160-0"))
    assert "egfr_2021" not in read
    assert "non_hdl" in read


def test_age_and_sex_are_read_whatever_the_disease():
    assert allowed(EVERY, disease(leaks="SNOMED//1*"))[:2] == [
        "age_years",
        "female",
    ]


@pytest.mark.parametrize(
    ("one", "other", "met"),
    [
        ("ICD10CM//I10", "ICD10CM//I10", True),
        ("ICD10CM//I10", "ICD10CM//I109", False),
        ("ICD10CM//E119", "ICD10CM//E11.9", True),
        ("ICD10CM//E11*", "ICD10CM//E11.9", True),
        ("ICD10CM//E11*", "ICD10CM//E1*", True),
        ("ICD10CM//E11*", "ICD10CM//E12*", False),
        ("ICD9CM//250*", "ICD10CM//250", False),
    ],
)
def test_codes_meet_where_an_event_could_have_both(one, other, met):
    assert overlap((one,), (other,)) is overlap((other,), (one,)) is met
