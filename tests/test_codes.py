"""A mistyped code selects nobody, silently. Check digits know."""

import csv
import re
from collections.abc import Iterator

import pytest
import yaml

from chronicle.core import params
from chronicle.core.allowed import overlap
from chronicle.core.disease import Disease
from chronicle.ingest.notes.vocabulary import vocabulary
from tests.test_house import PARAMS, ROOT

FILES = {path.stem: path for path in sorted((ROOT / "diseases").glob("*.yaml"))}
DISEASES = {name: yaml.safe_load(path.read_text()) for name, path in FILES.items()}
FEATURES, MEASURES = PARAMS["featurize"], PARAMS["measures"]
RECORDED = {**FEATURES["history"], **FEATURES["drugs"], **FEATURES["counts"]}
ICD10CM = r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?\*?"
ICD9CM = r"(\d{3}|V\d{2}|E\d{3})(\.\d{1,2})?\*?"
SAID = vocabulary().concepts  # what a note can be read to say
ENCOUNTERS = {"AMB", "EMER", "IMP", "ACUTE", "NONAC", "HH", "VR"}  # v3-ActCode
# What treats or names a disease must not predict it.
SAME = {
    "afib": ["atrial_fibrillation", "anticoagulant"],
    "chd": ["coronary_disease", "antiplatelet"],
    "copd": ["obstructive_lung_disease", "inhaler", "nicotine_dependence"],
    "dementia": ["dementia"],
    "heart_failure": ["heart_failure", "loop_diuretic"],
    "htn": [
        "hypertension",
        "thiazide",
        "ace_inhibitor_or_arb",
        "calcium_channel_blocker",
        "beta_blocker",
    ],
    "t2dm": [
        "diabetes",
        "prediabetes",
        "metformin",
        "other_glucose_lowering",
        "insulin",
        "sglt2_inhibitor",
        "note_diabetes",
    ],
}


def lists() -> Iterator[tuple[str, list[str]]]:
    """Give every list of codes and where it stands."""
    for name, disease in DISEASES.items():
        for listed, codes in disease["lists"].items():
            yield f"{name}: {listed}", codes["include"]
    yield from MEASURES.items()
    for kind in ("history", "drugs", "counts"):
        yield from FEATURES[kind].items()
    for name, each in FEATURES["answers"].items():
        yield name, [each["question"], *each["answers"], *each.get("silent", ())]


CODES = sorted({code for _, codes in lists() for code in codes})

