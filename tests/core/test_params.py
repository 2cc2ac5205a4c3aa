from pathlib import Path

import pytest
import yaml

from chronicle.core import params
from chronicle.core.disease import Disease
from chronicle.core.errors import ParamsError
from tests.conftest import INGEST

HTN = Path("diseases/htn.yaml")


SBP = {"measure": "sbp", "at_least": 140}


def onset(*any_of: dict, **more) -> dict:
    return {"onset": {"any_of": list(any_of), **more}}


def edit(path: Path, **changes) -> None:
    found = yaml.safe_load(path.read_text())
    for name, value in changes.items():
        found.pop(name) if value is None else found.update({name: value})
    path.write_text(yaml.safe_dump(found))


@pytest.mark.parametrize("path", sorted(Path("diseases").glob("*.yaml")), ids=str)
def test_every_disease_file_says_what_it_must(path, project):
    disease = params.load(path, Disease)
    assert bool(disease.own) is not disease.onset.recurrent


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"horizon_days": None}, "horizon_days: Field required"),
        ({"horizn_days": 5}, "horizn_days: Extra inputs are not permitted"),
        ({"horizon_days": "soon"}, "horizon_days: Input should be a valid integer"),
        (
            {"lists": {"stated": {"include": ["38341003"]}}},
            "lists.stated.include.0: String should match",
        ),
        (onset({"codes": ["state"]}), "'state' is none of its lists"),
        (onset({"codes": ["stated"], "values": [SBP]}), "give one of codes, values"),
        (
            onset({"codes": ["stated"], "within_days": 9}),
            "within_days: only with",
        ),
        (
            onset({"codes": ["stated"], "count": 2, "apart_days": 9, "within_days": 8}),
            "within_days: shorter than apart_days",
        ),
        (onset({"codes": ["stated"], "count": 3}), "count: Input should be 1 or 2"),
        (
            onset({"codes": ["stated"], "count": 2, "none_normal_between": True}),
            "only with values",
        ),
        (
            onset({"values": [{"measure": "sbp"}]}),
            "give one of at_least",
        ),
        (
            onset({"all_of": [{"codes": ["stated"]}], "count": 2}),
            "all_of: its elements say the rest",
        ),
        (onset({"codes": ["stated"]}, recurrent=True), "recurrent: criteria of one"),
        ({"leaks": []}, "list 'in_notes': nobody reads it"),
        ({"gap_days": 1825}, "gap_days: the horizon ends before it"),
    ],
    ids=[
        "missing",
        "typo",
        "no number",
        "code without system",
        "no such list",
        "two kinds",
        "limit of one",
        "limits cross",
        "three",
        "normal codes",
        "no limit",
        "beside all_of",
        "recurrent and prevalent",
        "idle list",
        "no time",
    ],
)
def test_a_typo_in_a_disease_file_names_the_key_and_the_file(project, changes, told):
    edit(HTN, **changes)
    with pytest.raises(ParamsError, match=told) as caught:
        params.load(HTN, Disease)
    assert "where: diseases/htn.yaml" in str(caught.value)


def test_a_missing_file_is_named(project):
    with pytest.raises(ParamsError, match=r"not there[\s\S]*diseases/gout.yaml"):
        params.load(Path("diseases/gout.yaml"), Disease)


@pytest.mark.parametrize("text", ["a: [1", "a: b: c", "\t- x"])
def test_what_is_no_yaml_says_the_line(project, text):
    HTN.write_text(text)
    with pytest.raises(ParamsError, match="no YAML") as caught:
        params.load(HTN, Disease)
    assert "line" in str(caught.value)


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ("ingest", INGEST[1:]),
        ("select", ["t", "i", "diseases/htn.yaml", "c"]),
    ],
)
def test_a_missing_section_is_an_error_of_the_params(run, stage, words):
    edit(Path("params.yaml"), **{stage: None})
    told = run(stage, *words, exits=10)
    assert f"where: params.yaml: {stage}" in told
