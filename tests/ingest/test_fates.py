"""Versions, copies and deletions: which is in the tables, and what is counted."""

import string
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.deciding import PEOPLE, TAKES, day, decided, drawn, line


def in_any_order(text: str):
    """Decide a drawn landing, its files first, last and in the middle; all must agree.

    Every order of a landing that hypothesis draws is asked below.
    """
    files = drawn(text)
    names = list(files)
    orders = {tuple(names[at:] + names[:at]) for at in range(len(names))}
    told = [
        decided({f"{place}": files[name] for place, name in enumerate(order)})
        for order in sorted({*orders, tuple(reversed(names))})
    ]
    assert all(each.fates == told[0].fates for each in told)
    assert all(each.tables.equals(told[0].tables) for each in told)
    return told[0]


def test_an_older_version_is_superseded_and_a_copy_is_a_duplicate():
    told = in_any_order("""
        b  o1  1  6.0
        b  o1  2  7.0
        c  o1  2  7.0
        d  o1  1  6.0
    """)
    assert told.values == [7.0]
    assert told.of("Observation") == {
        "read": 4,
        "accepted": 1,
        "duplicate": 1,
        "superseded": 2,
    }


def test_a_version_without_a_time_is_older_than_one_with():
    told = in_any_order("b o1 - 6.0\n c o1 1 7.0")
    assert told.values == [7.0]
    assert told.of("Observation") == {"read": 2, "accepted": 1, "superseded": 1}


@pytest.mark.parametrize(
    ("updated", "deleted", "stays"),
    [
        pytest.param("2", "3", False, id="deleted after it was updated"),
        pytest.param("2", "2", False, id="deleted in the same instant"),
        pytest.param("3", "2", True, id="updated since it was deleted"),
        pytest.param("2", "-", False, id="deleted nobody knows when"),
        pytest.param("-", "2", False, id="updated nobody knows when"),
        pytest.param("-", "-", False, id="nobody knows either"),
    ],
)
def test_times_decide_whether_a_deletion_holds(updated, deleted, stays):
    told = in_any_order(f"b o1 {updated} 6.0\n c o1 {deleted} gone")
    assert told.values == ([6.0] if stays else [])
    fates = {"accepted": 1, "deleted": 1} if stays else {"deleted": 2}
    assert told.of("Observation") == {"read": 2} | fates


@pytest.mark.parametrize(
    ("updated", "error", "stays"),
    [
        pytest.param("2", "3", False, id="taken back after it was final"),
        pytest.param("2", "2", False, id="taken back in the same instant"),
        pytest.param("3", "2", True, id="final since it was taken back"),
        pytest.param("2", "-", False, id="taken back nobody knows when"),
        pytest.param("-", "2", False, id="final nobody knows when"),
        pytest.param("-", "-", False, id="nobody knows either"),
    ],
)
def test_what_a_version_calls_an_error_goes_as_if_it_was_deleted(updated, error, stays):
    told = in_any_order(f"b o1 {updated} 6.0\n c o1 {error} error")
    assert told.values == ([6.0] if stays else [])
    older = {"accepted": 1} if stays else {"deleted": 1}
    assert told.of("Observation") == {"read": 2, "refused": 1} | older


def test_an_error_takes_nothing_along_but_its_own_older_versions():
    told = in_any_order("""
        b  o1  1  6.0
        c  o1  2  error
        d  o1  3  7.0
        d  o2  1  8.0
    """)
    assert told.values == [7.0, 8.0]
    assert told.of("Observation") == {
        "read": 4,
        "accepted": 2,
        "deleted": 1,
        "refused": 1,
    }
    # It is refused itself, so it is listed there and not among the duplicates.
    assert told.gone["fate"].to_list() == ["deleted"]


def test_an_error_without_an_id_is_called_as_its_bundle_calls_it():
    files = drawn("b o1 1 6.0\n c o1 2 error")
    for (entry,) in (files["b"], files["c"]):
        del entry["resource"]["id"]
        entry["fullUrl"] = "urn:uuid:7"
    told = decided(files)
    assert told.of("Observation") == {"read": 2, "deleted": 1, "refused": 1}


def test_what_came_back_after_its_deletion_stays_and_what_was_before_is_deleted():
    told = in_any_order("""
        b  o1  1  6.0
        c  o1  2  gone
        d  o1  3  7.0
    """)
    assert told.values == [7.0]
    assert told.of("Observation") == {"read": 3, "accepted": 1, "deleted": 2}


def test_of_two_deletions_the_later_one_holds():
    told = in_any_order("b o1 2 6.0\n c o1 1 gone\n d o1 3 gone")
    assert told.of("Observation") == {"read": 3, "deleted": 3}


def test_the_records_of_a_deleted_patient_have_nobody_and_are_refused():
    told = in_any_order("""
        a  ann  1  50
        b  ann  2  gone
        c  o1   1  6.0
        d  b1   1  7.0
        d  bob  1  60
    """)
    assert told.values == [7.0]
    assert told.of("Patient") == {"read": 3, "accepted": 1, "deleted": 2}
    assert told.of("Observation") == {"read": 2, "accepted": 1, "refused": 1}


