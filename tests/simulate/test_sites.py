"""What each site makes of the same life."""

import pytest

from tests.simulate.lives import SITES, life, of_type, read, write


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("landing")
    for site in SITES:
        write(folder, [life(site)])
    return {site: read(folder, site) for site in SITES}


def quantity(found):
    return f"{found.get('comparator', '')}{found['value']} {found['unit']}"


def codings(found):
    systems = {"sct": "SNOMED", "icd-10-cm": "ICD10CM", "icd-9-cm": "ICD9CM"}
    systems |= {"loinc.org": "LOINC", "rxnorm": "RXNORM", "codes": "LOCAL"}
    return " ".join(
        f"{systems[each['system'].split('/')[-1]]}//{each['code']}"
        for each in found.get("coding", [])
    )


def values_of(resources, day, *codes):
    return sorted(
        quantity(each["valueQuantity"])
        for each in of_type(resources, "Observation")
        if each["effectiveDateTime"].startswith(day)
        and "valueQuantity" in each
        and each["status"] == "final"
        and any(code in codings(each["code"]) for code in codes)
    )


@pytest.mark.parametrize(
    ("day", "codes", "site", "expected"),
    [
        ("2012-03-05", ("29463-7",), "panels", "185.8 [lb_av]"),
        ("2012-03-05", ("29463-7",), "split", "185.8 [lb_av]"),
        ("2012-03-05", ("29463-7",), "metric", "84.3 kg"),
        ("2012-03-05", ("29463-7",), "plain", "84.3 kg"),
        ("2012-03-05", ("29463-7",), "legacy", "185.8 lbs"),
        ("2012-03-05", ("8302-2",), "panels", "67.4 [in_i]"),
        ("2013-09-02", ("4548-4", "A1C"), "panels", "6.1 %"),
        ("2013-09-02", ("4548-4", "A1C"), "metric", "43 mmol/mol"),
        ("2013-09-02", ("2339-0",), "metric", "5.8 mmol/L"),
        ("2013-09-02", ("2339-0",), "legacy", "104 mg/dl"),
        ("2013-09-02", ("14959-1",), "metric", "1.39 mg/mmol"),
        ("2013-09-02", ("33914-3",), "panels", ">90 mL/min/{1.73_m2}"),
        ("2013-09-02", ("98979-8",), "plain", "97 mL/min/{1.73_m2}"),
        ("2016-05-09", ("38483-4",), "metric", "81 umol/L"),
        ("2016-05-09", ("2160-0",), "plain", "0.92 mg/dL"),
    ],
)
def test_a_site_reports_in_its_own_unit(written, day, codes, site, expected):
    assert values_of(written[site], day, *codes) == [expected]


def test_where_egfr_is_not_reported_nobody_reports_it(written):
    told = {codings(each["code"]) for each in of_type(written["metric"], "Observation")}
    assert not told & {"LOINC//33914-3", "LOINC//98979-8"}


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        (
            "panels",
            [
                "ICD10CM//E11.9 SNOMED//44054006",
                "ICD10CM//E11.9 SNOMED//44054006",
                "ICD10CM//I10 SNOMED//38341003",
                "ICD10CM//I10 SNOMED//59621000",
                "ICD10CM//I10 SNOMED//59621000",
                "ICD10CM//I21.4 SNOMED//401314000",
                "ICD10CM//I21.4 SNOMED//401314000",
                "ICD10CM//J45.909 SNOMED//195967001",
            ],
        ),
        (
            "split",
            [
                *("ICD10CM//E11.9", "ICD10CM//I10", "ICD10CM//I10", "ICD10CM//I21.4"),
                *("ICD10CM//J45.909", "ICD10CM//Z82.49", "ICD10CM//Z83.3"),
            ],
        ),
        (
            "metric",
            [
                *("SNOMED//195967001", "SNOMED//38341003", "SNOMED//401314000"),
                *("SNOMED//44054006", "SNOMED//59621000"),
            ],
        ),
        (
            "plain",
            [
                *("SNOMED//195967001", "SNOMED//401314000", "SNOMED//44054006"),
                *("SNOMED//59621000", "SNOMED//59621000"),
            ],
        ),
        (
            "legacy",
            [
                *("ICD10CM//E11.9", "ICD10CM//I10", "ICD10CM//I21.4"),
                *("ICD9CM//401.9", "ICD9CM//493.90"),
            ],
        ),
    ],
)
def test_a_site_codes_as_it_codes(written, site, expected):
    told = of_type(written[site], "Condition")
    assert sorted(codings(each["code"]) for each in told) == expected


