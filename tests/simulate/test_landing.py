"""Files: whole, valid, and the same whoever else is written beside."""

import gzip
from dataclasses import replace

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given, settings
from hypothesis import strategies as st

from chronicle.core.errors import ParamsError
from chronicle.simulate.record import Record
from chronicle.simulate.sites import landing, writer
from tests.conftest import digests
from tests.simulate.lives import SEED, SITES, life, lives, of_type, read, write


@pytest.mark.parametrize("site", SITES)
def test_every_resource_without_a_fault_is_valid(tmp_path, site):
    truth = write(tmp_path, [life(site, number) for number in range(4)])
    told = read(tmp_path, site)
    assert len(told) == truth.resources.total()
    for resource in told:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def test_the_bundles_are_bundles(tmp_path):
    write(tmp_path, lives(15))
    for path in tmp_path.rglob("*.json*"):
        text = path.read_bytes()
        text = gzip.decompress(text) if path.suffix == ".gz" else text
        get_fhir_model_class("Bundle").model_validate_json(text)


def test_every_site_has_its_own_kind_of_file(tmp_path):
    write(tmp_path, lives(100), part=3)
    kinds = {
        site: {
            path.name.split("-")[0] + path.name[path.name.index(".") :]
            if "ndjson" in path.name
            else path.name[path.name.index(".") :]
            for path in (tmp_path / site).iterdir()
        }
        for site in SITES
    }
    assert kinds["panels"] == {".json", ".json.gz"}
    assert kinds["metric"] == kinds["plain"] == {".json.gz"}
    assert "Observation.ndjson.gz" in kinds["split"]
    assert "Observation.ndjson" in kinds["legacy"]
    assert (tmp_path / "legacy" / "Observation-0003.ndjson").is_file()


def test_nothing_half_written_stays_behind(tmp_path):
    write(tmp_path, lives(10))
    assert not list(tmp_path.rglob("*.partial"))


def test_a_person_can_be_found_again(tmp_path):
    write(tmp_path, lives(10))
    ids = {each["id"] for each in of_type(read(tmp_path), "Patient")}
    assert ids == {writer.patient_id(each.person, SEED) for each in lives(10)}


def test_ids_are_unique(tmp_path):
    write(tmp_path, lives(50))
    keys = [(each["resourceType"], each["id"]) for each in read(tmp_path)]
    assert len(keys) == len(set(keys))


def test_every_reference_of_a_clean_landing_finds_its_resource(tmp_path):
    write(tmp_path, lives(10))
    told = read(tmp_path)
    ids = {each["id"] for each in told}
    for each in told:
        for element in ("subject", "patient", "beneficiary", "encounter"):
            if element in each:
                assert each[element]["reference"].split("/")[-1].split(":")[-1] in ids


SOME = {"missing_value": 0.1, "date_shift": 0.1, "duplicate_patient": 0.2}


@settings(max_examples=15)
@given(
    others=st.sets(st.integers(0, 40), max_size=6),
    turned=st.booleans(),
    part=st.integers(0, 9),
)
def test_a_patient_is_the_same_whoever_else_there_is(
    tmp_path_factory, others, turned, part
):
    alone, among = (tmp_path_factory.mktemp(name) for name in ("alone", "among"))
    for site in SITES:
        write(alone, [life(site, 50)], part=0, **SOME)
        records = [life(site, number) for number in sorted(others | {50})]
        write(among, records[::-1] if turned else records, part=part, **SOME)
        whose = writer.patient_id(life(site, 50).person, SEED)
        mine = [each for each in read(among, site) if about(each, whose)]
        assert mine == [each for each in read(alone, site) if about(each, whose)]
        for name, digest in digests(alone / site).items():
            if "ndjson" not in name:
                assert digests(among / site)[name] == digest


def about(resource, whose):
    return whose in str(resource)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path):
    for name in ("one", "two"):
        write(tmp_path / name, lives(10), **SOME)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    landing.write_part(lives(10), 1, tmp_path / "three", seed=8, faults=SOME)
    assert digests(tmp_path / "one") != digests(tmp_path / "three")


@pytest.mark.parametrize(
    "rates", [{"no_such_fault": 0.1}, {"missing_value": 1.5}, {"sentinel": -0.1}]
)
def test_a_rate_that_makes_no_sense_is_refused(tmp_path, rates):
    with pytest.raises(ParamsError, match=next(iter(rates))):
        write(tmp_path, lives(1), **rates)


@pytest.mark.parametrize("site", SITES)
def test_somebody_who_never_came_is_a_patient_and_nothing_else(tmp_path, site):
    person = replace(life(site).person, died=None)
    truth = write(tmp_path, [Record(person, (), (), (), (), ())])
    [patient] = read(tmp_path, site)
    assert patient["id"] == writer.patient_id(person, SEED)
    assert truth.resources == {"Patient": 1}
