"""A real FHIR server of the tests, asked again and again."""

import json
import os
from pathlib import Path

import pytest
import yaml

from flows import collect, exports
from flows.errors import CollectError
from tests.fetch.conftest import server, serving  # noqa: F401, they are fixtures
from tests.fetch.server import ndjson
from tests.flows.conftest import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture
def clinic(toy, server, monkeypatch):  # noqa: F811, the fixture
    ours = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(ours))
    real = yaml.safe_load((ROOT / "params.yaml").read_text())
    with Path("params.yaml").open("a") as params:
        params.write(yaml.safe_dump({"fetch": real["fetch"] | {"since": None}}))
    return server


def since(clinic) -> list[list[str] | None]:
    """Return since when each export was asked for."""
    return [seen.query.get("_since") for seen in clinic.asked("GET", "/r4/$export")]


def test_each_export_asks_for_what_changed_since_and_the_same_server(
    clinic, monkeypatch
):
    assert collect.usual() == exports.EXPORTS
    kept = exports.EXPORTS / "000001"
    at = json.loads((kept / "manifest.json").read_text())["transactionTime"]
    clinic.lists = {"output": []}
    exports.bring()
    assert [path.name for path in whole()] == ["000001"]
    clinic.hold("Observation", ndjson("Observation", 2))
    exports.bring()
    assert [path.name for path in whole()] == ["000001", "000002"]
    assert since(clinic) == [None, [at], [at]]
    monkeypatch.setenv(exports.SERVER, "https://me:secret@other.example/r4/")
    with pytest.raises(CollectError, match="of another server") as caught:
        exports.bring()
    assert "secret" not in str(caught.value)
    assert exports.address() == "https://other.example/r4"
    assert len(whole()) == 2


def test_a_server_that_says_no_is_an_error_with_its_code_and_no_export(clinic):
    clinic.lists = None
    Path("params.yaml").write_text("fetch: {}\n")
    with pytest.raises(CollectError) as caught:
        exports.bring()
    assert caught.value.exit_code == 10
    assert not exports.EXPORTS.exists()


def test_who_asks_for_more_gets_all_and_still_hears_what_was_deleted(clinic):
    exports.bring()
    params = yaml.safe_load(Path("params.yaml").read_text())
    params["fetch"]["types"] = ["Patient"]
    Path("params.yaml").write_text(yaml.safe_dump(params))
    exports.bring()
    kept = {path.name: (path / "manifest.json").exists() for path in whole()}
    assert kept == {"000001": True, "000002": False, "000003": True}
    first, changed, everything = since(clinic)
    assert first is everything is None
    assert changed
    exports.bring()
    assert len(since(clinic)) == 4


def whole() -> list[Path]:
    return sorted(path for path in exports.EXPORTS.iterdir() if path.is_dir())
