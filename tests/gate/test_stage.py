import json
from pathlib import Path

import pytest


def write(**verdicts: dict) -> None:
    Path("checks").mkdir()
    for name, verdict in verdicts.items():
        Path(f"checks/{name}.json").write_text(json.dumps(verdict))


def verdict(table: str, *, severity: str, passed: bool, errored=False) -> dict:
    asked = {
        "severity": severity,
        "passed": passed,
        "errored": errored,
        "unexpected": 3,
        "checked": 9,
    }
    warnings = int(not passed and severity != "critical")
    return {
        "table": table,
        "rows": 9,
        "warnings": warnings,
        "expectations": {"something": asked},
    }


@pytest.mark.parametrize(
    ("severity", "passed", "exits"),
    [("critical", True, 0), ("critical", False, 13), ("warning", False, 0)],
)
def test_only_a_critical_failure_closes_the_gate(run, severity, passed, exits):
    write(
        patients=verdict("patients", severity=severity, passed=passed),
        events=verdict("events", severity="critical", passed=True),
    )
    told = run("gate", "checks", "gate.json", exits=exits)
    assert Path("gate.json").exists() is (exits == 0)
    if exits:
        assert "patients.something (3 of 9)" in told


def test_an_expectation_that_could_not_be_asked_closes_the_gate(run):
    write(events=verdict("events", severity="info", passed=False, errored=True))
    assert "events.something" in run("gate", "checks", "gate.json", exits=13)


def test_a_gate_that_closes_leaves_no_word_of_an_earlier_run(run):
    write(events=verdict("events", severity="critical", passed=False))
    Path("gate.json").write_text('{"passed": true}')
    run("gate", "checks", "gate.json", exits=13)
    assert not Path("gate.json").exists()
