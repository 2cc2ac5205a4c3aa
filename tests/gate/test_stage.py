import json
from pathlib import Path

import pytest


def write(**verdicts: dict) -> None:
    Path("checks").mkdir()
    for name, verdict in verdicts.items():
        Path(f"checks/{name}.json").write_text(json.dumps(verdict))


def verdict(table: str, *, severity: str, passed: bool) -> dict:
    asked = {"severity": severity, "passed": passed, "unexpected": 3, "checked": 9}
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
