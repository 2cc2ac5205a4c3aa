"""Versions of the small project, in a real git repository and a real DVC remote."""

import contextlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flows import collect, graph, models, push, version, whole
from flows.alone import alone
from flows.errors import FlowError, UsageError, VersionError

pytestmark = pytest.mark.slow

DVC = [sys.executable, "-m", "dvc"]
CACHE = Path(".dvc/cache/files/md5")


def run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def made() -> dict[str, bytes]:
    places = ("data", "models", "champions", "reports", "verdicts")
    files = (path for place in places for path in Path(place).rglob("*"))
    kept = {str(path): path.read_bytes() for path in files if path.is_file()}
    return kept | {"dvc.lock": Path("dvc.lock").read_bytes()}


def keep() -> str:
    return version.make("run", graph.read().inputs)


@pytest.fixture(scope="module")
def made_twice(pattern: Path, tmp_path_factory) -> tuple[Path, dict[str, dict]]:
    """Make two versions of other data and other models once; tests get copies."""
    folder = tmp_path_factory.mktemp("versions")
    shutil.copytree(pattern, folder / "toy")
    with contextlib.chdir(folder / "toy"):
        collect.bring("sample", None)
        run(*DVC, "repro", "-q")
        run(*DVC, "remote", "add", "-q", "--default", "there", "../remote")
        run("git", "commit", "-qam", "a remote")
        assert keep() == "version-1, pushed"
        bytes_of = {"version-1": made()}
        Path("sample/eve.json").write_text('{"name": "eve"}\n')
        Path("kinds/red.yaml").write_text("level: 5\n")
        run("git", "commit", "-qam", "a higher level")
        collect.bring("sample", None)
        run(*DVC, "repro", "-q")
        assert keep() == "version-2, pushed"
        return folder, {**bytes_of, "version-2": made()}


@pytest.fixture
def twice(made_twice, tmp_path: Path, monkeypatch) -> dict[str, dict[str, bytes]]:
    """Stand in a copy of a project of two versions, with its remote beside it."""
    folder, bytes_of = made_twice
    shutil.copytree(folder, tmp_path / "versions")
    monkeypatch.chdir(tmp_path / "versions" / "toy")
    return bytes_of


@pytest.fixture
def remote(twice) -> Path:
    return Path("../remote").resolve()


def test_a_rollback_brings_data_and_models_back_to_the_byte_and_forth_again(
    twice, capsys
):
    shutil.rmtree(".dvc/cache")  # all of it is in the remote
    assert models.main(["rollback", "version-1"]) == 0
    assert made() == twice["version-1"]
    told = capsys.readouterr().out
    assert "version-3, pushed" in told
    assert "written otherwise since: kinds/red.yaml" in told
    assert models.main(["promote", "version-2"]) == 0
    assert made() == twice["version-2"]
    assert models.main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("* ")] == [lines[-1]]
    assert lines[-1].startswith("* version-4  ")
    assert "Eve  promote version-2  data/landing" in lines[-1]


def test_a_difference_is_told_in_data_parameters_and_metrics(twice, capsys):
    assert models.main(["diff", "version-1", "version-2"]) == 0
    told = capsys.readouterr().out
    assert "data     data/landing: " in told
    assert "written  kinds/red.yaml" in told
    assert "params   kinds/red.yaml: level: 1 -> 5 (+4)" in told
    assert "metrics  reports/red.json: auc: 0.1 -> 0.5 (+0.4)" in told
    assert "blue" not in told


def test_an_old_version_is_made_again_on_a_clean_clone_from_the_remote(
    twice, monkeypatch
):
    run("git", "clone", "-q", ".", "../clone")
    monkeypatch.chdir("../clone")
    run("git", "checkout", "-q", "version-1")
    run(*DVC, "pull", "-q", "--allow-missing")
    assert made() == twice["version-1"]
    for place in ("models", "champions", "reports", "verdicts"):
        shutil.rmtree(place)  # what it was made of remains: every stage runs
    run(*DVC, "repro", "-q", "--force", "--no-run-cache")
    assert made() == twice["version-1"]


def test_a_version_that_is_nowhere_any_more_leaves_all_as_it_was(twice, remote):
    for kept in (remote, Path(".dvc/cache")):
        [path] = kept.rglob(md5("version-1", "models/red")[2:])
        path.unlink()
    with pytest.raises(VersionError, match="version-1 is not whole"):
        models.rollback("version-1")
    assert made() == twice["version-2"]


def test_bytes_that_the_disk_damaged_come_from_the_remote_or_not_at_all(twice):
    [path] = Path(".dvc/cache").rglob(md5("version-1", "models/red")[2:])
    path.chmod(0o644)
    path.write_text("rotten")
    path.chmod(0o444)
    models.rollback("version-1")
    assert made() == twice["version-1"]