def test_a_deletion_of_what_never_came_is_counted_and_does_nothing():
    told = decided(drawn("b o1 1 6.0\n c o2 1 gone"))
    assert (told.values, told.of("Observation")["deleted"]) == ([6.0], 1)


def test_a_deletion_by_identifier_takes_all_that_bear_it_and_no_other():
    files = drawn("b o1 1 6.0\n b o2 3 7.0\n c o3 1 8.0\n d o1 2 named\n e ann 1 50")
    for entry in (files["b"][1], files["c"][0]):
        entry["resource"]["identifier"] = files["b"][0]["resource"]["identifier"]
    told = decided(files)
    assert told.values == [7.0]  # it was updated since
    assert told.of("Observation") == {"read": 4, "accepted": 1, "deleted": 3}
    assert told.of("Patient") == {"read": 1, "accepted": 1}
    assert told.warnings == {}


def test_a_deletion_by_identifier_means_resources_of_its_type_alone():
    told = in_any_order("b o1 1 6.0\n c ann 1 50\n d ann 2 named")
    assert told.of("Patient") == {"read": 2, "deleted": 2}
    assert told.of("Observation") == {"read": 1, "refused": 1}


@pytest.mark.parametrize(
    "url",
    [
        "Observation?identifier=o1",
        "Observation?identifier=|o1",
        "Observation?identifier=urn:n|",
        "Observation?identifier=urn:n|o1,urn:n|o2",
        "Observation?identifier=urn:n|o1&status=final",
        "Observation?code=urn:n|o1",
        "Observation?",
        "Observation/",
        "",
    ],
)
def test_a_deletion_that_names_no_resource_is_counted_and_does_nothing(url):
    files = drawn("b o1 1 6.0\n b o1 2 gone")
    files["b"][1]["request"]["url"] = url
    told = decided(files)
    assert told.values == [6.0]
    assert sum(told.gone["fate"] == "deleted") == 1
    assert told.warnings == {"deletion-of-whom": 1}


def test_copies_name_the_one_that_stays_and_what_is_deleted_names_none():
    told = decided(drawn("b o1 1 6.0\n b o1 2 7.0\n b o2 1 6.0\n c o2 2 gone"))
    rows = told.gone.sort("file", "entry").rows()
    assert rows == [
        (1, 0, "Observation", "superseded", 1, 1),
        (1, 2, "Observation", "deleted", None, None),
        (2, 0, "Observation", "deleted", None, None),
    ]


# Whatever is said of a few resources, in whatever files.

NAMES = (*PEOPLE, "a1", "a2", "b1")
DAYS = st.sampled_from("-1234")
SAID = st.tuples(
    st.sampled_from(NAMES), DAYS, st.sampled_from([*TAKES, *"5678"]), st.integers(0, 3)
)
LANDING = st.lists(SAID, min_size=1, max_size=14)


def files_of(said, names):
    """Return the entries of each file."""
    files = {}
    for name, when, what, file in said:
        year_or_value = what if what in TAKES or name not in PEOPLE else f"{what}0"
        files.setdefault(names[file], []).append(line(name, when, year_or_value))
    return files


def expected(said):
    """Return what must come of it, by the shortest rules that say it."""
    fates, stays = Counter(), {}
    for name in NAMES:
        gone = [when for who, when, what, _ in said if who == name and what in TAKES]
        came = [
            (day(when) or "", what)
            for who, when, what, _ in said
            if who == name and what not in TAKES
        ]
        until = max((day(when) or "9999" for when in gone), default=None)
        alive = [e for e in came if until is None or (e[0] and e[0] > until)]
        fates["deleted"] += len(gone) + len(came) - len(alive)
        if alive:
            newest = max(alive)[0]
            stays[name] = {what for when, what in alive if when == newest}
            fates["others"] += len(alive) - 1
    orphans = {n for n in stays if n not in PEOPLE and _owner(n) not in stays}
    fates["refused"] = len(orphans)
    fates["accepted"] = len(stays) - len(orphans)
    return +fates, {n: v for n, v in stays.items() if n not in {*orphans, *PEOPLE}}


def _owner(name):
    return "bob" if name.startswith("b") else "ann"


@settings(max_examples=12)
@given(LANDING, st.permutations(string.ascii_lowercase[:4]), st.integers(1, 4))
def test_everything_that_came_has_one_fate_whatever_the_order_of_files(
    said, names, shards
):
    told = decided(files_of(said, string.ascii_lowercase), ranges=2)
    total = Counter()
    for fates in told.fates.values():
        total.update(fates)
    others = total.pop("duplicate") + total.pop("superseded")
    assert total.pop("read") == len(said)
    found, stays = expected(said)
    assert +(total + Counter(others=others)) == found
    assert len(told.values) == len(stays)
    assert all(any(float(v) in told.values for v in each) for each in stays.values())
    assert told.gone.height == others + total["deleted"]
    again = decided(files_of(said, names), shards=shards)
    assert (again.fates, again.values) == (told.fates, told.values)
    assert again.tables.equals(told.tables)
