"""The same landing in two clones, with and without Prefect: the same bytes."""

import shutil

import pytest

from tests.pipe import clone, outputs, sh

pytestmark = pytest.mark.slow


def test_another_clone_without_prefect_and_with_two_workers_makes_the_same_bytes(
    made, tmp_path
):
    other = clone(tmp_path / "other")
    shutil.copytree(made[0] / "data/landing", other / "data/landing")
    shutil.copytree(made[0] / "data/risks", other / "data/risks")
    sh(other, "dvc", "add", "data/landing", "data/risks")
    sh(other, "dvc", "repro", CHRONICLE_WORKERS="2")
    assert outputs(other) == outputs(made[0])
    assert "Data and pipelines are up to date" in sh(other, "dvc", "repro")