def test_a_file_that_was_damaged_here_takes_no_whole_one_out_of_the_cache(twice):
    with graph.project() as repo:
        [red] = [out for out in whole.made(repo) if str(out) == "models/red"]
        Path("models/red").chmod(0o644)
        Path("models/red").unlink()
        Path("models/red").write_text("rotten")
        assert whole.remove_damaged(red, repo)
        repo.checkout([red.fs_path], force=True)
    assert made() == twice["version-2"]


def test_what_somebody_tracks_beside_the_pipe_stays_as_it_is(twice):
    Path("own.txt").write_text("tracked")
    run(*DVC, "add", "-q", "own.txt")
    Path("own.txt").write_text("edited since")
    models.rollback("version-1")
    assert Path("own.txt").read_text() == "edited since"
    told = subprocess.check_output(["git", "status", "--porcelain"], text=True)
    assert "?? own.txt.dvc" in told


def md5(tag: str, path: str) -> str:
    lock = subprocess.check_output(["git", "show", f"{tag}:dvc.lock"], text=True)
    after = lock.split(f"path: {path}\n")[-1]
    return after.split("md5: ")[1].split()[0]


def test_what_is_kept_from_run_to_run_comes_back_or_is_said_to_be_lost(twice):
    kept = Path("champions/red")
    kept.unlink()
    assert whole.bring_back() == (f"{kept} {whole.BACK}",)
    assert made() == twice["version-2"]
    assert whole.bring_back() == ()
    kept.unlink()
    told = md5("version-2", str(kept))
    Path(".dvc/cache/files/md5", told[:2], told[2:]).unlink()
    assert whole.bring_back() == (f"{kept} {whole.LOST}",)
    assert not kept.exists()


@pytest.mark.usefixtures("ran")
def test_what_nobody_could_make_again_is_no_version():
    Path("kinds/red.yaml").write_text("level: 1 # mine\n")
    with pytest.raises(VersionError, match=r"kinds/red\.yaml differ"):
        keep()
    assert not version.versions()


@pytest.mark.usefixtures("ran")
def test_without_a_name_or_a_remote_the_run_is_not_lost_and_it_is_said(monkeypatch):
    for name in ("user.name", "user.email"):
        run("git", "config", "--unset", name)
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, "nowhere")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("EMAIL", "")
    run("git", "config", "user.useConfigOnly", "true")
    with pytest.raises(VersionError, match="in whose name"):
        keep()
    monkeypatch.setenv("GIT_COMMITTER_NAME", "a")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Eve")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "eve@clinic.example")
    assert keep() == "version-1, on this machine alone: no DVC remote is configured"
    assert keep().startswith("version-1 has all this already")


def test_a_remote_that_is_away_is_owed_and_paid_later(twice, remote):
    remote.rename("away")
    remote.write_text("no folder")
    Path("sample/more.json").write_text("{}\n")
    collect.bring("sample", None)
    run(*DVC, "repro", "-q")
    assert "could not be reached" in keep()
    remote.unlink()
    Path("away").rename(remote)
    assert keep() == "version-3 has all this already, pushed"


@pytest.mark.usefixtures("twice")
def test_a_remote_that_is_new_gets_what_was_made_before_it():
    # Of each tag DVC asks which remote it names, and none of them names this one.
    for words in (["remove", "there"], ["add", "-q", "--default", "new", "../new"]):
        run(*DVC, "remote", *words)
    push.OWED.touch()
    assert push.pushed() == ", pushed"
    made = {path.relative_to(CACHE) for path in CACHE.rglob("*") if path.is_file()}
    new = Path("../new/files/md5")
    assert made == {path.relative_to(new) for path in new.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("ran")
def test_what_is_asked_amiss_is_told_what_to_do(capsys):
    with pytest.raises(UsageError, match="there is no version version-9"):
        models.rollback("version-9")
    assert models.main(["rollback"]) == 2
    assert "'rollback' takes 1 version(s) and was given 0" in capsys.readouterr().err
    assert models.main(["verify"]) == 0
    Path("models/red").write_text("other")
    assert models.main(["verify"]) == 21


@pytest.mark.usefixtures("ran")
def test_versions_are_listed_while_a_run_is_under_way_and_nothing_else_is_done():
    with alone() as held:
        assert held
        assert models.main(["list"]) == 0
        assert models.main(["verify"]) == 21


def test_a_tag_tells_what_was_decided(ran):
    keep()
    run("git", "tag", "-d", "version-1")
    told = {"red": {"in_use": False, "why": ["worse"], "asked": {"level": 1}}}
    version.make("run", graph.read().inputs, decided=told)
    [kept] = version.versions()
    assert json.loads(json.dumps(kept.told["decided"])) == told
    assert isinstance(kept.number, int)
    assert issubclass(VersionError, FlowError)
