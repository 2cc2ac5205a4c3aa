"""What is read out of a note: concepts, and who has them, when, and whether at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chronicle.ingest.notes.read import mentions
from chronicle.ingest.notes.vocabulary import vocabulary
from tests.ingest.notes.marked import HALVES, gold, judged, noted

LEAST = {"develop": 0.97, "kept_aside": 0.95, "styles": 0.95}


@pytest.mark.parametrize("half", HALVES)
def test_most_of_the_gold_notes_is_right_in_concept_and_status(half):
    counts, wrong = judged(gold(half))
    assert counts["right"] >= LEAST[half] * counts["marks"], "\n".join(wrong)
    assert counts["spurious"] <= (1 - LEAST[half]) * counts["marks"], "\n".join(wrong)


@pytest.mark.parametrize(
    "marked",
    [
        # Negation, and how far it reaches.
        "No {HTN:hypertension n}, {DM:diabetes n} or {CVA:stroke n}.",
        "No {HTN:hypertension n} but {diabetes:diabetes}.",
        "{CXR:} negative for {pneumonia:pneumonia n}; {cough:cough} goes on.",
        "Serial enzymes were negative for {MI:myocardial_infarction n}.",
        "{Pneumonia:pneumonia n} and {effusion:pleural_effusion n} were ruled out.",
        "{Angina:angina n} is unlikely.",
        # What sounds like negation and is none.
        "No change in {cardiomegaly:cardiomegaly}.",
        "Not only {asthma:asthma} but {COPD:copd}.",
        "{Heart failure:heart_failure u} cannot be excluded.",
        "{Diabetes:diabetes} is not controlled.",
        "{IHD:coronary_disease n} no. {Asthma:asthma n} no. {COPD:copd} yes.",
        "Denies that he has {chest pain:chest_pain n}; nil {orthopnoea:orthopnea n}.",
        "(No slides of {pneumonia:pneumonia n} were sent) {COPD:copd}.",
        # Uncertain.
        "- ? {asthma:asthma u}\n{COPD:copd u}: unknown",
        "r/o {PE:venous_thromboembolism u}",
        "?{TIA:tia u}",
        # Before now.
        "{MI:myocardial_infarction h} in 2009, {HTN:hypertension}.",
        "s/p {CABG:coronary_disease h}",
        "{HTN:hypertension} since 2009.",
        "S/p {CABG:coronary_disease h}, no {angina:angina n}.",
        "3/12 hx of {cough:cough}.",
        "Hx {COPD:copd h}, {HTN:hypertension h}, here w {fatigue:fatigue}.",
        "Given his {CHF:heart_failure h} history, {diuretics:} for {edema:edema}.",
        "Long {smoking history:smokes}, {obesity:obesity}.",
        "A 58-year-old woman with {HTN:hypertension}; {SOB:dyspnea} in the past week.",
        # Not yet.
        "Return if {chest pain:chest_pain y} or {syncope:syncope y} occurs.",
        "Risks include {stroke:stroke y}, {MI:myocardial_infarction y} and death.",
        "Heparin for {DVT:venous_thromboembolism y} prophylaxis.",
        # Instruments and plans by their names.
        "Assessment of {anxiety:anxiety y}, {drug abuse:drug_use y} screening test",
        "{Generalized anxiety disorder:anxiety y} 7 item (GAD-7), PHQ-2",
        "{Alcohol use disorders:alcohol_misuse y} identification test",
        "{Diabetes:diabetes y} self management plan; {asthma:asthma y} care plan",
        "BMI 30+; {unhealthy alcohol drinking behavior:alcohol_misuse}",
        "Untreated {HTN:hypertension y} can lead to {stroke:stroke y}.",
        # Somebody else.
        "Her brother is on {dialysis:dialysis o}.",
        "Mother had {dementia:dementia o}; she has {asthma:}.",
        "FH: {stroke:stroke o}, no {MI:myocardial_infarction n o}\n\nHas {gout:gout}.",
        "Wife says he {snores:snoring}.",
        "Lives with her mother, who is well. {HTN:hypertension}.",
        "Lives with mother who has {dementia:dementia o}.",
        # Lists, wrapped lines, boxes, signs.
        "Denies:\n- {chest pain:chest_pain n}\n- {SOB:dyspnea n}\n\n{Cough:cough}.",
        "no {htn:hypertension n}. {copd:copd} stable. ?{chf:heart_failure u}",
        "He has no\n{palpitations:palpitations n}.",
        "[ ] {asthma:asthma n}\n[x] {COPD:copd}",
        "{Cough (-):cough n}, {wheeze (+):wheeze}",
        "(-) {cough:cough n} (-) {wheeze:wheeze n} (+) {edema:edema}",
        # Other languages say the same of a disease, and another thing of no.
        "Niega asma. Sin angina ni diabetes.",
        "Keine Angina, kein Diabetes.\n\nAssessment: {HTN:hypertension}, stable.",
        "Пациент: COPD отрицает.",
        "{Diabetes:diabetes n}: no\n{Stroke:stroke}: yes",
        # Habits have their status in the word.
        "{Ex-smoker:smokes h}.",
        "{Never smoked:smokes n}.",
        "{Advised to quit smoking:smokes}.",
        "{Smoking status: Former smoker:smokes h}",
        "{Alcohol use:alcohol n}: not currently",
        # Words that mean something else.
        "No CVA tenderness. Detroit, MI 48201. Stroke volume {normal:}.",
    ],
)
def test_status_is_said_by_the_words_around(marked):
    counts, wrong = judged([noted(marked)])
    assert not wrong
    assert counts["spurious"] == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BP 142/88", [("dbp", 88), ("sbp", 142)]),
        ("blood pressure is 128 over 76 mmHg", [("dbp", 76), ("sbp", 128)]),
        ("BP (!) 150/92", [("dbp", 92), ("sbp", 150)]),
        ("BP 300/20", []),
        ("EF 55-60%", [("ejection_fraction", 57.5)]),
        ("LVEF is estimated at 35 %", [("ejection_fraction", 35)]),
        ("EF 2014", []),
        ("HbA1c: 53 mmol/mol", [("hba1c", 7.0)]),
        ("wt 180 lbs", [("weight", 81.6)]),
        ("weight 180", []),
        ("30 pack-year history", [("pack_years", 30)]),
        ("T-score -2.7", [("t_score", -2.7)]),
        ("no EF 30%", [("ejection_fraction", 30)]),
        ("FEV1/FVC 0.61", []),
        ("A1c (10/12/2014) 7.1", []),
        ("A1c 5/2019: 7.4 %", []),
        ("creatinine 12 Mar 2014 1.1", []),
        ("recheck A1c 6 months", []),
        ("hemoglobin in 6-8 weeks", []),
        ("hemoglobin 12 decreased", [("hemoglobin", 12)]),
        ("heart rate 72/min", [("heart_rate", 72)]),
        ("A1c 7.1 (10/12/2014)", [("hba1c", 7.1)]),
    ],
)
def test_a_number_is_in_the_units_of_the_vocabulary(text, expected):
    found = mentions(text)
    assert [(each.concept, round(each.value, 1)) for each in found] == expected
    assert {each.polarity for each in found} <= {"affirmed"}


@pytest.mark.parametrize(
    "text",
    [
        "HTN. RRR, 2/6 SEM at LUSB.",
        "HTN, MAI on azithro",
        "PMH: HTN, DU 1989, MAI",
        "HTN. Cr 110 \u03bcmol/L, levothyroxine 50 \u03bcg, folate 400 \u03bcg",
        "HTN, \ufb02uid, \ufb01brates",
        "HTN. Con't ASA. Con't statin.",
        "HTN. FISH: del 17p, del 13q; FVL het, MTHFR het",
        "HTN, von Willebrand dz, von Hippel-Lindau",
        "HTN. NPO til MN, hold til Mon.",
    ],
)
def test_short_hand_is_no_other_language(text):
    assert "hypertension" in [each.concept for each in mentions(text)]


def test_the_section_is_told():
    text = "PMH: HTN\nASSESSMENT AND PLAN:\n1. COPD\nUNHEARD OF:\nasthma"
    assert [each.section for each in mentions(text)] == [
        "past_history",
        "assessment",
        "",
    ]


words = st.sampled_from(
    ["no", "denies", "HTN", "DM2", "EF", "35%", ":", ";", ".", ",", "\n", "-", "(+)",
     "[", "]", "?", "if", "father", "history", "of", "MI", "in", "2014", "risk", "FH:",
     "PMH:", "\n\n", "\x00", "é", "💉", "İ", "ß"]
)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(words, max_size=60).map(" ".join) | st.text(max_size=200))
def test_any_text_gives_sound_mentions_and_none_of_its_words(text):
    found = mentions(text)
    assert found == mentions(text)
    assert [each.start for each in found] == sorted(each.start for each in found)
    known = {*vocabulary().concepts, *vocabulary().numbers}
    for each in found:
        assert 0 <= each.start < each.end <= len(text)
        assert each.concept in known
        assert each.polarity in {"affirmed", "negated", "uncertain"}
        assert each.who in {"patient", "other"}
        assert each.when in {"current", "historical", "hypothetical"}
        assert (each.value is None) == (each.unit is None)
