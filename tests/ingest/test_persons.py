"""Who is one person under several ids, and who is not."""

import json
from datetime import date, datetime
from itertools import permutations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.ingest import accept, identifiers, persons, read
from chronicle.ingest.batch import IDENTIFIERS, LINKS, SCHEMAS
from chronicle.ingest.source import Source
from tests.conftest import KEYS
from tests.ingest.people import drawn, told_of, united

ANN = "ann 1950-03-01 female Ann_Smith MR:A-1234"


def one(*words):
    return {frozenset(words)}


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        # What stands beside a number of a person.
        pytest.param("1950-03-01 female Ann_Smith MR:A-1234", "same", id="all equal"),
        pytest.param(
            "1950-03-01 female ANN_Smïth MR:a1234", "same", id="written apart"
        ),
        pytest.param("1950-03-01 female Ann_Jones MR:A-1234", "same", id="a wedding"),
        pytest.param(
            "1950-03-01 male Ann_Smith MR:A-1234", "same", id="a wrong gender"
        ),
        pytest.param("1950-03-01 male Ann_Jones MR:A-1234", "conflict", id="both"),
        pytest.param("1950-03-01 - - MR:A-1234", "same", id="no name and gender"),
        pytest.param("1950-03-01 female Eva_Smith MR:A-1234", "conflict", id="a twin"),
        pytest.param("1950-03-07 female Ann_Smith MR:A-1234", "same", id="another day"),
        pytest.param("1950-08-01 female Ann_Smith MR:A-1234", "same", id="month"),
        pytest.param("1905-03-01 female Ann_Smith MR:A-1234", "same", id="year"),
        pytest.param(
            "1950-08-07 female Ann_Smith MR:A-1234", "conflict", id="day and month"
        ),
        pytest.param(
            "1950-03-07 female Ann_Jones MR:A-1234", "conflict", id="day and name"
        ),
        pytest.param("1950-03-07 - Ann_Smith MR:A-1234", "unsure", id="day, no gender"),
        pytest.param("1950 female Ann_Smith MR:A-1234", "same", id="only a year"),
        pytest.param("- female Ann_Smith MR:A-1234", "same", id="no birth date"),
        pytest.param("- female Ann_Jones MR:A-1234", "unsure", id="nor one name"),
        pytest.param("- - - MR:A-1234", "unsure", id="nothing known"),
        # Which numbers are of a person.
        pytest.param("1950-03-01 female Ann_Smith MR:1234", None, id="another number"),
        pytest.param("1950-03-01 female Ann_Smith", None, id="no number, names alone"),
        pytest.param("1950-03-01 female Ann_Smith SN:A-1234", None, id="insurance"),
        pytest.param(
            "1950-03-01 female Ann_Smith MR:A-1234:temp", None, id="temporary"
        ),
        pytest.param("1950-03-01 female Ann_Smith MR:A-1234:old", "same", id="old"),
        pytest.param("1950-03-01 female Ann_Smith ~MR:A-1234", None, id="no system"),
        pytest.param("1950-03-01 female Ann_Smith -:A-1234", "same", id="no type"),
        pytest.param("1950-03-01 female Ann_Jones -:A-1234", "unsure", id="nor a name"),
        pytest.param("1950-03-01 - Ann_Smith -:A-1234", "unsure", id="nor a gender"),
        pytest.param("1950-03-07 female Ann_Smith -:A-1234", "unsure", id="nor a day"),
    ],
)
def test_two_who_share_a_number_are_one_if_what_stands_beside_it_agrees(other, verdict):
    told = united(drawn(f"{ANN}\neve {other}"))
    assert told.one == (one("ann", "eve") if verdict == "same" else set())
    doubts = {} if verdict in ("same", None) else {frozenset({"ann", "eve"}): verdict}
    assert told.conflicts == doubts


