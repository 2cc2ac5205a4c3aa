"""Others judged these: all that is invalid is found, and nothing valid is refused."""

import pytest

from tests.ingest import verdicts

# Valid for HL7 and refused here; `benchmarks/verdicts.py` prints the whole table.
FALSE = {
    # A word for any instant ("$instant$") stands where R4B wants an instant.
    "matchetype-pattern-1",
    # Of a logical model, so it has no resourceType and is no resource.
    "json-prop-key",
}


@pytest.fixture(params=["validator-cases", "r4-primitive-values"])
def cases(request, shared):
    read = {
        "validator-cases": verdicts.validator_cases,
        "r4-primitive-values": verdicts.primitive_values,
    }
    return read[request.param](shared / request.param)


def test_every_invalid_case_that_can_be_judged_is_refused_or_warned_of(cases):
    judged = [case for case in cases if not case.beyond and not case.is_valid]
    assert len(judged) >= 15
    passed = [case.name for case in judged if verdicts.ours(case) == "accepted"]
    assert passed == []


def test_no_valid_case_is_refused_or_warned_of_but_those_that_are_explained(cases):
    valid = [case for case in cases if case.is_valid]
    false = {case.name for case in valid if verdicts.ours(case) != "accepted"}
    assert len(valid) > 30
    assert false <= FALSE
    # None of them for a rule of ours.
    assert false == {case.name for case in valid if verdicts.r4b(case) == "refused"}


def test_the_rules_only_add_to_what_r4b_finds(cases):
    told = [(verdicts.r4b(case), verdicts.ours(case)) for case in cases]
    assert ("refused", "accepted") not in told
    assert ("refused", "warned") not in told
