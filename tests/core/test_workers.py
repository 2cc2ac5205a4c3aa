"""Where work runs does not matter, down to the byte."""

import os
import shutil
import time
from pathlib import Path

import pytest

from chronicle.core.errors import UsageError, WorkersLost
from chronicle.core.workers import VARIABLE, hired, map_shards
from tests.conftest import digests
from tests.ingest.test_stage import LANDING, many


def double(shard: int, *, plus: int) -> int:
    return shard * 2 + plus


def process(shard: int) -> int:
    time.sleep(0.1)  # so that no worker is fast enough to take all of them
    return os.getpid()


def _names_of_tasks(dask_scheduler) -> set[str]:
    """Return what the functions were called that the cluster was given."""
    return set(dask_scheduler.task_prefixes)


def die(shard: int) -> int:
    os._exit(9)


@pytest.mark.parametrize("where", ["", "1"])
def test_results_come_in_the_order_of_the_shards(monkeypatch, where):
    monkeypatch.setenv(VARIABLE, where)
    assert map_shards(double, [3, 1, 2], plus=1) == [7, 3, 5]


def test_who_is_hired_works_for_all_passes_of_the_block_and_then_goes(monkeypatch):
    monkeypatch.setenv(VARIABLE, "2")
    with hired():
        first = set(map_shards(process, range(6)))
        assert map_shards(double, [3, 1, 2], plus=1) == [7, 3, 5]
        again = set(map_shards(process, range(6)))
        assert first == again
        assert len(first) == 2
        assert os.getpid() not in first
    assert not any(Path(f"/proc/{each}").exists() for each in first)


def test_a_worker_that_dies_is_told_from_bad_data(monkeypatch):
    monkeypatch.setenv(VARIABLE, "2")
    with pytest.raises(WorkersLost, match="a worker process died"):
        map_shards(die, [1, 2])


def test_a_cluster_that_is_not_there_is_worth_another_try(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setenv(VARIABLE, "tcp://127.0.0.1:9")
    with pytest.raises(WorkersLost, match="does not answer"):
        map_shards(double, [1, 2], plus=0)


def test_what_is_no_address_is_a_usage_error(monkeypatch):
    monkeypatch.setenv(VARIABLE, "many")
    with pytest.raises(UsageError, match="neither a number nor the address"):
        map_shards(double, [1, 2], plus=0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_writes_the_same_bytes(ingest, project, monkeypatch):
    distributed = pytest.importorskip("distributed")
    many(LANDING)
    # So small that each pass has several bites: one alone would stay in this process.
    monkeypatch.setattr("chronicle.ingest.passes.BATCH_BYTES", 600)
    monkeypatch.setattr("chronicle.ingest.passes.PARTS_BYTES", 2_000)
    ingest()
    alone = digests(project / "data")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        monkeypatch.setenv(VARIABLE, cluster.scheduler_address)
        shutil.rmtree("parts")
        ingest()
        with distributed.Client(cluster) as client:
            told = client.run_on_scheduler(_names_of_tasks)
    assert {"parse", "spread", "settle", "unite"} <= told
    assert digests(project / "data") == alone
