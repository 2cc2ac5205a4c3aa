"""Who is asked is decided by what was known when the question was put."""

from hypothesis import given, settings
from hypothesis import strategies as st

from chronicle.select.cohort import KEY, Sight, cohort, today
from tests.drawn import NAMES, day, events, index_rows, patients
from tests.select.plain import disease, said

GAP, HORIZON = 30, 730
ASKED = disease(
    {"codes": ["stated"], "count": 2, "within_days": 365, "alone_in": ["inpatient"]},
    {
        "values": [{"measure": "egfr", "below": 60}],
        "count": 2,
        "apart_days": 90,
        "none_normal_between": True,
    },
    prevalent=[{"codes": ["stated", "drugs"]}],
)
PEOPLE = patients("ann 1950 female\nbob 1960 male\ncid 2005 other\ndot 1980 female")


@st.composite
def lines(draw, days, known):
    name, at = draw(st.sampled_from(NAMES)), draw(days)
    code = draw(st.sampled_from(["SNOMED//1", "RXNORM//1", "LOINC//33914-3 50"]))
    later = draw(known)
    return f"{name} {at} {code} known={max(at, later)}"


past = st.lists(lines(st.integers(-2000, 0), st.integers(-2000, 0)), max_size=12)
# Planted leaks: of any date, and known only after the gap.
unknown = st.lists(lines(st.integers(-2000, 3000), st.integers(GAP + 1, 4000)))


def drawn(text: list[str]):
    seen = [f"{name} {at} LOINC//1-8 1" for name in NAMES for at in (-1000, 2500)]
    rows, steps = cohort(
        PEOPLE,
        events("\n".join(seen + text)),
        index_rows(*NAMES),
        ASKED,
        said(ASKED),
        Sight(lost_after_days=365, end=day(3000)),
    )
    return rows.sort(KEY), steps


@given(past=past, unknown=unknown)
def test_what_becomes_known_later_puts_nobody_in_or_out(past, unknown):
    (before, steps), (after, again) = drawn(past), drawn(past + unknown)
    assert steps == again
    assert before.select(KEY, "age_years").equals(after.select(KEY, "age_years"))


@settings(max_examples=40)
@given(past=past, unknown=unknown)
def test_who_is_at_risk_today_is_whom_a_cohort_would_ask(past, unknown):
    known = events("\n".join([f"{name} -1000 LOINC//1-8 1" for name in NAMES] + past))
    now = today(PEOPLE, known, index_rows(*NAMES), ASKED, said(ASKED))
    asked, _ = drawn(past + unknown)
    assert now.height == len(NAMES)
    at_risk = now.filter(now["out"].is_null()).sort(KEY)
    assert at_risk.select(KEY).equals(asked.select(KEY))


@given(past=past, unknown=unknown)
def test_an_outcome_is_what_becomes_known_in_time(past, unknown):
    later = [each for each in unknown if int(each.rpartition("=")[2]) > HORIZON]
    assert drawn(past)[0].equals(drawn(past + later)[0])
    for row in drawn(past + unknown)[0].iter_rows(named=True):
        if row["status"] == "onset":
            assert GAP < row["time_days"] <= HORIZON


def test_what_becomes_known_later_does_make_outcomes():
    rows, _ = drawn(["ann -5 SNOMED//1 known=100", "ann 50 SNOMED//1"])
    assert rows.row(0, named=True)["time_days"] == 100
