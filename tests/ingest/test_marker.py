"""A marker is planted wherever a text can stand, and found in nothing that leaves."""

import base64
import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from chronicle.core.tables import EVENTS
from chronicle.ingest import keys, patient, types
from chronicle.ingest.gate.build import RESOURCES
from tests.bundles import Resource, bundle
from tests.conftest import INGEST, SECRET
from tests.ingest.planted import CODE, TIMES, WORD, accepted, choices, planted
from tests.test_pipe import clone, sh

LANDING = Path("landing")
LEAVES = ("data/tables", "data/comparators", "data/refused")
# In any case, and as base64 has it, whatever stands before it.
MARKS = (WORD.lower(), CODE.lower(), base64.b64encode(WORD.encode())[:12].decode())


def told_by(folder: Path) -> Iterator[tuple[str, str]]:
    """Give all that can be read in the files below a folder, and their names."""
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        yield str(path), path.name
        raw = path.read_bytes()
        yield str(path), raw.decode("latin-1")
        if path.suffix == ".parquet":
            for name, column in pl.read_parquet(path).to_dict().items():
                texts = [
                    each.decode("latin-1") if isinstance(each, bytes) else str(each)
                    for each in column.to_list()
                ]
                yield f"{path}: {name}", "\n".join(texts)


def found(texts: Iterator[tuple[str, str]], marks: tuple[str, ...] = MARKS) -> set[str]:
    """Return where a marker stands."""
    return {
        where
        for where, text in texts
        if any(each in text or each in text.lower() for each in marks)
    }


def everything() -> Iterator[tuple[str, str]]:
    for folder in LEAVES:
        yield from told_by(Path(folder))
    yield "ledger", Path("ledger.json").read_text()
    yield from told_by(keys.private())


def of_all_types(marker: str) -> list[Resource]:
    return [
        planted(kind, marker, pick)
        for kind in sorted(RESOURCES)
        for pick in range(min(choices(kind), 3))
    ]


def of_used_types(marker: str) -> list[Resource]:
    return [
        accepted(kind, marker, pick)
        for kind in types.USED
        for pick in range(choices(kind))
    ]


def plant(folder: Path, marker: str) -> None:
    """Write what may enter and what may not, in every form, under telling names."""
    place = folder / f"{marker} {marker}"
    place.mkdir(parents=True)
    whole = bundle(*of_all_types(marker), *of_used_types(marker))
    for number, each in enumerate(whole["entry"]):
        each["fullUrl"] = f"http://{marker}.org/{marker}/{number}"
    whole["entry"] += [
        {"request": {"method": "DELETE", "url": f"{kind}/{marker}-gone"}}
        for kind in ("Observation", marker)
    ]
    whole |= {"identifier": {"value": marker}, "id": marker}
    (place / f"{marker}.json").write_text(json.dumps(whole))
    lines = [
        *of_used_types(f"{marker}-2"),
        {"resourceType": marker, marker: marker},
        accepted("Patient", marker) | {marker: marker},
        accepted("Observation", marker) | {"status": {marker: marker}},
        {"resourceType": "Bundle", "type": marker, "entry": [{marker: marker}]},
    ]
    text = "\n".join(json.dumps(each) for each in lines)
    (place / f"{marker}.ndjson").write_text(f'{text}\n{{"{marker}": "{marker}')
    packed = gzip.compress(text.encode())[:-20]
    (place / f"{marker}.json.gz").write_bytes(packed)


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
        return [each._replace(**{column: WORD}) for each in honest(source)]

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


RAW = ("data/landing", "data/risks", "sample", "source", "tests", ".dvc", ".git")


@pytest.mark.slow
def test_no_text_leaves_by_any_stage_log_artifact_or_report(tmp_path):
    folder = clone(tmp_path / "clone")
    shutil.copytree(folder / "sample", folder / "source")
    plant(folder / "source", WORD)
    retrain = ("python", "-m", "flows.retrain", "source")
    told = sh(folder, *retrain, CHRONICLE_KEY=SECRET.hex())
    assert (folder / "reports/report.html").exists()
    assert WORD.lower() not in told.lower()
    leaves = [
        (where, text)
        for where, text in told_by(folder)
        if not Path(where).relative_to(folder).as_posix().startswith(RAW)
    ]
    assert any("reports/checks/index.html" in where for where, _ in leaves)
    assert found(iter(leaves)) == set()
