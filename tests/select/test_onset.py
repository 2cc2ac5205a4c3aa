import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.core.errors import ParamsError
from chronicle.select.evidence import relevant
from chronicle.select.onset import each_time, first_met
from tests.drawn import day, events
from tests.select.plain import disease, said

TWO = {"codes": ["stated"], "count": 2, "within_days": 365, "alone_in": ["inpatient"]}
LOW = {
    "values": [{"measure": "egfr", "below": 60}],
    "count": 2, "apart_days": 90, "within_days": 730, "none_normal_between": True,
    "not_in": ["inpatient"],
}  # fmt: skip
WARDS = """
    ann -3000 ENCOUNTER//IMP id=ward
    ann -3000 ENCOUNTER//AMB id=clinic
    ann -3000 ENCOUNTER//EMER id=door
"""


def met(text: str, *any_of: dict) -> float | None:
    asked = disease(*any_of)
    found = relevant(events(WARDS + text), asked, said(asked))
    times = first_met(found, asked.onset.any_of, said(asked))["met"].to_list()
    return (times[0] - day(0)).total_seconds() / 86400 if times else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("ann 5 SNOMED//1", None, id="one code is none"),
        pytest.param("ann 5 SNOMED//1 during=ward", 5, id="one in hospital is enough"),
        pytest.param("ann 5 SNOMED//1 during=door", None, id="one at the door is not"),
        pytest.param("ann 5 SNOMED//1\nann 5.5 SNOMED//1", None, id="two on one day"),
        pytest.param("ann 5 SNOMED//1\nann 6 SNOMED//1", 6, id="two on two days"),
        pytest.param("ann 5.9 SNOMED//1\nann 6 SNOMED//1", 6, id="two around midnight"),
        pytest.param("ann 0 SNOMED//1\nann 365 SNOMED//1", 365, id="on the last day"),
        pytest.param("ann 0 SNOMED//1\nann 366 SNOMED//1", None, id="a day later"),
        pytest.param("ann 5 SNOMED//1\nann 6 SNOMED//9", None, id="of another disease"),
        pytest.param("ann 5 SNOMED//1 known=50\nann 6 SNOMED//1", 50, id="known late"),
        pytest.param(
            "ann 5 SNOMED//1 status=refuted\nann 6 SNOMED//1", None, id="refuted"
        ),
    ],
)
def test_one_inpatient_or_two_outpatient_codes(text, expected):
    assert met(text, TWO) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param([(0, 50)], None, id="one low value"),
        pytest.param([(0, 50), (89, 50)], None, id="89 days apart"),
        pytest.param([(0, 50), (90, 59)], 90, id="90 days apart"),
        pytest.param([(0, 50), (730, 50)], 730, id="two years apart"),
        pytest.param([(0, 50), (731, 50)], None, id="a day more"),
        pytest.param([(0, 50), (90, 60)], None, id="60 is not below 60"),
        pytest.param([(0, 50), (45, 60), (90, 50)], None, id="a normal one between"),
        pytest.param([(0, 50), (0, 80), (90, 50)], 90, id="a normal one on the day"),
        pytest.param(
            [(0, 50), (45, 80), (50, 50), (140, 50)], 140, id="again, after a normal"
        ),
    ],
)
def test_two_low_values_ninety_days_apart_and_no_normal_one_between(text, expected):
    lines = [f"ann {at} LOINC//33914-3 {value}" for at, value in text]
    assert met("\n".join(lines), LOW) == expected


def test_a_normal_value_that_comes_later_does_not_unmake_what_was_known():
    lows = "ann 0 LOINC//33914-3 50\nann 100 LOINC//33914-3 50"
    assert met(f"{lows}\nann 50 LOINC//33914-3 80 known=100", LOW) is None
    assert met(f"{lows}\nann 50 LOINC//33914-3 80 known=101", LOW) == 100


def test_a_value_in_a_setting_that_does_not_count_is_neither_low_nor_normal():
    lows = "ann 0 LOINC//33914-3 50\nann 100 LOINC//33914-3 50"
    assert met(f"{lows}\nann 50 LOINC//33914-3 80 during=ward", LOW) == 100
    assert met(lows.replace("50\n", "50 during=ward\n"), LOW) is None


