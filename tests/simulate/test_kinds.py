"""What each fault looks like, and what a careful reader is to do about it."""

from dataclasses import replace

import pytest

from chronicle.simulate.record import Answered, Measured
from chronicle.simulate.sites.kinds import KINDS
from tests.conftest import digests
from tests.simulate.lives import SITES, life, lives, of_type, read, write

FIRST = life("plain").visits[0].start
FAULTS = [kind.fault for kind in KINDS]


def at(resource):
    return resource["effectiveDateTime"]


def value(resource):
    return resource["valueQuantity"]["value"]


def ends_early(encounter):
    return encounter["period"]["end"] < encounter["period"]["start"]


LIKE = {
    "default_date": lambda told: at(told)[:10] == "1900-01-01",
    "future_date": lambda told: at(told) > "2100",
    "date_before_birth": lambda told: at(told) < "1951-03",
    "event_after_death": lambda told: at(told) > "2021-03",
    "bad_date_format": lambda told: at(told)[2] == "/",
    "sentinel": lambda told: value(told) == 9999,
    "impossible_value": lambda told: value(told) in (0, 999, -1),
    "missing_unit": lambda told: "unit" not in str(told.get("valueQuantity")),
    "text_value": lambda told: "valueString" in told,
    "text_bp": lambda told: "/" in told["valueString"],
    "smoking_flip": lambda told: "266919005" in str(told["valueCodeableConcept"]),
    "late_arrival": lambda told: told["issued"] > at(told),
    "end_before_start": ends_early,
    "sci_notation": lambda told: "E+" in str(told["code"]),
    "migration_spike": lambda told: told["recordedDate"][:10] == "2014-03-01",
    "sex_swap": lambda told: told["gender"] == "female",
    "birth_after_event": lambda told: told["birthDate"] == "2020-11-16",
}
KIND = {
    "end_before_start": "Encounter",
    "sci_notation": "Condition",
    "migration_spike": "Condition",
    "sex_swap": "Patient",
    "birth_after_event": "Patient",
}


@pytest.mark.parametrize("fault", LIKE)
def test_a_fault_looks_like_its_name(tmp_path, fault):
    truth = write(tmp_path, [life("panels")], **{fault: 1.0})
    hit = {each["resource_id"] for each in truth.faults if each["fault"] == fault}
    kind = KIND.get(fault, "Observation")
    told = [each for each in of_type(read(tmp_path), kind) if each["id"] in hit]
    assert told
    assert all(LIKE[fault](each) for each in told)


@pytest.mark.parametrize(
    ("site", "was", "becomes"),
    [("panels", 6.1, 43), ("metric", 43, 6.1)],
)
def test_a_swapped_unit_is_the_other_number_under_the_same_label(
    tmp_path, site, was, becomes
):
    truth = write(tmp_path, [life(site)], swapped_units=1.0)
    told = {(each["original"], each["written"]): each for each in truth.faults}
    assert told[str(was), str(becomes)]["element"] == "valueQuantity.value"


def test_a_number_that_no_living_person_has_is_nulled_and_others_are_flagged(tmp_path):
    truth = write(tmp_path, [life("panels")], swapped_units=1.0)
    fate = {each["original"]: each["expected"] for each in truth.faults}
    assert fate["6.1"] == "null_value"
    assert fate["185.8"] == "flag"


def test_a_mistyped_code_breaks_its_check_digit(tmp_path):
    truth = write(tmp_path, [life("metric")], code_typo=1.0)
    for each in truth.faults:
        if each["fault"] == "code_typo":
            pairs = zip(each["original"], each["written"], strict=True)
            assert sum(one != other for one, other in pairs) == 1


def test_a_rule_out_that_looks_like_a_diagnosis_is_labelled(tmp_path):
    counts = {}
    for site in SITES:
        truth = write(tmp_path, [life(site)])
        counts[site] = [each["fault"] for each in truth.faults]
    told = ["ruleout_code"]
    assert counts == {
        "panels": [],
        "split": told,
        "metric": told,
        "plain": [],
        "legacy": told,
    }


def test_every_label_has_the_same_columns_and_a_known_fate(tmp_path):
    truth = write(tmp_path, lives(40), **dict.fromkeys(FAULTS, 0.1))
    fates = {"refuse", "duplicate", "null_value", "convert", "flag", "none"}
    for each in truth.faults:
        assert list(each) == [
            *("file", "resource_type", "resource_id", "fault"),
            *("element", "original", "written", "expected"),
        ]
        assert all(isinstance(value, str) for value in each.values())
        assert each["expected"] in fates


def odd(site, values, smoking=(), visits=5):
    """Return a life of which only what is named was written down."""
    record = life(site)
    measured = [Measured(0, name, value, FIRST, FIRST) for name, value in values]
    answered = tuple(Answered(place, told) for place, told in enumerate(smoking))
    return replace(
        record,
        visits=record.visits[:visits],
        measured=tuple(measured),
        answered=answered,
        diagnosed=(),
        ordered=(),
        person=replace(record.person, family=("obesity",)),
    )


@pytest.mark.parametrize(
    ("fault", "record"),
    [
        pytest.param(
            "swapped_components",
            odd("panels", [("sbp", 90), ("dbp", 90)]),
            id="both pressures are the same",
        ),
        pytest.param(
            "conflicting_duplicate",
            odd("panels", [("uacr", 0.1)]),
            id="15 % more rounds to the same",
        ),
        pytest.param(
            "typo_decimal",
            odd("panels", [("uacr", 0.0)]),
            id="ten times nothing is nothing",
        ),
        pytest.param(
            "swapped_units",
            odd("panels", [("uacr", 0.0)]),
            id="nothing is nothing in every unit",
        ),
        pytest.param(
            "birth_after_event",
            odd("panels", [], visits=1),
            id="born in the year of the only visit",
        ),
        pytest.param(
            "smoking_flip",
            odd("panels", [], smoking=("never", "never", "current", "never")),
            id="never after current is there already",
        ),
        pytest.param(
            "near_duplicate",
            odd("panels", [("egfr", 97.0)]),
            id="a number above the cap has no copy in another unit",
        ),
    ],
)
def test_a_fault_that_finds_nothing_to_do_does_nothing(tmp_path, fault, record):
    write(tmp_path / "clean", [record])
    truth = write(tmp_path / "faulty", [record], **{fault: 1.0})
    assert digests(tmp_path / "clean") == digests(tmp_path / "faulty")
    assert not truth.faults


def test_a_relative_without_a_family_code_is_not_coded(tmp_path):
    write(tmp_path, [odd("split", [])])
    assert not of_type(read(tmp_path), "Condition")
