"""A clinician may add words; a slip of the pen is told, with its place."""

import pytest

from chronicle.core.errors import ParamsError
from chronicle.ingest.notes.matcher import words
from chronicle.ingest.notes.phrases import expanded
from chronicle.ingest.notes.vocabulary import matcher, vocabulary

SOUND = """
words: {side: left|right}
concepts:
  knee_pain:
    meaning: Pain in a knee.
    code: SNOMED//30989003
    phrases: ["[<side>] knee pain"]
    exact: [KP]
numbers: {}
nothing: [knee pain clinic]
"""


def written(tmp_path, text):
    file = tmp_path / "vocabulary.yaml"
    file.write_text(text)
    return file


def test_a_word_that_was_added_is_found(tmp_path):
    file = written(tmp_path, SOUND)
    text = "Left knee-pains; KP, kp; knee pain clinic"
    found = matcher(file).find(words(text, 0, len(text)))
    assert [(each.first, each.last, each.told.slug) for each in found] == [
        (0, 3, "knee_pain"),
        (4, 5, "knee_pain"),
        (8, 11, ""),
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("meaning", "meening", "concepts.knee_pain.meening: Extra inputs"),
        ("[<side>]", "[<sides>]", "no list is called <sides>"),
        ("[<side>] knee pain", "[<side> knee pain", "']' is missing"),
        ("[<side>] knee pain", "[knee pain]", "may stand for nothing"),
        ("knee pain clinic", "left knee pain", "means both knee_pain and"),
        ("SNOMED//30989003", "30989003", "concepts.knee_pain.code"),
        ("knee_pain:", "Knee pain:", "'Knee pain' is no slug"),
        ("words: {", "words: {{", "this is no YAML"),
    ],
)
def test_a_slip_is_told_with_its_place(tmp_path, right, wrong, told):
    file = written(tmp_path, SOUND.replace(right, wrong, 1))
    with pytest.raises(ParamsError) as fault:
        vocabulary(file)
    assert told in str(fault.value)
    assert str(file) in str(fault.value)


def test_a_pattern_that_stands_for_too_much_is_refused():
    with pytest.raises(ValueError, match="more than"):
        expanded(" ".join(["(a|b|c|d)"] * 12), {})


def test_every_disease_of_the_product_can_be_said():
    # By the first words of its title, as a clinician would write it.
    said = (
        "type 2 diabetes, hypertension, hyperlipidemia, coronary artery disease, heart "
        "failure, atrial fibrillation, stroke, CKD stage 3, COPD, asthma, dementia, "
        "depression, obesity, osteoporosis"
    )
    found = matcher().find(words(said, 0, len(said)))
    assert len({each.told.slug for each in found}) == 14
