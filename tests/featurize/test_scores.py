"""Published scores, of what was known of one person."""

import polars as pl
import pytest

from chronicle.core.allowed import allowed
from chronicle.core.disease import Disease
from chronicle.core.equations import kidney
from chronicle.core.equations.published import SCORES
from chronicle.core.errors import ParamsError
from chronicle.core.params import load
from chronicle.featurize.catalogue import catalogue, dictionary
from chronicle.featurize.wanted import FeaturizeParams
from tests.drawn import patients
from tests.featurize.plain import row_of
from tests.test_house import DISEASES, PARAMS, ROOT

WANTED = FeaturizeParams.model_validate(PARAMS["featurize"])
MEASURES = PARAMS["measures"]
COLUMNS = catalogue(WANTED, MEASURES)
SCORED = [f"score_{name}" for name in SCORES]
# The worked example of PREVENT: 50 years, diabetes, treated, non-smoker, no statin.
EXAMPLE = """
    ann -400 LOINC//2093-3  200
    ann -300 LOINC//2085-9   45
    ann  -90 LOINC//8480-6  160
    ann  -10 LOINC//8462-4   95
    ann  -10 LOINC//39156-5  35
    ann  -10 LOINC//62238-1  90
    ann  -30 RXNORM//29046
    ann -900 SNOMED//44054006
    ann -200 LOINC//72166-2 text=SNOMED//266919005
"""
MORE = """
    ann  -10 LOINC//2571-8  160
    ann  -10 LOINC//2339-0  110
    ann  -10 LOINC//8302-2  160
    ann  -10 LOINC//29463-7  90
    ann  -10 LOINC//8280-0   90
    ann  -10 LOINC//9318-7   30
    ann  -10 LOINC//4548-4  7.5
"""
WHITE, BLACK = "2106-3", "2054-5"


def scores(
    text: str, born: str = "ann 1969 female", race: str | None = WHITE
) -> dict[str, float | None]:
    people = patients(born).with_columns(race=pl.lit(race, pl.String))
    row = row_of(text, people=people, wanted=WANTED, measures=MEASURES)
    return {name: row[name] for name in SCORED}


def without(code: str, text: str = EXAMPLE) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if code not in line)


def test_prevent_says_of_the_matrix_what_its_paper_says_of_the_example():
    found = scores(EXAMPLE)
    names = ("score_prevent_cvd", "score_prevent_ascvd", "score_prevent_hf")
    assert [found[name] for name in names] == [
        pytest.approx(risk, abs=6e-4) for risk in (0.147, 0.092, 0.081)
    ]


def test_of_somebody_who_was_asked_and_measured_all_scores_are_known():
    old = scores(EXAMPLE + MORE, "ann 1955 female")
    assert [n for n, risk in old.items() if risk is None] == ["score_kfre"]
    assert all(0 < risk < 1 for risk in old.values() if risk is not None)
    sick = scores((EXAMPLE + MORE).replace("62238-1  90", "62238-1  40"))
    assert sick["score_kfre"] is not None
    assert sick["score_ckd_pc"] is None


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("LOINC//2093-3", "score_prevent_ascvd"),
        ("LOINC//8480-6", "score_prevent_hf"),
        ("LOINC//72166-2", "score_prevent_hf"),
        ("LOINC//62238-1", "score_prevent_hf"),
        ("LOINC//8280-0", "score_findrisc"),
        ("LOINC//2339-0", "score_framingham_t2dm"),
    ],
)
def test_a_score_that_lacks_an_input_is_unknown_and_the_others_are_not(code, name):
    left = scores(without(code, EXAMPLE + MORE))
    assert left[name] is None
    assert sum(risk is not None for risk in left.values()) >= 1


def test_without_a_waist_findrisc_tells_the_least_that_the_risk_is():
    measured, unmeasured = scores(EXAMPLE + MORE), scores(EXAMPLE)
    assert unmeasured["score_findrisc"] is None
    least = unmeasured["score_findrisc_no_waist"]
    assert least == measured["score_findrisc_no_waist"] == pytest.approx(1 / 6)
    assert measured["score_findrisc"] == pytest.approx(1 / 3)
    slim = (EXAMPLE + MORE).replace("LOINC//8280-0   90", "LOINC//8280-0   79")
    assert scores(slim)["score_findrisc"] == least


def test_where_lipids_are_not_known_framingham_asks_for_the_body_mass():
    found = scores(without("LOINC//2085-9"))
    assert found["score_framingham_cvd"] is None
    assert found["score_framingham_cvd_bmi"] > 0.1


@pytest.mark.parametrize(
    ("year", "known"), [(1990, False), (1980, True), (1940, True), (1938, False)]
)
def test_whom_an_equation_was_not_made_for_has_no_score(year, known):
    found = scores(EXAMPLE, f"ann {year} female")
    assert (found["score_prevent_hf"] is not None) == known


def test_what_treats_and_what_is_on_record_raises_a_risk():
    plain = without("RXNORM", without("SNOMED//44054006"))
    risks = [
        scores(text)["score_prevent_hf"]
        for text in (plain, plain + "    ann -30 RXNORM//29046", EXAMPLE)
    ]
    assert risks == sorted(set(risks))


def test_race_changes_the_scores_that_ask_it_and_no_other():
    white, black, unknown = (
        scores(EXAMPLE + MORE, race=r) for r in (WHITE, BLACK, None)
    )
    asking = {f"score_{name}" for name in ("pce", "ckd_pc", "charge_af")}
    assert {name for name in SCORED if white[name] != black[name]} == asking
    assert {n for n in SCORED if white[n] and unknown[n] is None} == asking
    told = {each.name for each in COLUMNS if "race" in each.inputs}
    assert told == asking


@pytest.mark.parametrize("uacr", [30, None])
@pytest.mark.parametrize("hba1c", [7.5, None])
def test_kidneys_are_asked_by_the_equation_for_what_is_known(uacr, hba1c):
    text = EXAMPLE
    text += f"ann -10 LOINC//9318-7 {uacr}\n" if uacr else ""
    text += f"ann -10 LOINC//4548-4 {hba1c}\n" if hba1c else ""
    found = scores(text)["score_ckd_pc"]
    who = {"female": 1, "black": 0, "age_years": 50, "egfr": 90, "bmi": 35}
    who |= {"cvd": 0, "ever_smoker": 0, "htn": 0, "acr": uacr}
    wanted = kidney.ckd_pc_dm(**who, hba1c=hba1c or 0, insulin=0, no_drug=1)
    assert found == (pytest.approx(float(wanted), rel=1e-3) if hba1c else None)
    nobody = scores(without("SNOMED//44054006", text))["score_ckd_pc"]
    healthy = kidney.ckd_pc(**who)
    assert nobody == pytest.approx(float(healthy), rel=1e-3)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"scores": ("grace",)}, "no score grace"),
        ({"score_inputs": {}}, "prevent_cvd needs sbp"),
        ({"derived": ()}, "prevent_cvd needs egfr_2021"),
    ],
)
def test_a_score_without_what_it_asks_is_told(change, told):
    with pytest.raises(ParamsError, match=told):
        catalogue(WANTED.model_copy(update=change), MEASURES)


@pytest.mark.parametrize("slug", sorted(DISEASES))
def test_a_published_score_is_a_column_and_race_is_in_no_model(slug):
    asked = load(ROOT / f"diseases/{slug}.yaml", Disease)
    assert set(asked.published) <= set(SCORED)
    read = set(allowed(dictionary(COLUMNS), asked))
    assert not {each.name for each in COLUMNS if "race" in each.inputs} & read
