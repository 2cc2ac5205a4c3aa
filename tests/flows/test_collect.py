from pathlib import Path

import pytest

from flows import models
from flows.alone import alone
from flows.collect import LANDING, RISKS, bring, main
from flows.errors import CollectError

ALL = {"landing/ann.json", "landing/more/bob.json", "risks/theirs.parquet"}


def held() -> set[str]:
    places = (LANDING.folder, RISKS.folder)
    files = (path for place in places for path in place.rglob("*") if path.is_file())
    return {str(path.relative_to("data")) for path in files}


@pytest.fixture(autouse=True)
def _project(toy):
    Path("given").mkdir()
    Path("given/theirs.parquet").write_bytes(b"risks")
    Path("given/about.txt").write_text("not for us")


def test_both_folders_become_what_their_sources_are_and_are_tracked():
    told = bring(Path("sample"), Path("given"))
    assert held() == ALL
    assert LANDING.tracked.exists()
    assert RISKS.tracked.exists()
    assert told == (
        "2 files copied, 0 unchanged, 0 removed, 1 of another kind left out; "
        "risks: 1 files copied, 0 unchanged, 0 removed, 1 of another kind left out"
    )


def test_without_risks_their_folder_is_empty_tracked_and_not_spoken_of():
    told = bring(Path("sample"), None)
    assert list(RISKS.folder.iterdir()) == []
    assert RISKS.tracked.exists()
    assert "risks" not in told


def test_a_new_source_without_risks_takes_the_old_ones_away():
    bring(Path("sample"), Path("given"))
    before = RISKS.tracked.read_text()
    told = bring(Path("sample/more"), None)
    assert held() == {"landing/bob.json"}
    assert RISKS.tracked.read_text() != before
    assert "risks: 0 files copied, 0 unchanged, 1 removed" in told


@pytest.mark.parametrize("risks", [None, RISKS.folder])
def test_with_the_landing_folder_itself_the_risks_stay_as_they_are(risks):
    bring(Path("sample"), Path("given"))
    told = bring(LANDING.folder, risks)
    assert held() == ALL
    assert "risks: 0 files copied, 1 unchanged, 0 removed" in told


@pytest.mark.parametrize("risks", [None, RISKS.folder])
def test_with_the_landing_folder_itself_a_folder_of_risks_is_made_if_there_is_none(
    risks,
):
    LANDING.folder.mkdir(parents=True)
    (LANDING.folder / "ann.json").write_text("{}")
    bring(LANDING.folder, risks)
    assert list(RISKS.folder.iterdir()) == []
    assert RISKS.tracked.exists()


def test_one_folder_can_be_the_source_of_both():
    Path("sample/theirs.parquet").write_bytes(b"risks")
    bring(Path("sample"), Path("sample"))
    assert held() == ALL


@pytest.mark.parametrize(
    ("source", "risks", "told"),
    [
        ("sample/more", "nowhere", "where: nowhere"),
        ("sample/more", "kinds", "ends in .parquet"),
        ("nowhere", "given", "where: nowhere"),
        ("sample/more", "given/eve_smith.parquet", "where: a file in given"),
    ],
)
def test_where_one_source_is_missing_nothing_is_touched(source, risks, told):
    bring(Path("sample"), Path("given"))
    with pytest.raises(CollectError, match=told) as caught:
        bring(Path(source), Path(risks))
    assert held() == ALL
    assert "smith" not in str(caught.value)


@pytest.mark.parametrize(
    ("words", "exits"),
    [(["sample"], 0), (["sample", "given"], 0), (["nowhere"], 15)],
)
def test_collecting_needs_no_flow(words, exits, capsys):
    assert main(words) == exits
    assert LANDING.tracked.exists() is (exits == 0)
    told = capsys.readouterr()
    assert ("2 files copied" in told.out) is (exits == 0)
    assert ("where: nowhere" in told.err) is (exits == 15)


@pytest.mark.parametrize("words", [[], ["sample", "given", "more"]])
def test_collecting_nothing_in_particular_is_not_collecting_everything(words, capsys):
    assert main(words) == 2
    assert "one source is wanted" in capsys.readouterr().err


def test_nothing_is_collected_while_a_run_is_under_way(toy, capsys):
    with alone() as ours:
        assert ours
        assert main(["sample"]) == 15
    assert "a run is under way" in capsys.readouterr().err
    assert not LANDING.folder.exists()


def test_a_folder_that_is_no_project_stays_as_it_is(tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert main(["sample"]) == models.main(["list"]) == 2
    assert not list(Path.cwd().iterdir())
