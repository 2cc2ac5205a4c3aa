"""Notes, and the labels of what they say."""

from base64 import b64decode

import pytest

from chronicle.ingest.notes.plain import plain
from chronicle.simulate.sites import catalog
from tests.simulate.lives import life, lives, of_type, read, write


def read_as_text(attachment: dict) -> str:
    return plain(b64decode(attachment["data"]), attachment["contentType"])


@pytest.fixture(scope="module")
def notes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("landing")
    records = lives(150)
    truth = write(folder, records)
    texts = {
        each["id"]: read_as_text(each["content"][0]["attachment"])
        for each in of_type(read(folder), "DocumentReference")
    }
    return texts, truth.mentions


def test_a_span_covers_the_words_for_its_condition(notes):
    texts, mentions = notes
    for each in mentions:
        words = texts[each["document_id"]][each["start"] : each["end"]]
        assert words in catalog.conditions()[each["concept"]].notes


def test_a_third_of_the_visits_has_a_note_and_all_polarities_occur(notes):
    texts, mentions = notes
    visits = len(life("plain").visits) * 150
    assert 0.2 < len(texts) / visits < 0.4
    assert {(e["polarity"], e["who"], e["when"]) for e in mentions} == {
        ("affirmed", "patient", "current"),
        ("affirmed", "patient", "historical"),
        ("affirmed", "other", "current"),
        ("negated", "patient", "current"),
        ("negated", "patient", "historical"),
        ("uncertain", "patient", "current"),
    }


def test_some_notes_drag_the_one_before_along(notes):
    texts, _ = notes
    assert any("Copied forward:" in text for text in texts.values())


def test_no_slot_stays_unfilled(notes):
    texts, _ = notes
    assert not any("{" in text for text in texts.values())
    assert all(text for text in texts.values())


def test_a_condition_is_affirmed_only_once_it_was_diagnosed(notes):
    _, mentions = notes
    affirmed = {
        each["concept"]
        for each in mentions
        if (each["polarity"], each["who"]) == ("affirmed", "patient")
    }
    negated = {each["concept"] for each in mentions if each["polarity"] == "negated"}
    assert affirmed == {"htn", "chd", "t2dm"}
    assert "osteoporosis" in negated


def test_a_site_that_codes_nothing_has_the_same_notes_all_the_same(tmp_path):
    records = [life("plain", number) for number in range(20)]
    told = []
    for share in (0.0, 1.0):
        write(tmp_path / str(share), records, noted_only={"plain": share})
        found = read(tmp_path / str(share))
        told.append([of_type(found, k) for k in ("DocumentReference", "Condition")])
    (notes, coded), (same, uncoded) = told
    assert (notes, bool(coded), uncoded) == (same, True, [])


def test_metric_notes_have_a_decimal_comma_and_dots_in_dates(tmp_path):
    write(tmp_path, [life("metric", number) for number in range(60)])
    texts = [
        b64decode(each["content"][0]["attachment"]["data"]).decode()
        for each in of_type(read(tmp_path), "DocumentReference")
    ]
    assert any("81,9 kg" in text for text in texts)
    assert any("02.03.1951" in text for text in texts)
    assert not any("03/02/1951" in text for text in texts)