@pytest.mark.parametrize(
    ("born", "united_"), [("1900-01-02", True), ("1900-01-01", False)]
)
def test_two_whose_birth_nobody_knows_were_not_born_on_the_same_day(born, united_):
    same = f"{born} - - MR:A-1234"
    assert bool(united(drawn(f"ann {same}\neve {same}")).one) is united_


@pytest.mark.parametrize(
    "value", ["0000", "000-00-0000", "UNKNOWN", "n/a", "12", "123-45-6789", "not known"]
)
def test_what_stands_for_no_number_unites_nobody(value):
    value = value.replace(" ", "_")
    told = united(drawn(f"ann - - - SSN:{value}\neve - - - SSN:{value}"))
    assert (told.one, told.conflicts, told.hubs) == (set(), {}, 0)


def test_a_number_of_a_known_space_is_a_persons_whatever_its_spelling():
    ann, eve = drawn(
        "ann 1950-03-01 - - SSN:999-56-7131\neve 1950-03-01 - - SSN:999567131"
    )
    eve["identifier"][0]["system"] = "urn:oid:2.16.840.1.113883.4.1"
    assert united([ann, eve]).one == one("ann", "eve")


def test_two_old_numbers_unite_nobody():
    same = "1950-03-01 female Ann_Smith MR:A-1234:old"
    assert united(drawn(f"ann {same}\neve {same}")).one == set()


@pytest.mark.parametrize(("sharers", "united_"), [(5, True), (6, False)])
def test_a_number_that_many_share_is_nobodys(sharers, united_):
    lines = [f"p{n} 1950-03-01 female Ann_Smith MR:A-1234" for n in range(sharers)]
    told = united(drawn("\n".join(lines)))
    assert (bool(told.one), told.hubs) == (united_, 0 if united_ else 1)


def test_ids_that_links_unite_count_once_among_those_who_share_a_number():
    lines = [f"p{n} 1950-03-01 female Ann_Smith MR:A-1234 seealso>p0" for n in range(9)]
    told = united(drawn("\n".join(lines)))
    assert (len(next(iter(told.one))), told.hubs) == (9, 0)


@pytest.mark.parametrize("kind", ["replaced-by", "replaces", "refer", "seealso"])
def test_a_link_unites_whatever_else_is_said(kind):
    told = united(drawn(f"ann 1950-03-01 female Ann_Smith {kind}>bob\nbob - male -"))
    assert told.one == one("ann", "bob")
    assert set(told.by.values()) == {"link"}
    stays = {"replaced-by": "bob", "refer": "bob", "replaces": "ann"}.get(kind)
    assert stays in (None, *told.stays.values())


def test_the_last_of_a_chain_of_links_stays():
    told = united(drawn("a - - - replaced-by>b\nb - - - replaced-by>c\nc - - -"))
    assert told.stays == {"a": "c", "b": "c"}


def test_links_in_a_circle_leave_one_of_them():
    told = united(drawn("a - - - replaced-by>b\nb - - - replaced-by>a"))
    assert told.one == one("a", "b")


def test_what_refers_to_an_id_without_a_patient_is_of_the_one_who_names_it():
    assert united(drawn("ann - - - replaces>gone")).stays == {"gone": "ann"}
    assert united(drawn("ann - - - replaced-by>gone")).stays == {"gone": "ann"}


def test_two_who_are_linked_to_the_same_absent_id_are_one():
    told = united(drawn("a - - - replaced-by>gone\nb - - - replaced-by>gone"))
    assert told.one == one("a", "b", "gone")


@pytest.mark.parametrize("link", ["seealso>ann", "seealso>RelatedPerson/ann2"])
def test_a_link_to_oneself_or_to_a_relation_unites_nobody(link):
    assert united(drawn(f"ann - - - {link}")).one == set()


