"""Notes in, mentions and events out, as a user runs it; the text goes nowhere."""

import base64
from pathlib import Path

import polars as pl
import pytest

from chronicle.ingest import note
from chronicle.ingest.allowed import Loose
from chronicle.report.words import MEANINGS
from tests import bundles
from tests.bundles import attachment, bundle, document, encounter, patient, write

LANDING = Path("landing")
ILL, WELL = "She has type 2 diabetes.", "She denies hypertension."
BROKEN = ILL.replace(" has ", "\n has\n")  # its lines, and nothing else, are other ones
RELATIVES = {"title": "Family history", "text": bundles.narrative("Type 2 diabetes")}
HTML = attachment(f"<p>{ILL}</p>", "text/html")
PDF = base64.b64encode(b"%PDF-1.4 diabetes").decode()


def told(table: str = "mentions") -> pl.DataFrame:
    return pl.read_parquet(f"data/tables/{table}/*.parquet")


def noted() -> list[tuple[str, str]]:
    """Return what notes added to the events: when, and what."""
    rows = told("events").filter(pl.col("code").str.starts_with("NOTE//"))
    return sorted(
        (str(at)[:10], code) for at, code in rows.select("time", "code").rows()
    )


@pytest.mark.parametrize(
    ("found", "fates"),
    [
        pytest.param([attachment(ILL)], ["note-plain"], id="plain"),
        pytest.param([attachment(ILL, None)], ["note-plain"], id="of no stated type"),
        pytest.param([HTML], ["note-html"], id="html"),
        pytest.param(
            [HTML, attachment(ILL)],
            ["note-other-format", "note-plain"], id="one document in two formats",
        ),
        pytest.param([{"url": "http://a.b/c"}], ["note-elsewhere"], id="at an address"),
        pytest.param(
            [{"data": PDF, "contentType": "image/png"}],
            ["note-type"], id="a picture",
        ),
        pytest.param([{"data": "###"}], ["note-unreadable"], id="not base64"),
        pytest.param([{}], ["note-empty"], id="nothing"),
        pytest.param(
            [attachment("Kein Asthma. Die Mutter hatte Diabetes.")],
            ["note-language"], id="of another language",
        ),
        pytest.param([attachment("  ")], ["note-empty"], id="blanks"),
    ],
)  # fmt: skip
def test_each_place_where_text_may_stand_has_a_fate(found, fates):
    texts = note.attached([Loose(**each) for each in found])
    assert [each.fate for each in texts] == fates
    assert all(each.words for each in texts if each.fate in note.BEST)


@pytest.mark.parametrize(
    ("status", "more", "said"),
    [
        pytest.param("additional", {}, ["emphysema"], id="nothing else is there"),
        pytest.param("additional", {"conclusion": "EF 35 %"}, ["ejection_fraction"],
                     id="a conclusion is there"),
        pytest.param("generated", {}, [], id="made of the elements"),
    ],
)  # fmt: skip
def test_a_report_is_read_in_its_narrative_only_where_nothing_else_is(
    ingest, status, more, said
):
    text = bundles.narrative("Emphysema.") | {"status": status}
    study = bundles.study() | {"text": text}
    seen = [bundles.report(text=text, **more), *([] if more else [study])]
    write(LANDING, ann=bundle(patient(), encounter(), *seen))
    ingest()
    assert sorted(set(told()["concept"])) == said
    assert told()["note"].n_unique() == (len(seen) if said else 0)


def test_every_fate_of_a_note_is_told_in_words():
    assert set(note.FATES) <= set(MEANINGS)


def test_notes_of_all_kinds_become_mentions_and_events_and_no_note_is_lost(ingest):
    unread = {"contentType": "text/plain"}
    write(
        LANDING,
        ann=bundle(
            patient(), encounter(), encounter(number=2),
            document(attachment(f"{ILL}\n\n{WELL}")),
            document(unread, number=2) | {"text": bundles.narrative("Smokes.")},
            bundles.composition(RELATIVES, {"section": [RELATIVES]}),
            bundles.report(
                conclusion="EF 35 %", presentedForm=[{"url": "http://a.b/c"}]
            ),
            bundles.observation(note=[{"text": "EF 30 %"}]), bundles.study(),
        ),
    )  # fmt: skip
    ledger = ingest()
    assert ledger["total"]["accepted"] == ledger["total"]["read"] == 9
    assert {word: n for word, n in ledger["notes"].items() if word[:4] == "note"} == {
        "note-annotation": 1, "note-conclusion": 1, "note-elsewhere": 1,
        "note-narrative": 1, "note-plain": 1, "note-section": 2,
    }  # fmt: skip
    assert ledger["tables"]["mentions"] == told().height
    texts = told().select("note", "text").unique()
    assert texts.height == 6
    codes = {code for _, code in noted()}
    assert {"NOTE//absent/hypertension", "NOTE//ejection_fraction"} <= codes
    numbers = told("events").filter(pl.col("code") == "NOTE//ejection_fraction")
    assert set(numbers.select("numeric_value", "unit").rows()) == {(35, "%"), (30, "%")}
    assert {"DCM//CT", "SNOMED//169069000"} <= set(told("events")["code"])