@pytest.mark.parametrize(
    ("limit", "value", "beyond", "counts"),
    [
        ("below", 60, "<", True),
        ("below", 60, None, False),
        ("below", 60, "<=", None),
        ("below", 59, ">", None),
        ("below", 60, ">", False),
        ("below", 90, "<", None),
        ("at_least", 60, None, True),
        ("at_least", 60, "<", False),
        ("at_least", 70, "<", None),
        ("at_least", 59, ">", None),
        ("at_most", 60, None, True),
        ("at_most", 60, ">", False),
        ("at_most", 59, ">=", None),
        ("at_most", 61, "<", None),
    ],
)
def test_a_value_with_a_comparator_counts_only_if_it_must(limit, value, beyond, counts):
    word = f"beyond={beyond}" if beyond else ""
    one = {"values": [{"measure": "egfr", limit: 60}]}
    line = f"ann 50 LOINC//33914-3 {value} {word}"
    assert met(line, one) == (50 if counts else None)
    # Whether it is normal shows between two that count.
    far = 10 if limit != "at_least" else 99
    ends = f"ann 0 LOINC//33914-3 {far}\nann 100 LOINC//33914-3 {far}"
    rule = LOW | one
    assert met(f"{ends}\n{line}", rule) == (None if counts is False else 100)


def test_two_kinds_of_evidence_are_enough_when_the_second_is_there():
    both = {"all_of": [{"codes": ["stated"]}, {"codes": ["drugs"]}]}
    assert met("ann 9 SNOMED//1\nann 3 RXNORM//1", both) == 9
    assert met("ann 9 SNOMED//1\nbob 3 RXNORM//1", both) is None


def test_the_first_criterion_to_be_met_decides():
    text = "ann 0 SNOMED//1\nann 20 LOINC//33914-3 50\nann 30 SNOMED//1"
    assert met(text, TWO, {"values": [{"measure": "egfr", "below": 60}]}) == 20


def test_a_prefix_takes_in_what_is_not_excluded():
    one = {"codes": ["drugs"]}
    assert met("ann 1 RXNORM//22", one) is None
    assert met("ann 1 RXNORM//23", one) == 1


def test_what_recurs_is_an_onset_each_time_it_happens():
    asked = disease({"codes": ["stated"]}, recurrent=True)
    text = "ann 1 SNOMED//1 known=9\nann 5 SNOMED//1\nann 5 SNOMED//1 77"
    found = relevant(events(text), asked, said(asked))
    times = each_time(found, asked.onset.any_of, said(asked))
    assert times["met"].to_list() == [day(1), day(5)]


@pytest.mark.parametrize(
    ("criterion", "told"),
    [
        ({"values": [{"measure": "weight", "below": 1}]}, "weight: no measure"),
        ({"codes": ["stated"], "not_in": ["spa"]}, "spa: no setting"),
    ],
)
def test_a_name_that_params_do_not_have_is_an_error_that_says_so(criterion, told):
    asked = disease(criterion)
    with pytest.raises(ParamsError, match=told):
        said(asked)


CODES = st.tuples(
    st.integers(0, 12),
    st.sampled_from(["SNOMED//1"]),
    st.just(""),
    st.integers(0, 8),
    st.sampled_from(["ward", "clinic", ""]),
)
VALUES = st.tuples(
    st.integers(0, 12),
    st.just("LOINC//33914-3"),
    st.sampled_from(["50", "70"]),
    st.integers(0, 8),
    st.sampled_from(["ward", "clinic", ""]),
)


def oracle(rows: list[tuple], rule: dict) -> int | None:
    """Ask each day, with what is known on it, whether the rule is met."""

    def holds(today: int) -> bool:
        known = [r for r in rows if r[0] + r[3] <= today]
        known = [r for r in known if r[4] not in rule["not_in"]]
        good = [r for r in known if r[2] != "70"]
        bad = [r for r in known if r[2] == "70"]
        if any(r[4] in rule["alone_in"] for r in good):
            return True
        return any(
            rule["apart"] <= b[0] - a[0] <= rule["within"]
            and not (
                rule["normal"] and any(a[0] < n[0] < b[0] for n in bad)
            )
            for a in good
            for b in good
        )  # fmt: skip

    return next((today for today in range(40) if holds(today)), None)


@given(
    st.lists(st.one_of(CODES, VALUES), max_size=10),
    st.booleans(),
    st.integers(1, 5),
    st.integers(0, 6),
    st.booleans(),
)
def test_a_plain_reading_of_the_time_rules_agrees(rows, of_codes, apart, more, strict):
    code = "SNOMED//1" if of_codes else "LOINC//33914-3"
    rows = [row for row in rows if row[1] == code]
    rule = {
        "apart": apart, "within": apart + more, "normal": strict and not of_codes,
        "alone_in": {"ward"} if of_codes else set(),
        "not_in": set() if of_codes else {"ward"},
    }  # fmt: skip
    kind = (
        {"codes": ["stated"], "alone_in": ["inpatient"]}
        if of_codes
        else {
            "values": [{"measure": "egfr", "below": 60}],
            "not_in": ["inpatient"],
            "none_normal_between": strict,
        }
    )
    asked = {"count": 2, "apart_days": apart, "within_days": apart + more, **kind}
    text = "\n".join(
        f"ann {at} {code} {value} known={at + late} {f'during={ward}' if ward else ''}"
        for at, code, value, late, ward in rows
    )
    assert met(text, asked) == oracle(rows, rule)
