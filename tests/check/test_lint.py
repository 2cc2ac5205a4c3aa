"""What `make check-suites` says of a suite."""

import json

import pytest

from chronicle.check.__main__ import main
from tests.conftest import ROOT


def test_the_committed_suites_are_read_and_each_check_can_fail(capsys):
    assert main([str(ROOT / "expectations")]) == 0
    assert "0 ask nothing" in capsys.readouterr().out


def change(entry: dict, rule=None, meta=None, **changes) -> None:
    entry.update(changes)
    entry["meta"].update(meta or {})
    if rule:
        entry["meta"]["rule"].update(rule)


def measures(**changes) -> dict:
    one = {
        "codes": ["LOINC//2160-0"], "common": [0.5, 0.9, 3], "within": 0.2,
        "leaps": 0.01, "ill": [0.2, 25], "factor": 88.4,
    }  # fmt: skip
    return {"creatinine": one | changes}


@pytest.mark.parametrize(
    ("check", "changes", "told", "exits"),
    [
        ("not_in_the_future", {"kwargs": {"column": "share"}}, "not_in_the_future", 10),
        (
            "not_in_the_future",
            {"kwargs": {"column": "share", "max_value": 1}},
            "any share passes",
            1,
        ),
        ("value_usual", {"rule": {"of": {}}}, "nothing in of", 1),
        (
            "value_usual",
            {"rule": {"of": {"LOINC//4548-5": [1, 2]}}},
            "no such code: LOINC//4548-5",
            1,
        ),
        ("no_default_date", {"rule": {"low": None}}, "neither low nor high", 1),
        ("no_default_date", {"rule": {"column": "tiem"}}, "asks about tiem", 10),
        ("no_default_date", {"rule": {"kind": "rnge"}}, "rnge", 10),
        (
            "no_default_date",
            {"kwargs": {"column": "share", "min_value": 0.2, "max_value": 0.1}},
            "nothing passes",
            1,
        ),
        (
            "not_in_the_future",
            {"kwargs": {"column": "share", "max_value": -0.1}},
            "nothing passes",
            1,
        ),
        ("no_default_date", {"rule": {"column": "tiem"}}, "(time?)", 10),
        ("no_default_date", {"rule": {"column": "site"}}, "cannot be asked", 10),
        (
            "value_usual",
            {"rule": {"of": {"LOINC//4548-4": [2, 1]}}},
            "low is above high",
            1,
        ),
        (
            "code_survived_a_spreadsheet",
            {"rule": {"pattern": "[A-"}},
            "cannot be asked",
            10,
        ),
        (
            "not_mistyped",
            {"rule": {"unit": 0, "point": 0, "digits": 0}},
            "there is no slip",
            1,
        ),
        ("not_mistyped", {"rule": {"kind": "factor"}}, "add-a-check.md", 10),
        ("not_mistyped", {"rule": {"measures": measures(codes=[])}}, "codes", 10),
        ("not_mistyped", {"rule": {"measures": measures(factr=2)}}, "factr", 10),
        ("not_mistyped", {"rule": {"measures": measures(ill=[0, 9])}}, "ill is", 10),
        (
            "not_mistyped",
            {"rule": {"measures": measures(codes=["LOINC//1-8", "LOINC//1-8"])}},
            "twice: LOINC//1-8",
            10,
        ),
        ("said_once", {"meta": {"action": "delete"}}, "said_once.meta.action", 10),
        ("said_once", {"meta": {"rows": {"types": ["Obs"]}}}, "no such type: Obs", 1),
        ("code_known", {"kwargs": {"column": "code", "regex": "[A-"}}, "regular", 10),
    ],
)
def test_a_check_that_cannot_fail_or_be_asked_is_named(
    project, capsys, check, changes, told, exits
):
    path = project / "expectations" / "events.json"
    suite = json.loads(path.read_text())
    (entry,) = (each for each in suite["expectations"] if each["meta"]["id"] == check)
    change(entry, **changes)
    path.write_text(json.dumps(suite))
    assert main(["expectations"]) == exits
    said = capsys.readouterr().err
    assert told in said
    assert check in said
