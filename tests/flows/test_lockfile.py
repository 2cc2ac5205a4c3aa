import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from dvc.utils.serialize import modify_yaml
from ruamel.yaml.representer import RepresenterError

from flows import dvc_whole, graph, lockfile

LOCK = Path("dvc.lock")


@pytest.fixture(scope="module")
def once(pattern, tmp_path_factory):
    """A project whose stages have run, and whose lock is committed."""
    folder = tmp_path_factory.mktemp("once") / "toy"
    shutil.copytree(pattern, folder)
    for command in (
        "mkdir -p data/landing data/risks",
        "cp sample/ann.json data/landing",
        f"{sys.executable} -m dvc add -q data/landing data/risks",
        f"{sys.executable} -m dvc repro -q",
        "git add dvc.lock",
        "git commit -qm version",
    ):
        subprocess.run(command, shell=True, cwd=folder, check=True)  # noqa: S602
    return folder


@pytest.fixture
def toy(once, tmp_path, monkeypatch):
    shutil.copytree(once, tmp_path / "toy")
    monkeypatch.chdir(tmp_path / "toy")


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_for_half_a_lock_the_committed_one_comes_back(share):
    whole = LOCK.read_text()
    # In the middle of a word: at its end a part may be a lock of fewer stages.
    torn = whole.index("hash:", len(whole) // 2) + 2
    LOCK.write_text(whole[: {0.0: 0, 0.5: torn, 1.0: None}[share]])
    assert lockfile.mend() == (share < 1)
    assert LOCK.read_text() == whole
    assert not graph.read().dirty


@pytest.mark.usefixtures("toy")
def test_where_none_was_committed_what_was_made_is_restored():
    subprocess.run(["git", "rm", "-q", "--cached", LOCK], check=True)
    subprocess.run(["git", "commit", "-qm", "no lock"], check=True)
    LOCK.write_text("schema: '2.0'\nstages:\n  read:\n    cm")
    assert lockfile.mend()
    assert not LOCK.exists()
    assert not lockfile.mend()
    told = subprocess.check_output([sys.executable, "-m", "dvc", "repro"], text=True)
    assert "Stage 'fit@red' is cached" in told
    assert not graph.read().dirty


@pytest.mark.usefixtures("toy")
def test_whoever_ends_while_dvc_writes_leaves_a_whole_lock():
    whole = LOCK.read_text()
    dvc_whole.patch()
    with pytest.raises(RepresenterError), modify_yaml(LOCK) as lock:
        lock["stages"]["read"]["cmd"] = object()  # what stands before it is written
    assert LOCK.read_text() == whole
