"""Faults: each can occur, does what it is called, and is labelled where it hit."""

import json
from collections import Counter

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from chronicle.simulate.sites import landing
from chronicle.simulate.sites.kinds import BATCH, DOCUMENT, KINDS
from tests.conftest import digests
from tests.simulate.lives import SEED, SITES, life, lives, of_type, read, write

FAULTS = [kind.fault for kind in KINDS]
REFUSED = {"drop_required", "bad_date_format"}
DIRTY = [site for site in SITES if site != "plain"]


def bag(resources):
    return Counter(json.dumps(each, sort_keys=True) for each in resources)


def key(text):
    resource = json.loads(text)
    return resource["resourceType"], resource["id"]


def labelled(truth):
    return Counter(
        (each["resource_type"], each["resource_id"])
        for each in truth.faults
        if each["fault"] != "ruleout_code"
    )


def some(site):
    return [life(site, 100 * SITES.index(site) + number) for number in range(6)]


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clean")
    for site in SITES:
        write(folder, some(site))
    return {site: bag(read(folder, site)) for site in SITES}


# Where a fault has nothing to hit: no SNOMED, no second unit, no panel, no go-live ...
NOWHERE = {
    "sci_notation": {"split", "legacy"},
    "migration_spike": {"split", "metric", "legacy"},
    "swapped_components": {"split"},
    "text_bp": {"split"},
    "late_arrival": {"legacy"},
}


@pytest.mark.parametrize("site", DIRTY)
@pytest.mark.parametrize("fault", [each for each in FAULTS if each not in DOCUMENT])
def test_what_differs_from_the_clean_landing_is_what_is_labelled(
    tmp_path, clean, fault, site
):
    truth = write(tmp_path, some(site), **{fault: 1.0})
    found, was = bag(read(tmp_path, site)), clean[site]
    appeared = Counter(key(text) for text in (found - was).elements())
    vanished = Counter(key(text) for text in (was - found).elements())
    labels = labelled(truth)
    assert {each["fault"] for each in truth.faults} <= {fault, "ruleout_code"}
    if fault == "site_outage":
        assert vanished == labels
        assert not appeared
    else:
        assert appeared == labels
        # A changed resource leaves its place; a copy leaves the first where it was.
        assert vanished in (labels, Counter())
    assert bool(labels) == (site not in NOWHERE.get(fault, ()))


@pytest.mark.parametrize("site", DIRTY)
@pytest.mark.parametrize("fault", [each for each in FAULTS if each not in DOCUMENT])
def test_only_what_is_meant_to_be_invalid_is(tmp_path, fault, site):
    truth = write(tmp_path, [life(site)], **{fault: 1.0})
    hit = {
        each["resource_id"] for each in truth.faults if each["fault"] != "ruleout_code"
    }
    for resource in read(tmp_path, site):
        model = get_fhir_model_class(resource["resourceType"])
        if fault in REFUSED and resource["id"] in hit:
            with pytest.raises(ValidationError):
                model.model_validate(resource)
        else:
            model.model_validate(resource)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_control_site_is_never_touched(tmp_path, fault):
    write(tmp_path / "clean", some("plain"))
    truth = write(tmp_path / "faulty", some("plain"), **{fault: 1.0})
    assert digests(tmp_path / "clean") == digests(tmp_path / "faulty")
    assert not truth.faults


@pytest.mark.parametrize("site", ["panels", "metric"])
@pytest.mark.parametrize("fault", DOCUMENT)
def test_a_bundle_is_torn_or_foreign_as_a_whole(tmp_path, fault, site):
    truth = write(tmp_path, some(site), **{fault: 1.0})
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.json*")}
    assert {each["file"] for each in truth.faults} == files
    for each in truth.faults:
        told = {name: each[name] for name in ("resource_id", "fault", "expected")}
        assert told == {"resource_id": "", "fault": fault, "expected": "refuse"}
    told = read(tmp_path, site)
    assert bool(told) == (fault == "wrong_version")
    for encounter in of_type(told, "Encounter"):
        stu3 = "serviceProvider" not in encounter and isinstance(
            encounter["class"], dict
        )
        assert stu3 or "actualPeriod" in encounter
    for condition in of_type(told, "Condition"):
        assert "assertedDate" in condition or "recordedDate" in condition


