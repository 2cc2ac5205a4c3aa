"""A clone of the project in which the main job runs, as a user runs it."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from tests.conftest import ROOT, SECRET
from tests.ingest.planted import WORD
from tests.ingest.planting import plant
from tests.test_house import tracked

BIN = Path(sys.executable).parent
# On the sample, the one has too few outcomes and the other enough: more diseases would
# cost minutes and show nothing new.
DISEASES = {"chd", "htn"}
UNTOUCHED = "untouched"
# In a fraction of the time. With fewer patients the oracle has nobody to be judged on.
FEWER = {
    r"^diseases:\s*\[[^]]*\]": f"diseases: [{', '.join(sorted(DISEASES))}]",
    r"^index_rules: \[.*\]": "index_rules: [today, visits]",
    r"^  patients: 4000": "  patients: 300",
    r"^  bootstrap_replicates: 1000": "  bootstrap_replicates: 200",
}
# The sample, virtual patients, and what nobody should send; and true risks of some.
SOURCES = ("source", "data/simulated/truth/risks")
QUIET = {
    "DVC_NO_ANALYTICS": "1",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}


def sh(folder: Path, *words: str, exits: int = 0, **environment: str) -> str:
    """Run a command in a clone; return what it printed."""
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("PREFECT", "CHRON"))
    }
    # The clone's own code, as after its own `make`, with what Python puts beside it.
    ours = {"PATH": f"{BIN}:{kept['PATH']}", "PYTHONPATH": str(folder / "src")}
    ours |= {"CHRONICLE_KEY": SECRET.hex()}
    kept |= QUIET | ours | environment
    done = subprocess.run(
        words, cwd=folder, env=kept, capture_output=True, text=True, timeout=1200
    )
    told = done.stdout + done.stderr
    assert done.returncode == exits, told[-4000:]
    return told


def clone(folder: Path) -> Path:
    """Copy what git tracks, as a fresh clone would hold it, with two diseases."""
    for path in tracked():
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    for path in (ROOT / "src").rglob("*.so"):  # what `make` compiles there
        shutil.copy(path, folder / path.relative_to(ROOT))
    keep_two(folder)
    sh(folder, "git", "init", "-q")
    commit(folder)
    return folder


def keep_two(folder: Path) -> None:
    for path in (folder / "diseases").glob("*.yaml"):
        if path.stem not in DISEASES:
            path.unlink()
    params = folder / "params.yaml"
    text = params.read_text()
    for written, fewer in FEWER.items():
        text, found = re.subn(rf"(?m){written}", fewer, text)
        assert found == 1, written
    params.write_text(text)


def commit(folder: Path) -> None:
    sh(folder, "git", "add", "-A")
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    sh(folder, "git", *who, "commit", "-qm", "state", "--allow-empty")


def retrain(folder: Path, *sources: str, exits: int = 0) -> str:
    words = sources or SOURCES
    return sh(folder, "python", "-m", "flows.retrain", *words, exits=exits)


def outputs(folder: Path) -> dict[str, str]:
    """Return the md5 of every output in dvc.lock."""
    lock = yaml.safe_load((folder / "dvc.lock").read_text())
    return {
        out["path"]: out["md5"]
        for stage in lock["stages"].values()
        for out in stage["outs"]
    }


def made_once(place: Path) -> tuple[Path, str]:
    """Return a clone in which the main job ran, on records full of a marker; its log.

    Whoever asks first makes it; others, in other processes, wait.
    """
    folder, log = place / "made", place / "made.log"
    with (place / "made.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not log.exists():
            shutil.rmtree(folder, ignore_errors=True)
            told = _made(folder)
            # For those who want to change it while others look at the first.
            shutil.rmtree(place / UNTOUCHED, ignore_errors=True)
            shutil.copytree(folder, place / UNTOUCHED, symlinks=True)
            log.write_text(told)
    return folder, log.read_text()


def _made(folder: Path) -> str:
    clone(folder)
    sh(folder, "dvc", "repro", "-q", "simulation/dvc.yaml")
    shutil.copytree(folder / "data/simulated/landing", folder / "source/virtual")
    shutil.copytree(folder / "sample", folder / "source", dirs_exist_ok=True)
    plant(folder / "source", WORD)
    told = retrain(folder)
    commit(folder)
    return told
