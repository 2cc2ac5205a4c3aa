"""Which resources say one fact, and which say two."""

from datetime import datetime, timedelta
from itertools import permutations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.ingest import facts
from chronicle.ingest.batch import SCHEMAS, SEEN
from chronicle.ingest.fates import WHERE
from chronicle.ingest.source import Event

KINDS = {
    "o": "Observation", "c": "Condition", "m": "MedicationRequest", "e": "Encounter",
    "p": "Patient",
}  # fmt: skip


def drawn(text):
    """Return events and resources, from lines of

    `name subject day[Thour] code [value] [unit=…] [text=…] [in=…] [known=day]
    [end=hour] [status=…] [rest=…]`, where the first letter of the name is the type and
    lines of one name are one resource; `rest` is whatever else that says.
    """
    lines = [line.split() for line in text.strip().splitlines()]
    names = list(dict.fromkeys(line[0] for line in lines))
    events, seen = [], {}
    for name, subject, when, code, *more in lines:
        named = dict(each.split("=") for each in more if "=" in each)
        values = [float(each) for each in more if "=" not in each]
        shared = {
            "file": 0, "entry": names.index(name), "subject_id": int(subject),
            "resource_type": KINDS[name[0]], "provenance": f"{KINDS[name[0]]}/{name}",
        }  # fmt: skip
        seen[name] = dict.fromkeys(SEEN) | shared
        seen[name]["told"] = named.get("rest", "-").encode()
        visit = named.get("in")
        events.append(
            dict.fromkeys(SCHEMAS["events"])
            | shared
            | {
                "time": time(when),
                "available_time": time(named.get("known", when)),
                "end_time": time(named["end"]) if "end" in named else None,
                "code": code if "//" in code else f"LOINC//{code}",
                "numeric_value": values[0] if values else None,
                "source_value": values[0] if values else None,
                "source_unit": named.get("unit"),
                "text_value": named.get("text"),
                "status": named.get("status", "final"),
                "encounter_id": f"Encounter/{visit}" if visit else None,
            }
        )
    for name, row in seen.items():
        said = [each for each in events if each["entry"] == row["entry"]]
        if facts.measured(KINDS[name[0]], [spoken(each) for each in said]):
            row["told"] = facts.MEASURED
    return (
        pl.DataFrame(events, SCHEMAS["events"], orient="row"),
        pl.DataFrame(list(seen.values()), SEEN, orient="row"),
    )


def spoken(row):
    ticks = (row["time"] - datetime(1970, 1, 1)) // timedelta(microseconds=1)
    own = {name: row[name] for name in Event.__struct_fields__ if name in row}
    return Event(**own | {"time": ticks})


def time(text):
    day, _, hour = text.partition("T")
    return datetime(2012, 1, int(day), int(hour or 0))


def again(text):
    """Return what goes and what is kept, by their names."""
    return shown(facts.doubled(*drawn(text)))


def shown(gone):
    return {
        row["provenance"].partition("/")[2]: row["kept"].partition("/")[2]
        for row in gone.iter_rows(named=True)
    }


def test_a_result_that_came_twice_is_one_and_what_was_known_first_stays():
    assert again("""
        o1 1 3T8 4548-4 7.0 known=5
        o2 1 3T8 4548-4 7.0 known=4
        o3 1 3T8 4548-4 7.0 known=4
    """) == {"o1": "o2", "o3": "o2"}


def converted(text):
    """As `drawn`, of numbers that stand in the unit that is kept, and its source's."""
    events, resources = drawn(text)
    percent = 0.09148 * pl.col("numeric_value") + 2.152
    ifcc = pl.col("source_unit") == "mmol/mol"
    value = pl.when(ifcc).then(percent).otherwise("numeric_value")
    return events.with_columns(numeric_value=value, unit=pl.lit("%")), resources