def test_uniting_is_transitive_and_says_why():
    told = united(
        drawn("""
        ann  1950-03-01 female Ann_Smith MR:A-1234
        ann2 1950-03-01 female Ann_Smith MR:A-1234 DL:D-7766
        ann3 1950-03-01 female Ann_Jones DL:D-7766 replaced-by>ann4
        ann4 - - -
        """)
    )
    assert told.stays == dict.fromkeys(("ann", "ann2", "ann3"), "ann4")
    assert told.by == {"ann": "identifier", "ann2": "identifier", "ann3": "link"}


def test_who_hang_together_with_a_contradiction_are_not_united_by_numbers():
    told = united(
        drawn("""
        ann  1950-03-01 female Ann_Smith MR:A-1234
        mid  1950-03-01 - - MR:A-1234 DL:D-7766
        eva  1950-03-01 female Eva_Smith MR:A-1234 DL:D-7766
        far  1960-05-05 male Bob_Brown DL:B-9988
        far2 1960-05-05 male Bob_Brown DL:B-9988
        """)
    )
    assert told.one == one("far", "far2")
    assert told.conflicts[frozenset({"ann", "eva"})] == "conflict"


CROWD = drawn("""
    a 1950-03-01 female Ann_Smith MR:A-1234
    b 1950-03-01 female Ann_Jones MR:A-1234 DL:D-7766
    c 1950-03-07 female Ann_Jones DL:D-7766 -:X-5555
    d 1950-03-01 female Eva_Smith MR:A-1234 -:X-5555
    e - - - replaced-by>f PPN:P-1111
    f 1971-01-01 male Bob_Brown PPN:P-2222
    g 1971-01-01 male Bob_Brown PPN:P-2222 seealso>h
    h - - -
""")


@given(st.permutations(CROWD), st.integers(0, 8))
def test_the_order_of_people_and_numbers_decides_nothing(order, few):
    expected = united([each for each in CROWD if each in order[:few]])
    turned = [
        each | {"identifier": each.get("identifier", [])[::-1] or None}
        for each in order[:few]
    ]
    turned = [{k: v for k, v in each.items() if v} for each in turned]
    assert united(turned) == expected


@given(st.permutations(CROWD), st.integers(1, 8))
def test_uniting_again_changes_nothing_and_a_person_has_one_id(order, few):
    people, numbers, links = told_of(order[:few])
    found = persons.merged(people, numbers, links).merged
    assert found["subject_id"].is_unique().all()
    assert not set(found["into"]) & set(found["subject_id"])
    assert set(found["into"]) <= set(people["subject_id"])
    again = persons.follow(persons.follow(people, found), found)
    assert again.equals(persons.follow(people, found))


def test_no_name_date_or_number_is_among_what_is_kept_of_a_patient():
    *_, numbers, _ = told_of(drawn("zoe 1951-02-03 female Zoe_Marker MR:77665544"))
    assert numbers.height == 1
    text = str(numbers.rows())
    assert not any(each in text for each in ("1951", "Zoe", "Marker", "7766", "female"))


def test_one_name_beside_two_numbers_has_two_hashes():
    *_, numbers, _ = told_of(drawn("zoe 1951-02-03 female Zoe_Marker MR:7766 DL:5544"))
    for each in ("token", "born", "gender", "given", "family"):
        assert numbers[each].n_unique() == 2


# The rows of `patients`.


def rows(text):
    """Read lines of `subject own born dies gender`, where `-` is null."""
    made = []
    for at, line in enumerate(text.strip().splitlines()):
        subject, own, born, dies, gender = line.split()
        made.append(
            dict.fromkeys(SCHEMAS["patients"])
            | {"file": 0, "entry": at, "subject_id": int(subject), "own": int(own)}
            | {"birth_date": None if born == "-" else date(int(born), 1, 1)}
            | {"death_time": None if dies == "-" else datetime(int(dies), 1, 1)}
            | {"gender": None if gender == "-" else gender}
            | {"provenance": f"Patient/{own:>016}"}
        )
    schema = SCHEMAS["patients"] | {"own": pl.Int64()}
    return pl.DataFrame(made, schema, orient="row")