def test_both_other_versions_occur(tmp_path):
    truth = write(tmp_path, some("panels"), wrong_version=1.0)
    assert {each["written"] for each in truth.faults} == {"STU3", "R5"}


@pytest.mark.parametrize("site", ["split", "legacy"])
def test_a_torn_line_costs_its_resource_and_no_other(tmp_path, clean, site):
    truth = write(tmp_path, some(site), truncated_json=0.05)
    lost = Counter(key(text) for text in (clean[site] - bag(read(tmp_path, site))))
    assert lost == labelled(truth)
    assert lost


@settings(max_examples=25)
@given(
    fault=st.sampled_from(FAULTS),
    site=st.sampled_from(DIRTY),
    rates=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_what_a_low_rate_hits_a_higher_rate_hits_too(
    tmp_path_factory, fault, site, rates
):
    low, high = (
        {
            (each["file"], each["resource_id"], each["written"])
            for each in write(
                tmp_path_factory.mktemp("landing"), some(site), **{fault: rate}
            ).faults
            if each["fault"] == fault
        }
        for rate in sorted(rates)
    )
    assert low <= high


def test_another_faults_rate_changes_only_what_that_fault_takes(tmp_path):
    records = lives(40)
    few = write(tmp_path / "few", records, late_arrival=0.2, missing_value=0.05)
    more = write(tmp_path / "more", records, late_arrival=0.2, missing_value=0.3)
    ids = {each["resource_id"] for each in more.faults}
    late = [
        {
            each["resource_id"]
            for each in truth.faults
            if each["fault"] == "late_arrival"
        }
        for truth in (few, more)
    ]
    assert late[1] <= late[0]
    assert late[0] <= ids


def test_a_resource_has_one_fault_at_most(tmp_path):
    truth = write(tmp_path, lives(20), **dict.fromkeys(FAULTS[2:], 0.3))
    keys = labelled(truth)
    assert max(keys.values()) == 1


@pytest.mark.parametrize("fault", BATCH)
def test_a_batch_hits_a_month_of_a_measure_as_a_whole(tmp_path, fault):
    records = [life("split", number) for number in range(20)]
    truth = write(tmp_path, records, **{fault: 0.3})
    write(tmp_path / "clean", records)
    hit = {each["resource_id"] for each in truth.faults if each["fault"] == fault}
    assert hit
    months = {}
    for each in of_type(read(tmp_path / "clean"), "Observation"):
        quantity = each.get("valueQuantity")
        if quantity is None and fault != "site_outage":
            continue
        display = each["code"].get("text") or each["code"]["coding"][0]["display"]
        measure = "" if fault == "site_outage" else display
        month = each["effectiveDateTime"][:7], measure
        months.setdefault(month, set()).add(each["id"] in hit)
    assert all(len(told) == 1 for told in months.values())


@pytest.mark.slow
def test_the_default_rates_spoil_about_as_many_as_they_say(tmp_path):
    records = [life("split", number) for number in range(400)]
    truth = landing.write_part(
        records, 1, tmp_path, seed=SEED, faults={"missing_value": 0.03}
    )
    share = sum(each["fault"] == "missing_value" for each in truth.faults)
    numbers = of_type(read(tmp_path), "Observation")
    assert 0.02 < share / len(numbers) < 0.04


def test_a_fault_leaves_no_trace_in_what_is_written_after_it(tmp_path):
    # Concepts are shared by all resources: one that is spoilt must be a copy.
    write(tmp_path / "before", lives(20))
    write(tmp_path / "faulty", lives(20), **dict.fromkeys(FAULTS, 0.3))
    write(tmp_path / "after", lives(20))
    assert digests(tmp_path / "before") == digests(tmp_path / "after")
