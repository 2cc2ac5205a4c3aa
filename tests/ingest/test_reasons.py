"""Why something was refused, or warned of: in words, and as FHIR calls it."""

from pathlib import Path

from chronicle.ingest import reasons
from chronicle.ingest.ledger import FATES
from chronicle.ingest.rules import declared
from tests.bundles import bundle, observation, record, write
from tests.bundles import patient as person

# Source: HL7 FHIR R4 (4.0.1), value set issue-type.
WORDS = """
    invalid structure required value invariant security login unknown expired forbidden
    suppressed processing not-supported duplicate multiple-matches not-found deleted
    too-long code-invalid extension too-costly business-rule conflict transient
    lock-error no-store exception timeout incomplete throttled informational
"""
ISSUE_TYPES = {*WORDS.split()}


def test_each_rule_and_each_reason_has_words_and_an_issue_type():
    assert set(reasons.RULES) == set(declared.RULES)
    assert {*reasons.REASONS, *reasons.RULES} == set(reasons.ISSUES)
    assert set(reasons.ISSUES.values()) <= ISSUE_TYPES


def test_the_ledger_tells_warnings_and_issue_types(ingest):
    odd = [
        observation(number=2, status="done"),
        observation(number=3, category=[]),
        observation(number=4, category=[], performer=[{"reference": "nobody"}]),
        person("bob", gender="banana"),
    ]
    write(Path("landing"), ann=bundle(*record(), *odd))
    ledger = ingest()
    assert ledger["by_reason"] == {"not-in-value-set": 1}
    assert ledger["by_issue"] == {"code-invalid": 1}
    assert ledger["warnings"] == {
        "array-empty": 2,
        "not-in-value-set": 1,
        "reference-form": 1,
    }
    assert ledger["values"]["gender-not-of-fhir"] == 1
    assert set(ledger["by_type"]["Patient"]) == {"read", *FATES}
