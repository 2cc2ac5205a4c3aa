"""A marker is planted wherever a text can stand, and found in nothing that leaves."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from msgspec.structs import replace

from chronicle.core.tables import EVENTS
from chronicle.ingest import keys, patient, types
from chronicle.ingest.gate.build import RESOURCES
from tests.conftest import INGEST
from tests.ingest.planted import CODE, TIMES, WORD, choices
from tests.ingest.planting import found, plant, told_by

LANDING = Path("landing")
LEAVES = ("data/tables", "data/comparators", "data/refused")


def everything() -> Iterator[tuple[str, str]]:
    for folder in LEAVES:
        yield from told_by(Path(folder))
    yield "ledger", Path("ledger.json").read_text()
    yield from told_by(keys.private())


@pytest.mark.parametrize("marker", [WORD, CODE])
def test_no_text_of_any_resource_leaves(run, project, marker):
    params = project / "params.yaml"
    params.write_text(params.read_text().replace("shift_weeks: 0", "shift_weeks: 52"))
    plant(LANDING, marker)
    log = run(*INGEST)
    assert found(everything()) == set()
    assert found(iter([("log", log)])) == set()
    assert found(everything(), (TIMES["date"],)) == set()
    # That nothing is found means nothing where nothing entered.
    ledger = json.loads(Path("ledger.json").read_text())
    for kind in types.USED:
        assert ledger["by_type"][kind]["accepted"] >= choices(kind), kind
    assert len(ledger["by_type"]) > len(RESOURCES)
    assert ledger["total"]["refused"] > 10
    events = pl.read_parquet("data/tables/events/*.parquet")
    assert set(events["resource_type"]) == set(types.USED) - {"Medication"}
    mentions = pl.read_parquet("data/tables/mentions/*.parquet")
    assert {each.partition("/")[0] for each in mentions["note"]} == set(types.NOTES)
    assert events["code"].str.starts_with("LOCAL//").sum() > 50
    assert (events["source_unit"] == "(other)").any()


OPEN = {name for name, kind in EVENTS.schema.items() if kind == pl.String}


@pytest.mark.parametrize("column", ["text_value", "source_unit", "code"])
def test_a_leak_into_any_column_would_be_found(run, monkeypatch, column):
    assert column in OPEN
    honest = patient.events

    def leaky(source):
        return [replace(each, **{column: WORD}) for each in honest(source)]

    monkeypatch.setitem(types.USED, "Patient", leaky)
    plant(LANDING, WORD)
    run(*INGEST)
    assert {
        Path(each.partition(":")[0]).parent.name for each in found(everything())
    } == {"events"}


def test_a_marker_in_a_name_of_a_column_of_bytes_or_in_base64_would_be_found(tmp_path):
    texts = {"a": WORD.upper(), "b": base64.b64encode(WORD.encode()).decode()}
    for name, text in texts.items():
        frame = pl.DataFrame({"x": [text.encode()]})
        (tmp_path / name).mkdir()
        frame.write_parquet(tmp_path / name / "x.parquet")
        assert found(told_by(tmp_path / name)), name