def test_a_paragraph_counts_once_where_it_was_known_first(ingest):
    later, first = (
        document(attachment(text), number=number)
        for number, text in ((2, f"{WELL}\n\n{BROKEN}"), (1, ILL))
    )
    write(
        LANDING,
        ann=bundle(patient(), encounter(), encounter(number=2), later, first),
        bob=bundle(patient("bob"), document(attachment(ILL), name="bob", number=3)),
    )
    ledger = ingest()
    assert ledger["notes"]["mention-copied"] == told()["again"].sum() == 1
    (diabetes,) = {code for _, code in noted() if "absent" not in code}
    assert noted() == [
        ("2011-05-01", diabetes),
        ("2012-05-01", "NOTE//absent/hypertension"),
        ("2013-05-01", diabetes),
    ]
    assert told()["paragraph"].n_unique() == 2


def test_the_same_words_under_another_heading_are_no_copy(ingest):
    own = {"title": "Assessment", "text": bundles.narrative("Type 2 diabetes")}
    write(LANDING, ann=bundle(patient(), bundles.composition(RELATIVES, own)))
    assert "mention-copied" not in ingest()["notes"]
    assert len({code for _, code in noted()}) == len(noted()) == 2


@pytest.mark.parametrize(
    ("before", "known"), [(WELL, "2014-05-02"), (ILL, "2011-05-01")]
)
def test_an_amended_note_is_known_when_it_was_amended(ingest, before, known):
    old, new = (
        document(attachment(text)) | {"meta": {"versionId": each, "lastUpdated": at}}
        for text, each, at in (
            (before, "1", "2014-05-01T09:00:00Z"), (ILL, "2", "2014-05-02T09:00:00Z"),
        )
    )  # fmt: skip
    write(LANDING, ann=bundle(patient(), encounter(), old, new))
    ingest()
    assert str(told()["available_time"].item())[:10] == known


def test_a_remark_is_known_when_it_was_written_not_when_its_measurement_was(ingest):
    remark = {"text": ILL, "time": "2013-06-01"}
    measured = bundles.observation(note=[remark, {"text": WELL}])
    write(LANDING, ann=bundle(patient(), encounter(), measured))
    ingest()
    known = told().sort("text").get_column("available_time").dt.date()
    assert [str(each) for each in known] == ["2013-06-01", "2011-05-02"]
    late = told("events").filter(pl.col("code").str.ends_with("diabetes_type_2"))
    assert str(late["available_time"].item())[:10] == "2013-06-01"


@pytest.mark.parametrize("copies", [0, 3])
def test_what_two_remarks_of_one_resource_say_is_known_from_the_first(ingest, copies):
    first = {"text": ILL, "time": "2012-06-01"}
    second = {"text": "He has type 2 diabetes, too.", "time": "2013-06-01"}
    others = [document(attachment(WELL), number=each + 1) for each in range(copies)]
    for remarks in ([first, second], [second, first]):
        ill = bundles.condition(note=remarks)
        write(LANDING, ann=bundle(patient(), encounter(), ill, *others))
        ingest()
        rows = told("events").filter(pl.col("code").str.ends_with("diabetes_type_2"))
        assert str(rows["available_time"].item())[:10] == "2012-06-01"


def test_a_remark_on_a_diagnosis_is_of_when_it_was_made_not_of_the_onset(ingest):
    long_ago = {"onsetDateTime": "1999-01-01", "recordedDate": "2012-03-04"}
    later = {"text": WELL, "time": "2013-06-01"}
    ill = bundles.condition(**long_ago, note=[{"text": "EF 35 %"}, later])
    write(LANDING, ann=bundle(patient(), encounter(), ill))
    ingest()
    rows = told("events").filter(pl.col("code").str.starts_with("NOTE//"))
    assert {
        (code, str(time)[:10], str(known)[:10])
        for code, time, known in rows.select("code", "time", "available_time").rows()
    } == {
        ("NOTE//ejection_fraction", "2012-03-04", "2012-03-04"),
        ("NOTE//absent/hypertension", "2013-06-01", "2013-06-01"),
    }


def test_what_a_note_said_goes_with_its_version_its_deletion_and_its_patient(ingest):
    old, new = (
        document(attachment(text)) | {"meta": {"versionId": version}}
        for version, text in (("1", ILL), ("2", WELL))
    )
    gone = document(attachment(ILL), number=2) | {"status": "entered-in-error"}
    stray = document(attachment(ILL), name="zoe")
    link = {"other": bundles.subject("ann"), "type": "refer"}
    double = patient("ann2", link=[link])
    theirs = document(attachment("EF 35 %"), name="ann2")
    write(LANDING, ann=bundle(patient(), old, new, gone, stray, double, theirs))
    assert ingest()["by_reason"] == {"entered-in-error": 1, "orphan": 1}
    assert told()["concept"].sort().to_list() == ["ejection_fraction", "hypertension"]
    assert told()["subject_id"].n_unique() == 1


def test_dates_of_mentions_move_with_those_of_their_patient(run, project):
    params = project / "params.yaml"
    params.write_text(params.read_text().replace("shift_weeks: 0", "shift_weeks: 52"))
    write(LANDING, ann=bundle(patient(), encounter(), document(attachment(ILL))))
    run("ingest", "landing", "risks", "parts", "data/tables", "c", "r", "ledger.json")
    visit = told("events").filter(pl.col("code") == "ENCOUNTER//AMB")["time"].item()
    assert told()["time"].item() == visit