# The group of symmetries of a pentagon, as Verhoeff (1969) uses it.
TURN = [[(i + j) % 5 for j in range(5)] for i in range(5)]
TIMES = [
    [*TURN[i], *(5 + (i + j) % 5 for j in range(5))]
    if i < 5
    else [*(5 + (i - j) % 5 for j in range(5)), *((i - j) % 5 for j in range(5))]
    for i in range(10)
]
SHIFT = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def verhoeff(digits: str) -> bool:
    """Say whether the last digit is the check digit of the others."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        for _ in range(place % 8):
            value = SHIFT[value]
        check = TIMES[check][value]
    return check == 0


def mod_10(code: str) -> bool:
    """Say whether `12345-7` ends in the check digit that LOINC gives it."""
    number, _, last = code.partition("-")
    doubled = [
        int(digit) * (2 if place % 2 == 0 else 1)
        for place, digit in enumerate(reversed(number))
    ]
    return (10 - sum(value // 10 + value % 10 for value in doubled)) % 10 == int(last)


def well_formed(code: str) -> bool:
    system, _, own = code.partition("//")
    rules = {
        "SNOMED": lambda: own.isdecimal() and 6 <= len(own) <= 18 and verhoeff(own),
        "LOINC": lambda: (
            bool(re.fullmatch(r"\d{1,7}-\d", own) and mod_10(own))
            or bool(re.fullmatch(r"LA\d{1,6}-\d", own))  # an answer
        ),
        "ICD10CM": lambda: bool(re.fullmatch(ICD10CM, own)),
        "ICD9CM": lambda: bool(re.fullmatch(ICD9CM, own)),
        "RXNORM": lambda: bool(re.fullmatch(r"[1-9]\d{0,6}", own)),
        "ENCOUNTER": lambda: own in ENCOUNTERS,
        "NOTE": lambda: own.split("/")[-1] in SAID,
    }
    return rules[system]()


def covered(code: str, by: list[str]) -> bool:
    """Say whether whatever `code` selects, one of `by` selects too."""
    plain = code.replace(".", "")
    return any(
        plain == each.replace(".", "")
        or (each.endswith("*") and plain.startswith(each.replace(".", "")[:-1]))
        for each in by
    )


def own(name: str) -> list[str]:
    return list(params.load(FILES[name], Disease).own)


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_one_that_its_system_could_have_given_out(code):
    assert well_formed(code)


@pytest.mark.parametrize(
    "wrong",
    [
        "SNOMED//44054007",
        "SNOMED//10939881000119104",
        "LOINC//4548-5",
        "ICD10CM//E1",
        "ICD10CM//250.00",
        "ICD9CM//250.000",
        "RXNORM//0860975",
        "ENCOUNTER//SOMETIMES",
        "NOTE//family/diabetis",
    ],
)
def test_a_mistyped_code_is_found(wrong):
    assert not well_formed(wrong)


@pytest.mark.parametrize(("where", "codes"), lists(), ids=[w for w, _ in lists()])
def test_a_list_names_no_code_twice(where, codes):
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("name", sorted(set(DISEASES) - {"admission"}))
def test_every_disease_is_found_in_each_code_system(name):
    codes = DISEASES[name]["lists"]["stated"]["include"]
    systems = {code.partition("//")[0] for code in codes}
    assert systems == {"SNOMED", "ICD10CM", "ICD9CM"}


@pytest.mark.parametrize(
    ("name", "feature"),
    [(name, feature) for name, features in SAME.items() for feature in features],
)
def test_no_model_reads_its_disease_by_another_name(name, feature):
    mine = own(name)
    left = [c for c in RECORDED[feature] if not covered(c, mine)]
    assert left == []


@pytest.mark.parametrize("name", DISEASES)
def test_a_feature_is_a_diseases_own_as_a_whole_or_not_at_all(name):
    # One code in common, and no model of that disease reads the feature: what does
    # not tell of the disease would be lost with it.
    mine = tuple(own(name))
    for feature, codes in {**RECORDED, **MEASURES}.items():
        lost = [code for code in codes if overlap((code,), mine)]
        assert lost in ([], codes), feature


def test_of_the_vessels_of_the_brain_only_the_warning_is_read_before_a_stroke():
    stroke, warning = RECORDED["stroke"], RECORDED["transient_ischemia"]
    assert all(covered(code, own("stroke")) for code in stroke)
    assert not overlap(tuple(warning), tuple(own("stroke")))


def test_a_statin_prevents_and_is_no_leak():
    assert not set(FEATURES["drugs"]["statin"]) & {*own("chd"), *own("stroke")}


def test_the_codes_of_one_measure_share_the_unit_that_features_name():
    def table(name: str) -> list[dict[str, str]]:
        with (ROOT / "src/chronicle/ingest" / name).open(newline="") as file:
            return list(csv.DictReader(file))

    units = {
        row["measure_id"]: row["canonical_unit"] for row in table("measurements.csv")
    }
    of = {
        f"LOINC//{row['loinc']}": units[row["measure_id"]]
        for row in table("loinc_aliases.csv")
        # eGFR differs by formula, not by unit.
        if row["same_scale_as_canonical"] in ("yes", "formula-dependent")
    }
    for name, codes in MEASURES.items():
        assert {of[code] for code in codes} == {FEATURES["units"][name]}, name
