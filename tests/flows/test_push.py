"""Pushing to a real remote of DVC's that takes the call and says nothing."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from flows import collect, push, version
from flows.conclude import NOTHING_NEW, conclude
from flows.errors import UsageError
from flows.report import Report


@pytest.fixture
def silent(toy):
    """Stand in a project whose remote accepts and does not answer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        words = ("dvc", "remote", "add", "-q", "--default", "there", url)
        subprocess.run([sys.executable, "-m", *words], check=True)
        collect.bring("sample", None)
        push.OWED.touch()
        yield


@pytest.mark.usefixtures("silent")
def test_a_remote_that_does_not_answer_costs_no_night_and_is_owed(monkeypatch):
    monkeypatch.setenv(push.LIMIT, "0.05")
    told = push.pushed()
    assert "had not taken it in 0.05 minutes (CHRONICLE_PUSH_MINUTES)" in told
    assert push.is_owed()


def test_what_was_not_kept_is_the_first_that_is_told_of_a_run():
    report = Report(owed=version.UNPUSHED, missed=("models is lost",))
    told = f"{version.UNPUSHED}; models is lost; {NOTHING_NEW}"
    assert conclude(report).message == told


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan", "inf"])
def test_a_limit_that_is_none_is_refused_before_a_version_is_made(
    toy, monkeypatch, text
):
    monkeypatch.setenv(push.LIMIT, text)
    with pytest.raises(UsageError, match="no number of minutes"):
        version.make("run", ())
    assert not Path(".git/refs/tags").joinpath("version-1").exists()