@pytest.mark.parametrize(
    ("other", "gone"),
    [
        pytest.param("1 3T8 4548-4 53 unit=mmol/mol", True, id="but for rounding"),
        pytest.param("1 3T8 4548-4 56 unit=mmol/mol", False, id="another value"),
        pytest.param("1 3T8 4548-4 7.01 unit=%", False, id="near, in the same unit"),
        pytest.param("1 3T9 4548-4 53 unit=mmol/mol", False, id="another time"),
        pytest.param("1 3 4548-4 53 unit=mmol/mol", False, id="another day's"),
    ],
)
def test_a_result_that_came_again_in_another_unit_is_one(other, gone):
    text = f"o1 1 3T8 4548-4 7.0 unit=% known=4\no2 {other} known=5"
    told = facts.doubled(*converted(text))
    assert shown(told) == ({"o2": "o1"} if gone else {})


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("2 3T8 4548-4 7.0 unit=%", id="patient"),
        pytest.param("1 3T9 4548-4 7.0 unit=%", id="time"),
        pytest.param("1 3T8 4549-2 7.0 unit=%", id="code"),
        pytest.param("1 3T8 4548-4 7.1 unit=%", id="value"),
        pytest.param("1 3T8 4548-4 unit=%", id="no value"),
        pytest.param("1 3T8 4548-4 7.0 unit=mmol/mol", id="unit"),
        pytest.param("1 3T8 4548-4 7.0", id="no unit"),
        pytest.param("1 3T8 4548-4 7.0 unit=% status=amended", id="status"),
        pytest.param("1 3T8 4548-4 7.0 unit=% end=3T9", id="end"),
        pytest.param("1 3T8 4548-4 7.0 unit=% text=LOINC//LA1-1", id="answer"),
    ],
)
def test_what_differs_in_anything_that_tables_hold_is_another_fact(other):
    assert again(f"o1 1 3T8 4548-4 7.0 unit=%\no2 {other}") == {}
    assert again("o1 1 3T8 4548-4 7.0 unit=%\no2 1 3T8 4548-4 7.0 unit=%") != {}


def test_a_fact_of_another_type_is_another_one():
    assert again("o1 1 3T8 X//1\nc1 1 3T8 X//1") == {}


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        # A number measured at an instant: in whatever words and visit.
        pytest.param("o1 1 3T8 1-1 7.0", "o2 1 3T8 1-1 7.0 rest=x", True, id="number"),
        pytest.param(
            "o1 1 3T8 1-1 7.0 in=e1", "o2 1 3T8 1-1 7.0 in=e2", True, id="visits"
        ),
        # All else: only if the rest is the same as well.
        pytest.param("o1 1 3 1-1 7.0", "o2 1 3 1-1 7.0 rest=x", False, id="only a day"),
        pytest.param(
            "o1 1 3 1-1 7.0", "o2 1 3 1-1 7.0", True, id="a day, and the rest"
        ),
        pytest.param(
            "o1 1 3T8 UNCODED//Observation 7.0",
            "o2 1 3T8 UNCODED//Observation 7.0 rest=x",
            False,
            id="no code",
        ),
        pytest.param("o1 1 3T8 1-1", "o2 1 3T8 1-1 rest=x", False, id="no value"),
        pytest.param(
            "o1 1 3T8 1-1 text=A//1",
            "o2 1 3T8 1-1 text=A//1 rest=x",
            False,
            id="answer",
        ),
        pytest.param("m1 1 3T8 R//1", "m2 1 3T8 R//1 rest=x", False, id="another dose"),
        pytest.param("m1 1 3 R//1", "m2 1 3 R//1", True, id="the same dose"),
        pytest.param("c1 1 3 S//1", "c2 1 3 S//1 rest=x", False, id="another category"),
        pytest.param(
            "e1 1 3T8 E//1", "e2 1 3T8 E//1 rest=x", False, id="another clinic"
        ),
        pytest.param("e1 1 3T8 E//1", "e2 1 3T8 E//1", True, id="the same visit"),
        pytest.param("e1 1 3 E//1", "e2 1 3 E//1", False, id="two visits on one day"),
        # Where it was: equal, or nobody says otherwise.
        pytest.param("c1 1 3 S//1 in=e1", "c2 1 3 S//1 in=e1", True, id="one visit"),
        pytest.param("c1 1 3 S//1 in=e1", "c2 1 3 S//1", True, id="one says no visit"),
        pytest.param("c1 1 3 S//1 in=e1", "c2 1 3 S//1 in=e2", False, id="two visits"),
        # A patient is not a fact of this kind.
        pytest.param("p1 1 3 MEDS_BIRTH", "p2 1 3 MEDS_BIRTH", False, id="a birth"),
    ],
)
def test_two_are_one_fact_only_if_nothing_may_tell_them_apart(first, second, one):
    assert bool(again(f"{first}\n{second}")) == one


