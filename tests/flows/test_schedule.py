"""What prefect.yaml and alerts.yaml declare."""

import inspect
import subprocess
import sys

import pytest
import yaml

from flows import attention
from flows.pipeline import retrain
from tests.flows.conftest import ROOT

DEPLOYED = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
STAGES = set(yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"])


@pytest.mark.parametrize("deployed", DEPLOYED, ids=lambda deployed: deployed["name"])
def test_the_schedule_asks_for_what_there_is_one_run_at_a_time(deployed):
    asked = deployed["parameters"]
    assert set(asked) <= set(inspect.signature(retrain).parameters)
    assert set(asked.get("only", ())) <= STAGES
    assert deployed["concurrency_limit"]["limit"] == 1
    assert deployed["schedules"]


def test_the_worker_finds_the_flow_where_the_schedule_says():
    # It puts the folder of the file before all others: a file of ours that is called as
    # a package would then be taken for it.
    load = "import sys; from prefect.flows import load_flow_from_entrypoint as load; "
    load += "print(load(sys.argv[1]).name)"
    [place] = {each["entrypoint"] for each in DEPLOYED}
    words = [sys.executable, "-c", load, place]
    assert subprocess.check_output(words, cwd=ROOT, text=True) == "retrain\n"


def test_an_alert_goes_out_for_every_end_that_is_no_good():
    told = yaml.safe_load((ROOT / "flows/alerts.yaml").read_text())
    ends = {event.rpartition(".")[2] for event in told["events"]}
    assert {"GateFailed", "StageFailed", "CollectFailed", "PipelineBroken"} <= ends
    assert {"Late", "Cancelled", attention.EVENT.rpartition(".")[2]} <= ends
    assert not ends & {"NoChange", "KeptChampion", "Promoted", "Updated"}
