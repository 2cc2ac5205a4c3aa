"""The runs' history in PostgreSQL: by one setting, against a real server."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from flows import server

pytestmark = pytest.mark.slow

PLACES = [str(path) for path in Path("/usr/lib/postgresql").glob("*/bin")]
PATH = os.pathsep.join([*PLACES, os.environ.get("PATH", "")])
IS_ROOT = os.geteuid() == 0
NOBODY = "nobody" if IS_ROOT else None  # PostgreSQL refuses to run as root


@pytest.fixture
def postgres():
    """Start PostgreSQL; return where a database of it is."""
    if not (initdb := shutil.which("initdb", path=PATH)):
        pytest.skip("PostgreSQL is not installed here (initdb)")
    # Not below pytest's own folder, which is closed to others.
    folder = Path(tempfile.mkdtemp())
    if IS_ROOT:
        shutil.chown(folder, NOBODY)
    data, port = folder / "data", server.free_port()

    def call(*command: str) -> None:
        subprocess.run(
            command, check=True, user=NOBODY, cwd=folder, stdout=subprocess.DEVNULL
        )

    control = [str(Path(initdb).with_name("pg_ctl")), "-D", str(data), "-w"]
    call(initdb, "-D", str(data), "-U", "chronicle", "--auth", "trust", "--no-sync")
    options = f"-p {port} -h 127.0.0.1 -k {folder} -F"
    call(*control, "-l", str(folder / "log"), "-o", options, "start")
    yield f"postgresql+asyncpg://chronicle@127.0.0.1:{port}/postgres"
    call(*control, "-m", "immediate", "stop")
    shutil.rmtree(folder)


@pytest.mark.usefixtures("ran")
def test_the_runs_are_kept_in_postgres_where_the_environment_says_so(
    postgres, environment, tmp_path
):
    own = {
        **environment,
        "PREFECT_HOME": str(tmp_path / "home"),
        "PREFECT_API_DATABASE_CONNECTION_URL": postgres,
    }
    run = [sys.executable, "-m", "flows.retrain", "data/landing"]
    done = subprocess.run(run, env=own, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "NoChange: nothing new" in done.stdout
    told = subprocess.check_output(
        [
            shutil.which("psql", path=PATH), "-At", postgres.replace("+asyncpg", ""),
            "-c", "select state_name from flow_run",
        ],
        text=True,
    )  # fmt: skip
    assert told == "NoChange\n"
    assert not list((tmp_path / "home").glob("*.db"))
