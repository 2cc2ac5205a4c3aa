"""What all tests share: a project in an empty folder, and the data kept beside us."""

import hashlib
import json
import logging
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from chronicle.__main__ import main
from chronicle.ingest.keys import derived

ROOT = Path(__file__).resolve().parents[1]
# Elsewhere and absent on a user's machine; tests that need it say so and skip.
SHARED = Path(os.environ.get("CHRONICLE_TEST_DATA", ROOT.parent / "shared" / "data"))

# A site's key: no test may make one, or take that of whoever runs the tests.
SECRET = bytes(range(32))
KEYS = derived(SECRET)

INGEST = (
    "ingest", "landing", "risks", "parts",
    "data/tables", "data/comparators", "data/refused", "ledger.json",
)  # fmt: skip

# Minutes each: begun last, one core would wait for them at the end. Three of them wait
# for the same clone, which leaves the cores to the one that makes it.
LONG = (
    "test_pipe.py", "test_retrain.py", "test_pipe_changes.py", "test_two_clones.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: order.get(item.path.name, len(LONG)))


settings.register_profile("chronicle", deadline=None, derandomize=True)
settings.load_profile("chronicle")


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHRONICLE_KEY", SECRET.hex())
    monkeypatch.setenv("CHRONICLE_PRIVATE", str(tmp_path / "private"))
    monkeypatch.delenv("CHRONICLE_KEY_FILE", raising=False)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder with this repository's params and diseases."""
    for name in ("params.yaml", "diseases", "expectations"):
        source, target = ROOT / name, tmp_path / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, target)
    # Dates as drawn: how they move has tests of its own.
    written = (tmp_path / "params.yaml").read_text()
    true = re.sub(r"shift_weeks: \d+", "shift_weeks: 0", written)
    (tmp_path / "params.yaml").write_text(true)
    (tmp_path / "risks").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CHRONICLE_WORKERS", raising=False)
    return tmp_path


@pytest.fixture
def run(project: Path, caplog: pytest.LogCaptureFixture) -> Callable[..., str]:
    """Run a stage through the one door; return what it logged."""
    caplog.set_level(logging.INFO)

    def run_stage(*words: str, exits: int = 0) -> str:
        caplog.clear()
        assert main(list(words)) == exits, caplog.text
        return caplog.text

    return run_stage


@pytest.fixture
def ingest(run: Callable[..., str]) -> Callable[..., dict]:
    """Ingest ./landing; return the ledger."""

    def run_ingest() -> dict:
        run(*INGEST)
        return json.loads(Path("ledger.json").read_text())

    return run_ingest


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real and third-party FHIR."""
    if not SHARED.is_dir():
        pytest.skip("the shared data is not on this machine (CHRONICLE_TEST_DATA)")
    return SHARED


def opened(refused: Path = Path("data/refused")) -> list[dict]:
    """Return the rows of `refused`, unsealed."""
    from chronicle.ingest.unseal import unsealed

    out = refused.parent / ".opened"
    unsealed(refused, out, KEYS)
    rows = (out / "refused.ndjson").read_text().splitlines()
    shutil.rmtree(out)
    told = [json.loads(each) for each in rows]
    return sorted(told, key=lambda each: (each["file"], each["entry"]))


def digests(folder: Path) -> dict[str, str]:
    """Return the md5 of every file below `folder`."""
    return {
        str(path.relative_to(folder)): hashlib.md5(
            path.read_bytes(), usedforsecurity=False
        ).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Give a clone in which the main job ran, and its log: one for all processes."""
    from tests.pipe import made_once

    place = tmp_path_factory.getbasetemp()
    return made_once(place.parent if "PYTEST_XDIST_WORKER" in os.environ else place)


@pytest.fixture(scope="session")
def untouched(made: tuple[Path, str]) -> Path:
    """Give a copy of that clone in which nothing runs, to be copied."""
    from tests.pipe import UNTOUCHED

    return made[0].with_name(UNTOUCHED)


@pytest.fixture(scope="session")
def chromium():
    """Give a real Chromium, the system's own."""
    from playwright.sync_api import sync_playwright

    binary = shutil.which("chromium")
    if binary is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    quiet = [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-sync", "--disable-background-networking",
        "--disable-component-update",
    ]  # fmt: skip
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=binary, args=quiet)
