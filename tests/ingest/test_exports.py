"""A folder as a Bulk Export leaves it: deletions, errors, and a manifest to be kept."""

import gzip
import json
from pathlib import Path

import pytest

from tests.bundles import bundle, observation, record

LANDING = Path("landing")
NOTHING = {
    "manifests": 0, "files": 0, "missing": 0, "differing": 0, "promised": 0,
    "found": 0, "errors": 0,
}  # fmt: skip
OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "exception"}],
}


def lay(name: str, *lines: dict) -> dict:
    path = LANDING / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(map(json.dumps, lines)).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return {"type": "Any", "url": name, "count": len(lines)}


def deletion(*names: str) -> dict:
    entry = [{"request": {"method": "DELETE", "url": name}} for name in names]
    return bundle() | {"type": "transaction", "entry": entry}


@pytest.fixture
def export(project) -> dict:
    """Lay out an export as `make fetch` does; return its manifest."""
    whole = [*record(), observation(number=2)]
    kinds = dict.fromkeys(each["resourceType"] for each in whole)
    output = [
        lay(f"{kind}.1.ndjson", *(e for e in whole if e["resourceType"] == kind))
        for kind in kinds
    ]
    return {
        "transactionTime": "2026-11-01T00:00:00Z",
        "request": "https://a.b/$export",
        "requiresAccessToken": True,
        "output": output,
        "deleted": [
            lay("deleted/Bundle.1.ndjson", deletion("Observation/ann-o1", "Patient/x"))
        ],
        "error": [lay("error/OperationOutcome.1.ndjson", OUTCOME, OUTCOME)],
    }


def told(ingest, manifest: dict) -> dict:
    (LANDING / "manifest.json").write_text(json.dumps(manifest))
    return ingest()


def test_deletions_take_effect_and_errors_are_counted_and_no_data(ingest, export):
    ledger = told(ingest, export)
    assert ledger["by_type"]["Observation"] == {
        "read": 3, "accepted": 1, "refused": 0, "duplicate": 0, "superseded": 0,
        "deleted": 2, "not_used": 0,
    }  # fmt: skip
    assert ledger["by_type"]["Patient"]["deleted"] == 1
    assert ledger["by_type"]["OperationOutcome"]["not_used"] == 2
    assert ledger["by_type"]["(manifest)"]["not_used"] == 1
    lines = sum(each["count"] for each in export["output"]) + 3
    files = len(export["output"]) + 2
    assert ledger["exports"] == NOTHING | {
        "manifests": 1, "files": files, "promised": lines, "found": lines, "errors": 2,
    }  # fmt: skip


def test_a_file_with_another_count_and_a_missing_one_are_told(ingest, export):
    export["output"][0]["count"] += 5
    export["output"].append({"type": "Device", "url": "Device.1.ndjson", "count": 3})
    del export["deleted"][0]["count"]
    found = told(ingest, export)["exports"]
    assert (found["differing"], found["missing"]) == (1, 1)
    assert found["promised"] == found["found"] + 5


def test_files_are_found_by_their_servers_names_and_never_outside(ingest, export):
    lay("a 1.ndjson.gz", observation(number=3))
    export["output"] = [
        {"type": "Observation", "url": "https://a.b/x/a%201.ndjson?key=7", "count": 1},
        {"type": "Observation", "url": "../params.yaml", "count": 1},
    ]
    found = told(ingest, export)["exports"]
    assert (found["differing"], found["missing"]) == (0, 1)


def test_a_file_that_is_cut_off_has_no_line(ingest, export):
    listed = lay("Device.1.ndjson.gz", *[{"resourceType": "Device", "id": "d"}] * 9)
    packed = LANDING / "Device.1.ndjson.gz"
    packed.write_bytes(packed.read_bytes()[:-9])
    export["output"] = [listed]
    ledger = told(ingest, export)
    assert ledger["exports"]["differing"] == 1
    assert ledger["by_reason"]["truncated-gzip"] == 1


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"transactionTime": 1, "output": []}']
)
def test_what_is_named_manifest_and_is_none_promises_nothing(ingest, export, text):
    (LANDING / "manifest.json").write_text(text)
    assert ingest()["exports"] == NOTHING