def shown(frame):
    return [
        (row["subject_id"], row["birth_date"] and row["birth_date"].year,
         row["death_time"] and row["death_time"].year, row["gender"])
        for row in frame.sort("subject_id").iter_rows(named=True)
    ]  # fmt: skip


DRAWN = """
    7 9 1952 2012 male
    7 7 -    2015 -
    7 8 1951 2011 other
    5 5 -    -    -
"""


@pytest.mark.parametrize("order", permutations(DRAWN.strip().splitlines()))
def test_what_the_one_that_stays_does_not_say_is_filled_from_the_others(order):
    patients = rows("\n".join(order))
    stays, gone = persons.united(patients)
    assert shown(stays) == [(5, None, None, None), (7, 1951, 2015, "other")]
    assert set(gone["fate"]) == {"duplicate"}
    assert gone.height + stays.height == patients.height
    entry = patients.filter(own=7)["entry"].item()
    assert set(gone["kept_entry"]) == {entry}


def test_a_person_has_one_birth_and_one_death_where_several_ids_say_so():
    patients, _ = persons.united(rows("7 7 1950 - male\n7 9 1952 2015 male"))
    told = [
        ("MEDS_BIRTH", 1950, 7),
        ("MEDS_BIRTH", 1952, 9),
        ("MEDS_DEATH", 2015, 9),
    ]
    events = pl.DataFrame(
        [
            dict.fromkeys(SCHEMAS["events"])
            | {"subject_id": 7, "code": code, "resource_type": "Patient"}
            | {"time": datetime(year, 1, 1), "provenance": f"Patient/{own:>016}"}
            for code, year, own in told
        ],
        SCHEMAS["events"],
        orient="row",
    )
    kept = persons.lives(events, patients).sort("time")
    assert [each.year for each in kept["time"]] == [1950, 2015]


@pytest.mark.parametrize(
    ("said", "deceased"),
    [
        ((None, None), None), ((False, None), False), ((None, True), True),
        ((False, True), True), ((True, False), True),
    ],
)  # fmt: skip
def test_who_is_dead_for_one_is_dead(said, deceased):
    drawn = rows("7 7 1950 - male\n7 9 1952 - male")
    stays, _ = persons.united(drawn.with_columns(deceased=pl.Series(said, dtype=bool)))
    assert stays["deceased"].to_list() == [deceased]


# Nobody who shares a number in public data is united with a stranger.

RIGHT = {"cerner-sandbox": 1, "hl7-r4-examples": 2}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "bulk-ndjson-pathling", "cerner-sandbox", "hl7-r4-examples", "synthea-hiv-ciel",
        "synthea-15k-small-bundles", "synthea-collection-bundles", "validator-cases",
    ],
)  # fmt: skip
def test_in_public_data_only_those_are_united_who_are_one_person(shared, name):
    people, numbers, links = {}, [], []
    for path in read.files(shared / name):
        for entry in read.entries(path):
            if entry.kind != "Patient" or entry.raw is None:
                continue
            resource, _, _, refused, _ = accept.judged("Patient", entry.raw, full=False)
            if refused is not None or not resource.id:
                continue
            source = Source("Patient", resource, f"Patient/{resource.id}", {}, KEYS)
            if (own := source.subject_id()) not in people:
                people[own] = json.loads(entry.raw)
                mine = identifiers.identifiers(source)
                numbers += [(0, entry.number, own, *each) for each in mine]
                mine = identifiers.links(source)
                links += [(0, entry.number, own, *each) for each in mine]
    found = persons.merged(
        pl.DataFrame({"subject_id": list(people)}, {"subject_id": pl.Int64}),
        pl.DataFrame(numbers, IDENTIFIERS, orient="row"),
        pl.DataFrame(links, LINKS, orient="row"),
    )
    # Joe Smart and Eve Everywoman are there twice; Duck Donald's other id is empty.
    assert found.merged.height == RIGHT.get(name, 0)