def test_a_rule_out_is_doubted_only_where_a_site_can_say_so(written):
    told = {
        site: each.get("verificationStatus", {"coding": [{"code": None}]})
        for site in SITES
        for each in of_type(written[site], "Condition")
        if "493.90" in str(each) or "J45.909" in str(each) or "195967001" in str(each)
    }
    codes = {site: status["coding"][0]["code"] for site, status in told.items()}
    assert codes == {
        "panels": "provisional",
        "split": None,
        "metric": None,
        "plain": "differential",
        "legacy": None,
    }


def test_a_problem_is_back_dated_and_recorded_when_the_visit_is_over(written):
    [problem] = [
        each
        for each in of_type(written["panels"], "Condition")
        if "problem-list-item" in str(each["category"]) and "E11.9" in str(each)
    ]
    assert problem["onsetDateTime"] == "2018-11-03T09:20:00-06:00"
    assert problem["recordedDate"] == "2019-02-11T09:50:00-06:00"


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        ("panels", "2013-09-02T09:35:00-06:00 2013-09-03T09:35:00-06:00"),
        ("split", "2013-09-02T00:00:00Z 2013-09-03T00:00:00Z"),
        ("metric", "2013-09-02T09:35:00+01:00 2013-09-03T09:35:00+01:00"),
        ("plain", "2013-09-02T09:35:00+00:00 2013-09-03T09:35:00+00:00"),
        ("legacy", "2013-09-02T09:35:00-05:00 -"),
    ],
)
def test_a_result_says_when_it_was_drawn_and_when_known(written, site, expected):
    [told] = [
        each
        for each in of_type(written[site], "Observation")
        if each["effectiveDateTime"].startswith("2013-09-02")
        and each["code"].get("text", each["code"]["coding"][0].get("display", ""))[:7]
        == "Glucose"
        and each["status"] == "final"
    ]
    assert f"{told['effectiveDateTime']} {told.get('issued', '-')}" == expected


@pytest.mark.parametrize(
    ("site", "parts"),
    [("panels", 2), ("split", 0), ("plain", 2), ("legacy", 2)],
)
def test_pressure_is_a_panel_or_two_observations(written, site, parts):
    told = [
        each
        for each in of_type(written[site], "Observation")
        if each["effectiveDateTime"].startswith("2012-03-05")
        and ("component" in each or "8480-6" in str(each) or "8462-4" in str(each))
    ]
    assert [len(each.get("component", ())) for each in told] == (
        [2] if parts else [0, 0]
    )


def test_a_metric_site_knows_the_year_of_birth_and_names_beyond_ascii(written):
    [patient] = of_type(written["metric"], "Patient")
    assert patient["birthDate"] == "1951"
    assert not str(patient["address"]).isascii()


def test_only_a_stay_for_a_heart_attack_brings_the_procedure(written):
    for site in SITES:
        [done] = of_type(written[site], "Procedure")
        assert codings(done["code"]) == "SNOMED//415070008"
        assert done["performedDateTime"].startswith("2016-05-09")


def test_some_drugs_are_words_and_the_others_rxnorm(tmp_path):
    write(tmp_path, [life("legacy", number) for number in range(20)])
    told = of_type(read(tmp_path), "MedicationRequest")
    drugs = [each["medicationCodeableConcept"] for each in told]
    bare = [each["text"] for each in drugs if "coding" not in each]
    assert 0.2 < len(bare) / len(drugs) < 0.6
    assert set(bare) <= {
        "LISINOPRIL 10 TAB",
        "METFORMIN XR 500 TAB",
        "ATORVASTATIN 20 TAB",
    }


def test_a_share_of_the_dead_is_not_known_to_be_dead(tmp_path):
    known = {}
    for site in SITES:
        write(tmp_path, [life(site, number) for number in range(60)])
        told = read(tmp_path, site)
        patients = of_type(told, "Patient")
        known[site] = (
            sum("deceasedDateTime" in each for each in patients) / 60,
            sum("69453-9" in str(each["code"]) for each in of_type(told, "Observation"))
            / 60,
        )
    assert known["plain"] == known["panels"] == known["metric"] == (1, 0)
    assert 0.6 < known["legacy"][0] < 0.9
    assert known["legacy"][1] == 0
    assert 0.4 < known["split"][0] < 0.75
    assert 0.1 < known["split"][1] < 0.4
