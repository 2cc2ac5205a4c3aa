import logging
from pathlib import Path

import pytest

from flows import mirror as mirroring
from flows.collect import LANDING
from flows.errors import CollectError, PipelineError
from flows.mirror import Collected

FOLDER, TRACKED = LANDING.folder, LANDING.tracked


def mirror(source: Path) -> Collected:
    return mirroring.mirror(LANDING, mirroring.find(LANDING, source))


def track(*, changed: bool) -> None:
    mirroring.track({LANDING: changed})


def landed() -> set[str]:
    files = (path for path in FOLDER.rglob("*") if path.is_file())
    return {str(path.relative_to(FOLDER)) for path in files}


@pytest.fixture(autouse=True)
def _project(toy):
    pass


def test_the_landing_folder_becomes_what_the_source_is():
    assert mirror(Path("sample")) == Collected(copied=2, left_out=1)
    assert landed() == {"ann.json", "more/bob.json"}


def test_what_is_the_same_is_left_alone():
    mirror(Path("sample"))
    before = {name: (FOLDER / name).stat() for name in landed()}
    assert mirror(Path("sample")) == Collected(unchanged=2, left_out=1)
    assert before == {name: (FOLDER / name).stat() for name in landed()}


def test_a_file_of_the_same_size_and_other_content_is_copied():
    mirror(Path("sample"))
    Path("sample/ann.json").write_text('{"name": "eve"}\n')
    assert mirror(Path("sample")) == Collected(copied=1, unchanged=1, left_out=1)
    assert (FOLDER / "ann.json").read_text() == '{"name": "eve"}\n'


def test_what_the_source_no_longer_has_goes_away_with_its_folder():
    mirror(Path("sample"))
    Path("sample/more/bob.json").unlink()
    assert mirror(Path("sample")) == Collected(unchanged=1, removed=1, left_out=1)
    assert landed() == {"ann.json"}
    assert not (FOLDER / "more").exists()


def test_a_copy_that_was_broken_off_is_cleared_away_and_not_counted():
    mirror(Path("sample"))
    (FOLDER / "eve.json.part").write_text("half of")
    assert mirror(Path("sample")).removed == 0
    assert landed() == {"ann.json", "more/bob.json"}


@pytest.mark.parametrize("suffix", [".json", ".json.gz", ".ndjson", ".ndjson.gz"])
def test_a_single_file_is_a_source(tmp_path, suffix):
    (tmp_path / f"eve{suffix}").write_bytes(b"x")
    assert mirror(tmp_path / f"eve{suffix}") == Collected(copied=1)
    assert landed() == {f"eve{suffix}"}


@pytest.mark.parametrize("source", [FOLDER, FOLDER / "more"])
def test_the_landing_folder_and_what_is_in_it_are_taken_as_they_are(source):
    mirror(Path("sample"))
    assert mirror(source).copied == 0
    assert landed() == {"ann.json", "more/bob.json"}


def test_a_source_around_the_landing_folder_does_not_take_it_for_a_source():
    mirror(Path("sample"))
    for _ in range(2):
        mirror(Path())
        assert landed() == {"sample/ann.json", "sample/more/bob.json"}


@pytest.mark.parametrize("source", ["nowhere", "kinds", "sample/readme.txt"])
def test_a_source_without_files_leaves_the_landing_as_it_was(source):
    mirror(Path("sample"))
    with pytest.raises(CollectError) as caught:
        mirror(Path(source))
    assert caught.value.exit_code == 15
    assert f"where: {source}" in str(caught.value)
    assert landed() == {"ann.json", "more/bob.json"}


def test_no_message_names_a_file():
    with pytest.raises(CollectError, match="where: a file in elsewhere") as caught:
        mirror(Path("elsewhere/ann_smith.json"))
    assert "smith" not in str(caught.value)


def test_dvc_records_the_landing_once_and_again_when_it_changed():
    mirror(Path("sample"))
    track(changed=True)
    first = TRACKED.read_text()
    track(changed=False)
    assert TRACKED.read_text() == first
    (FOLDER / "eve.json").write_text("{}")
    track(changed=False)
    assert TRACKED.read_text() != first


def test_recording_tells_nothing_even_to_a_terminal(capfd, caplog, monkeypatch):
    monkeypatch.setenv("DVC_IGNORE_ISATTY", "true")  # as if it were one
    caplog.set_level(logging.DEBUG)
    mirror(Path("sample"))
    track(changed=True)
    told = capfd.readouterr()
    assert "ann" not in told.out + told.err + caplog.text


def test_a_broken_pipe_is_not_called_a_fault_of_the_landing():
    mirror(Path("sample"))
    Path("dvc.yaml").write_text("stages: [")
    with pytest.raises(PipelineError):
        track(changed=True)


def test_a_link_that_leads_out_of_the_source_is_left_out():
    Path("secret.json").write_text("{}")
    Path("sample/out.json").symlink_to(Path("secret.json").absolute())
    Path("sample/in.json").symlink_to("ann.json")
    assert mirror(Path("sample")) == Collected(copied=3, left_out=2)
    assert landed() == {"ann.json", "more/bob.json", "in.json"}


def test_a_link_that_is_named_as_the_source_is_followed():
    Path("here").symlink_to("sample")
    Path("one.json").symlink_to("sample/ann.json")
    assert mirror(Path("here")).copied == 2
    assert mirror(Path("one.json")).copied == 1