def test_a_panel_that_says_more_is_not_the_same():
    assert (
        again("""
        o1 1 3T8 8480-6 120
        o1 1 3T8 8462-4 80
        o2 1 3T8 8480-6 120
        o3 1 3T8 8480-6 120
        o3 1 3T8 8462-4 81
    """)
        == {}
    )


def test_panels_that_say_all_the_same_are_one_in_any_order_of_their_parts():
    assert again("""
        o1 1 3T8 8480-6 120
        o1 1 3T8 8462-4 80
        o2 1 3T8 8462-4 80
        o2 1 3T8 8480-6 120
    """) == {"o2": "o1"}


def test_a_panel_that_says_a_part_twice_is_not_one_that_says_it_once():
    assert again("o1 1 3T8 1-1 7.0\no1 1 3T8 1-1 7.0\no2 1 3T8 1-1 7.0") == {}


def test_of_three_who_name_two_visits_each_stays():
    assert again("c1 1 3 S//1 in=e1\nc2 1 3 S//1 in=e2\nc3 1 3 S//1") == {}


def test_what_was_in_a_visit_that_goes_is_in_the_one_that_is_kept():
    text = """
        e1 1 3T8 E//AMB in=e1
        e2 1 3T8 E//AMB in=e2
        c1 1 3 S//1 in=e1
        c2 1 3 S//1 in=e2
        c3 1 3 S//2 in=e2
    """
    events, seen = drawn(text)
    gone = facts.doubled(events, seen)
    assert shown(gone) == {"e2": "e1", "c2": "c1"}
    kept = facts.once(events, gone)
    assert set(kept["encounter_id"]) == {"Encounter/e1"}
    assert kept.height == 3


LINES = st.lists(
    st.builds(
        "{} {} {} {} {}".format,
        st.sampled_from(["o1", "o2", "o3", "o4", "c1", "c2", "e1", "e2", "m1", "m2"]),
        st.just("1"),
        st.sampled_from(["3", "3T8"]),
        st.sampled_from(["1-1", "1-2", "UNCODED//x"]),
        st.sampled_from(
            ["7.0", "7.0 in=e1", "7.0 in=e2", "", "7.0 rest=x", "6 known=5"]
        ),
    ),
    min_size=1,
    max_size=14,
)


@given(LINES, st.randoms(use_true_random=False))
def test_nothing_is_lost_or_said_twice_whatever_the_order(lines, chance):
    events, seen = drawn("\n".join(lines))
    gone = facts.doubled(events, seen)
    assert gone.select(WHERE).is_duplicated().sum() == 0
    assert not set(gone["provenance"]) & set(gone["kept"])
    kept = facts.once(events, gone)
    stays = seen.join(gone, on=WHERE, how="anti")
    assert stays.height + gone.height == seen.height
    assert set(kept["provenance"]) == set(stays["provenance"])
    assert facts.doubled(kept, stays).is_empty()
    order = list(range(events.height))
    chance.shuffle(order)
    assert shown(facts.doubled(events[order], seen.reverse())) == shown(gone)


@pytest.mark.parametrize("order", permutations(range(3)))
def test_which_one_stays_does_not_depend_on_the_order_of_files(order):
    names = ["o1 known=5", "o2 known=4", "o3 known=4"]
    lines = ["{} 1 3T8 1-1 7.0 {}".format(*names[at].split()) for at in order]
    assert again("\n".join(lines)) == {"o1": "o2", "o3": "o2"}
